"""What is typed of a message and not saved: kept per person and language, offered again, told apart from what others saved."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import make_agent, make_dispatcher, signed_in
from tidings.incidents import actions
from tidings.incidents.models import Incident, Sending
from tidings.incidents.tests.cast import approve, make_hub_of_shipments, make_opened
from tidings.kernel.actor import Actor
from tidings.kernel.ids import new_id
from tidings.messaging.models import Message, Unsaved

pytestmark = pytest.mark.django_db

MINE, THEIRS = "The hall burned down.", "The hall is closed."


def opened() -> tuple[Actor, Incident, dict[str, str]]:
    """An incident, and the addresses of writing its update, keeping and throwing away what is typed."""
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    pages = ("write", "keep", "throw_away")
    return (
        actor,
        incident,
        {page: reverse(f"incidents:{page}", args=[incident.number, "update"]) for page in pages},
    )


def form(sheet: object, seen: str = "", **typed: str) -> dict[str, str]:
    """What the page sends: each sentence beside what was shown in its place."""
    said = {name.replace("_", ".", 1): words for name, words in typed.items()}
    return {**said, **{f"initial-{name}": "" for name in said}, "sheet": str(sheet), "seen_message": seen}


def keep(client: Client, address: str, given: dict[str, str]) -> Any:
    return client.post(address, given, headers={"HX-Request": "true"})


def in_field(page: str, name: str) -> str:
    return page.partition(f'<textarea name="{name}"')[2].partition(">")[2].partition("</textarea>")[0].strip()


def test_it_is_kept_per_language_offered_on_another_device_and_taken_up_where_it_stood() -> None:
    _actor, _incident, at = opened()
    user, sheet = make_dispatcher(), new_id()
    given = form(sheet, en_status=MINE, nl_status="De hal is afgebrand.")
    assert keep(signed_in(user), at["keep"], given).json()["said"].startswith("saved ")
    assert {row.language: row.typed for row in Unsaved.objects.all()} == {
        "en": {"status": MINE},
        "nl": {"status": "De hal is afgebrand."},
    }
    page = signed_in(user).get(at["write"]).text
    assert "and did not save it" in page and MINE in page and in_field(page, "en.status") == ""
    taken = signed_in(user).get(f"{at['write']}?take_up={sheet}").text
    assert (in_field(taken, "en.status"), in_field(taken, "nl.status")) == (MINE, "De hal is afgebrand.")
    assert "and did not save it" not in taken
    assert not Message.objects.exists()


def test_nobody_else_is_offered_it_nor_may_who_may_not_write_keep_any() -> None:
    _actor, _incident, at = opened()
    sheet = new_id()
    keep(signed_in(make_dispatcher()), at["keep"], form(sheet, en_status=MINE))
    other = signed_in(make_dispatcher(email="other@example.org"))
    assert MINE not in other.get(at["write"]).text + other.get(f"{at['write']}?take_up={sheet}").text
    other.post(at["throw_away"], {"sheet": str(sheet)})
    assert Unsaved.objects.count() == 1
    assert keep(signed_in(make_agent()), at["keep"], form(new_id(), en_status="x")).status_code == 403


def test_saving_ends_it_and_so_does_throwing_it_away_and_typing_it_back() -> None:
    _actor, _incident, at = opened()
    client, sheets = signed_in(make_dispatcher()), [new_id() for _ in range(3)]
    for number, sheet in enumerate(sheets):
        keep(client, at["keep"], form(sheet, en_status=f"{MINE} {number}"))
    assert client.post(at["write"], form(sheets[0], en_status=MINE)).status_code == 302
    assert client.post(at["throw_away"], {"sheet": str(sheets[1])}).headers["Location"] == at["write"]
    assert keep(client, at["keep"], form(sheets[2], en_status="")).json()["said"] == ""
    assert not Unsaved.objects.exists() and Sending.objects.count() == 1


def test_what_somebody_else_saved_meanwhile_is_told_and_set_beside_it() -> None:
    actor, incident, at = opened()
    client, sheet = signed_in(make_dispatcher()), new_id()
    given = form(sheet, en_status=MINE)
    keep(client, at["keep"], given)
    actions.write_phase(actor, incident.pk, "update", {"en": {"status": THEIRS}})
    assert "saved a newer version" in keep(client, at["keep"], given).json()["newer"]
    assert "saved a newer version" in client.get(at["write"]).text
    taken = client.get(f"{at['write']}?take_up={sheet}").text
    assert in_field(taken, "en.status") == MINE and f"<td>{THEIRS}</td><td>{MINE}</td>" in taken
    assert client.post(at["write"], given).status_code == 409
    assert Sending.objects.count() == 1


def test_what_differs_in_another_sentence_is_joined_as_when_both_save() -> None:
    actor, incident, at = opened()
    client, sheet = signed_in(make_dispatcher()), new_id()
    keep(client, at["keep"], form(sheet, en_status=MINE))
    actions.write_phase(actor, incident.pk, "update", {"en": {"measures": THEIRS}})
    taken = client.get(f"{at['write']}?take_up={sheet}").text
    assert (in_field(taken, "en.status"), in_field(taken, "en.measures")) == (MINE, THEIRS)
    assert '<th scope="col">Stands now' not in taken


def test_a_correction_of_another_message_has_its_own() -> None:
    actor, incident, _at = opened()
    approve(actions.tell_phase(actor, incident.pk, "first_notice", None).message_id)
    actions.tell_phase(actor, incident.pk, "first_notice")
    sent = Sending.objects.get(sent_at__isnull=False)
    client, sheet = signed_in(make_dispatcher()), new_id()
    write, away = (
        reverse(f"incidents:{one}", args=[incident.number, "correction"]) for one in ("write", "throw_away")
    )
    given = {**form(sheet, en_what_is_right=MINE), "corrects": str(sent.message_id)}
    assert (
        keep(client, reverse("incidents:keep", args=[incident.number, "correction"]), given).status_code
        == 200
    )
    assert f"of={sent.message_id}&amp;take_up={sheet}" in client.get(f"{write}?of={sent.message_id}").text
    back = client.post(away, {"sheet": str(sheet), "corrects": str(sent.message_id)})
    assert back.headers["Location"] == f"{write}?of={sent.message_id}" and not Unsaved.objects.exists()
