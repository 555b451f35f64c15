"""What is typed and not saved: kept for whoever typed it alone, offered again, gone when saved, thrown away or a week old."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import make_agent, make_dispatcher, signed_in
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.kernel.ids import new_id
from tidings.kernel.models import AuditLine
from tidings.messaging import actions, queries
from tidings.messaging.jobs import forgetting_unsaved
from tidings.messaging.models import FirmText, Unsaved
from tidings.messaging.rules.unsaved import LONGEST, MOST_SHEETS, Typing, is_saved, typing_of

pytestmark = pytest.mark.django_db

WHERE = ("fire", "first_notice", "en")
ABOUT = "text/fire/first_notice/en"
PAGE = reverse("messaging:text", args=WHERE)
KEEP, AWAY = reverse("messaging:keep_text", args=WHERE), reverse("messaging:throw_away_text", args=WHERE)


def writer() -> Actor:
    return Actor(ActorKind.PERSON, str(new_id()), frozenset({"text.change", "message.read"}))


def text() -> queries.Text:
    return queries.texts_for(*WHERE[:2])[WHERE[2]]


def changed(said: str) -> str:
    return text().source.replace("subject: ", f"subject: {said} ", 1)


def keep(actor: Actor, words: str, sheet: UUID | None = None, about: str = ABOUT) -> UUID:
    sheet = sheet or new_id()
    actions.keep_unsaved(actor, about, sheet, {"en": Typing({"source": words}, {"source": ""})}, seen="")
    return sheet


def typed_on(client: Client, words: str, sheet: UUID, digest: str = "") -> Any:
    given = {"source": words, "seen_digest": digest or text().digest, "sheet": str(sheet)}
    return client.post(KEEP, given, headers={"HX-Request": "true"})


def offered(page: str) -> bool:
    return "and did not save it" in page


@pytest.mark.parametrize(
    ("typed", "shown", "kept"),
    [
        ({"a": "new", "b": "old"}, {"a": "", "b": "old"}, {"a": "new"}),
        ({"a": "one\r\ntwo "}, {"a": "one\ntwo"}, {}),
        ({"a": ""}, {"a": "what stood there"}, {"a": ""}),
        ({"a": "x\0y"}, {}, {"a": "xy"}),
    ],
)
def test_only_what_differs_from_what_was_shown_is_kept(
    typed: dict[str, str], shown: dict[str, str], kept: dict[str, str]
) -> None:
    assert typing_of(typed, shown).typed == kept


def test_what_stands_already_is_saved() -> None:
    assert is_saved({"a": "x\r\n"}, {"a": "x", "b": "y"}) and not is_saved({"a": "x", "b": "z"}, {"a": "x"})


def test_each_keeping_takes_the_place_of_the_one_before_and_leaves_no_trace_elsewhere() -> None:
    me = writer()
    sheet = keep(me, "One")
    keep(me, "Two", sheet)
    [found] = queries.unsaved(me, ABOUT)
    assert found.parts["en"].typed == {"source": "Two"} and Unsaved.objects.count() == 1
    assert not AuditLine.objects.exists() and not FirmText.objects.exists()
    actions.keep_unsaved(me, ABOUT, sheet, {"en": Typing({}, {})}, seen="")
    assert queries.unsaved(me, ABOUT) == []


def test_openings_stand_side_by_side_the_same_words_once_and_only_the_newest_few() -> None:
    me = writer()
    keep(me, "The same")
    keep(me, "The same")
    assert len(queries.unsaved(me, ABOUT)) == 1
    sheets = [keep(me, f"Words {number}") for number in range(MOST_SHEETS + 2)]
    assert [one.sheet for one in queries.unsaved(me, ABOUT)] == sheets[::-1][:MOST_SHEETS]


def test_nobody_else_finds_it_or_throws_it_away_and_no_program_keeps_any() -> None:
    me, other = writer(), writer()
    sheet = keep(me, "Mine")
    assert queries.unsaved(other, ABOUT) == [] and queries.unsaved(me, "text/fire/update/en") == []
    actions.throw_away(other, ABOUT, sheet)
    assert len(queries.unsaved(me, ABOUT)) == 1
    actions.throw_away(me, ABOUT, sheet)
    assert queries.unsaved(me, ABOUT) == []
    key = Actor(ActorKind.KEY, str(new_id()), frozenset({"text.change"}))
    for actor in (key, Actor(ActorKind.PERSON, str(new_id()), frozenset({"message.read"}))):
        with pytest.raises(Refused, match="not_allowed"):
            keep(actor, "Not mine to write")
    with pytest.raises(Refused, match="typed_too_long"):
        keep(me, "x" * (LONGEST + 1))
    assert not Unsaved.objects.exists()


def test_a_week_later_it_is_forgotten() -> None:
    me = writer()
    keep(me, "Old")
    Unsaved.objects.update(typed_at=now() - timedelta(days=7, minutes=1))
    assert queries.unsaved(me, ABOUT) == []
    keep(me, "New")
    forgetting_unsaved()
    assert [row.typed["source"] for row in Unsaved.objects.all()] == ["New"]


def test_the_page_keeps_what_is_typed_offers_it_again_and_gives_it_back() -> None:
    user = make_dispatcher()
    client, sheet = signed_in(user), new_id()
    assert "data-keep" in client.get(PAGE).text and not offered(client.get(PAGE).text)
    answer = typed_on(client, changed("Typed"), sheet)
    assert answer.json()["said"].startswith("saved ") and answer.json()["newer"] == ""
    page = signed_in(user).get(PAGE).text
    assert offered(page) and f"?take_up={sheet}" in page and "subject: Typed" in page
    assert "subject: Typed" not in page.partition("<textarea")[2].partition("</textarea>")[0]
    taken = client.get(f"{PAGE}?take_up={sheet}").text
    assert "subject: Typed" in taken.partition("<textarea")[2] and not offered(taken)
    assert f'name="sheet" value="{sheet}"' in taken
    assert not offered(signed_in(make_dispatcher(email="other@example.org")).get(PAGE).text)


def test_saving_it_or_throwing_it_away_ends_the_offer() -> None:
    client, first, second = signed_in(make_dispatcher()), new_id(), new_id()
    for sheet in (first, second):
        typed_on(client, changed(str(sheet)), sheet)
    given = {"source": changed(str(first)), "seen_digest": text().digest, "sheet": str(first)}
    assert client.post(PAGE, given).status_code == 302
    assert [row.sheet for row in Unsaved.objects.all()] == [second]
    assert client.post(AWAY, {"sheet": str(second)}).headers["Location"] == PAGE
    assert not Unsaved.objects.exists() and not offered(client.get(PAGE).text)


def test_what_came_too_late_to_be_kept_and_stands_already_is_not_offered() -> None:
    client, sheet, before = signed_in(make_dispatcher()), new_id(), text()
    given = {"source": changed("Saved"), "seen_digest": before.digest, "sheet": str(sheet)}
    client.post(PAGE, given)
    typed_on(client, given["source"], sheet, before.digest)
    assert not offered(client.get(PAGE).text)


def test_a_newer_version_of_somebody_else_is_told_and_shown_beside_and_not_overwritten() -> None:
    client, sheet, before = signed_in(make_dispatcher()), new_id(), text().digest
    mine, theirs = changed("Mine"), changed("Theirs")
    typed_on(client, mine, sheet)
    actions.set_text(writer(), *WHERE, theirs, seen_digest=before)
    assert "saved a newer version" in typed_on(client, mine, sheet, before).json()["newer"]
    assert "saved a newer version" in client.get(PAGE).text
    taken = client.get(f"{PAGE}?take_up={sheet}").text
    assert "<ins>Mine" in taken and "<del>Theirs" in taken and "subject: Mine" in taken
    refused = client.post(PAGE, {"source": mine, "seen_digest": before, "sheet": str(sheet)})
    assert refused.status_code == 422 and "saved a newer version" in refused.text
    assert "<ins>Mine" in refused.text and text().source.startswith("subject: Theirs")
    given = {"source": mine, "seen_digest": text().digest, "sheet": str(sheet)}
    assert client.post(PAGE, given).status_code == 302 and text().source.startswith("subject: Mine")


def test_who_may_not_write_it_is_offered_nothing_and_keeps_nothing() -> None:
    client = signed_in(make_agent())
    assert "data-keep" not in client.get(PAGE).text
    assert typed_on(client, changed("No"), new_id()).status_code == 403
    assert typed_on(Client(), changed("No"), new_id()).status_code == 401
    assert not Unsaved.objects.exists()
