"""The firm's own texts: their versions, going back, what has become older than the shipped one, and who may approve."""

import csv
import io
from uuid import UUID

import pytest
from django.urls import reverse

from tests.cast import make_agent, make_approver, make_dispatcher, signed_in
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.ids import new_id
from tidings.kernel.models import AuditLine
from tidings.messaging import actions, queries
from tidings.messaging.models import FirmText
from tidings.messaging.tests.cast import APPROVER, approve_text

pytestmark = pytest.mark.django_db

WHERE = ("fire", "first_notice", "en")
READER = Actor(ActorKind.PERSON, str(new_id()), frozenset({"message.read"}))


def writer(*more: str) -> Actor:
    return Actor(ActorKind.PERSON, str(new_id()), frozenset({"text.change", "message.read", *more}))


def text() -> queries.Text:
    return queries.texts_for(*WHERE[:2])[WHERE[2]]


def write(said: str, actor: Actor | None = None) -> UUID:
    source = text().source.replace("subject: ", f"subject: {said} ", 1)
    actions.set_text(actor or writer(), *WHERE, source, seen_digest=text().digest)
    return FirmText.objects.latest("id").pk


def test_a_version_keeps_what_it_began_from_and_who_approved_it() -> None:
    shipped = text().source
    first = write("First")
    approve_text(APPROVER, *WHERE)
    write("Second")
    newest, oldest = queries.versions(READER, *WHERE)
    assert newest.in_force and not oldest.in_force and oldest.row.pk == first
    assert oldest.row.began_source == shipped
    assert newest.row.began_source == oldest.text.source  # type: ignore[union-attr]
    assert oldest.approval is not None and newest.approval is None


def test_going_back_brings_the_older_words_with_their_approval_and_is_a_version_of_its_own() -> None:
    first = write("First")
    approve_text(APPROVER, *WHERE)
    approved = text().digest
    write("Second")
    assert not queries.is_approved_beforehand(*WHERE, text().digest)
    actions.take_back_text(writer(), *WHERE, first, seen_digest=text().digest)
    assert text().digest == approved and queries.is_approved_beforehand(*WHERE, approved)
    assert FirmText.objects.count() == 3
    assert AuditLine.objects.filter(verb="text.change").count() == 3


def test_going_back_to_the_shipped_text_follows_it_from_then_on() -> None:
    shipped = text()
    write("First")
    actions.take_back_text(writer(), *WHERE, None, seen_digest=text().digest)
    assert text() == shipped and text().shipped
    assert queries.versions(READER, *WHERE)[0].text is None
    with pytest.raises(Refused, match="text_in_force"):
        actions.take_back_text(writer(), *WHERE, None, seen_digest=text().digest)


def test_what_cannot_be_gone_back_to_leaves_nothing_behind() -> None:
    first = write("First")
    seen = text().digest
    write("Second")
    with pytest.raises(Conflict, match="changed_meanwhile"):
        actions.take_back_text(writer(), *WHERE, first, seen_digest=seen)
    for version in (new_id(), first):
        where = WHERE if version != first else ("fire", "first_notice", "nl")
        with pytest.raises(Missing, match="no_such_version"):
            actions.take_back_text(writer(), *where, version, seen_digest=text().digest)
    with pytest.raises(Refused, match="not_allowed"):
        actions.take_back_text(APPROVER, *WHERE, first, seen_digest=text().digest)
    assert FirmText.objects.count() == 2


def test_a_text_written_over_an_older_shipped_one_says_so() -> None:
    write("First")
    assert text().own and not text().older
    FirmText.objects.update(shipped_digest="0" * 64)
    assert text().older
    listed = queries.text_shelf(READER, phase="first_notice", state="older")
    assert [one.kind for one in listed] == ["fire"]


def test_a_changed_general_text_shows_wherever_a_kind_takes_it() -> None:
    general = queries.texts_for("general", "update")["en"]
    source = general.source.replace("subject: ", "subject: Ours: ")
    actions.set_text(writer(), "general", "update", "en", source, seen_digest=general.digest)
    states = {
        one.kind: {shelved.text.language: shelved.state for shelved in one.texts}
        for one in queries.text_shelf(READER, phase="update")
    }
    assert states["general"] == {"en": "own", "nl": "shipped", "zh-hans": "shipped"}
    assert states["fire"]["en"] == "general" and states["fire"]["nl"] == "shipped"


def test_nobody_approves_words_of_theirs_that_somebody_else_brought_back_or_touched_up() -> None:
    author = writer("message.approve")
    first = write("First", author)
    write("Second")
    with pytest.raises(Refused, match="author_may_not_approve"):
        approve_text(author, *WHERE)
    approve_text(APPROVER, *WHERE)
    actions.take_back_text(writer(), *WHERE, first, seen_digest=text().digest)
    with pytest.raises(Refused, match="author_may_not_approve"):
        approve_text(author, *WHERE)


def test_who_wrote_only_what_was_approved_since_may_approve_the_next_version() -> None:
    author = writer("message.approve")
    write("First", author)
    approve_text(APPROVER, *WHERE)
    write("Second")
    approve_text(author, *WHERE)
    assert queries.is_approved_beforehand(*WHERE, text().digest)


def test_the_page_shows_versions_with_their_differences_and_goes_back() -> None:
    client = signed_in(make_dispatcher())
    here = reverse("messaging:text", args=WHERE)
    assert "what stands here came with Tidings" in client.get(here).text
    first = write("First")
    write("Second")
    shown = client.get(here).text
    assert shown.count("row-link") == 2 and "in force" in shown
    assert "<ins>Second First </ins>" in shown, "how it differs from the shipped text"
    older = client.get(reverse("messaging:text_version", args=(*WHERE, first))).text
    assert "<ins>First </ins>" in older and "Go back to this text" in older
    back = reverse("messaging:take_back_text", args=WHERE)
    client.post(back, {"version": str(first), "digest": text().digest})
    assert "subject: First {your_shipments}" in text().source
    assert "no such version" in client.post(back, {"version": "x", "digest": ""}, follow=True).text
    client.post(back, {"version": "", "digest": text().digest})
    assert text().shipped


def test_who_may_not_change_texts_goes_back_to_none_and_reads_them_all_the_same() -> None:
    first = write("First")
    client = signed_in(make_approver())
    assert client.get(reverse("messaging:text_version", args=(*WHERE, first))).status_code == 200
    shown = client.get(reverse("messaging:text", args=WHERE)).text
    assert "Go back" not in shown and "<textarea" not in shown
    answer = client.post(reverse("messaging:take_back_text", args=WHERE), {"digest": text().digest})
    assert answer.status_code in (302, 403) and not text().shipped
    assert signed_in(make_agent()).get(reverse("messaging:texts")).status_code == 200


def test_the_list_filters_by_kind_phase_and_state_and_is_had_as_a_file() -> None:
    write("First")
    client = signed_in(make_dispatcher())
    shown = client.get(reverse("messaging:texts"), {"kind": "fire", "state": "own"}).text
    assert "A fire" in shown and "your own" in shown and shown.count('scope="row"') == 1
    assert "No text is in this state" in client.get(reverse("messaging:texts"), {"state": "older"}).text
    answer = client.get(
        reverse("messaging:texts"), {"kind": "fire", "phase": "first_notice", "export": "csv"}
    )
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert [row[2:] for row in rows[1:]] == [
        ["en", "your own", "no"], ["nl", "as shipped", "no"], ["zh-hans", "as shipped", "no"],
    ]  # fmt: skip


def test_the_page_says_what_the_text_holds_and_what_is_odd_in_it() -> None:
    client = signed_in(make_dispatcher())
    shown = client.get(reverse("messaging:text", args=("general", "update", "nl"))).text
    assert "What a message of this phase must hold" in shown and "written for each incident" in shown
    assert "Read this again" not in shown
    theft = queries.texts_for("theft", "first_notice")["nl"]
    source = theft.source.replace("een beveiligingsincident", "diefstal!")
    actions.set_text(writer(), "theft", "first_notice", "nl", source, seen_digest=theft.digest)
    shown = client.get(reverse("messaging:text", args=("theft", "first_notice", "nl"))).text
    assert "tells of a theft where anybody may read it" in shown and "exclamation mark" in shown
