"""Texts for programs: read with versions and differences, written with the checks of the page, asked for and never approved."""

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from tests.cast import make_approver, make_communicator, make_unit, signed_in
from tests.programs import Program
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.models import AuditLine
from tidings.messaging import actions, queries
from tidings.messaging.models import FirmText, TextAsked
from tidings.messaging.rules.template import read_template, unknown_slots_at
from tidings.messaging.tests.cast import APPROVER, approve_text
from tidings.people.models import ApiKey
from tidings.people.rules import UnitKind

pytestmark = pytest.mark.django_db

WHERE = ("fire", "first_notice", "en")
AT = "/texts/fire/first_notice/en"


def asked(
    program: Program, method: str, path: str, body: Any = None, status: int = 200, **headers: str
) -> Any:
    answer = program.ask(method, path, body, **headers)
    assert answer.status_code == status, answer.content
    return answer.json()  # type: ignore[attr-defined]


def text() -> queries.Text:
    return queries.texts_for(*WHERE[:2])[WHERE[2]]


def changed(said: str) -> dict[str, str]:
    return {
        "source": text().source.replace("subject: ", f"subject: {said} ", 1),
        "seen_digest": text().digest,
    }


def test_the_list_says_whose_words_each_text_holds_and_narrows() -> None:
    program = Program()
    everything = asked(program, "GET", "/texts?per_page=500")
    assert everything["total"] == len(everything["items"]) > 100
    assert {one["state"] for one in everything["items"]} == {"shipped"}
    asked(program, "PUT", AT, changed("Ours"))
    [own] = asked(program, "GET", "/texts?state=own")["items"]
    assert (own["kind"], own["phase"], own["language"], own["approved"]) == (*WHERE, False)
    narrowed = asked(program, "GET", "/texts?kind=fire&phase=first_notice&language=nl")["items"]
    assert [(one["language"], one["state"]) for one in narrowed] == [("nl", "shipped")]
    assert asked(program, "GET", "/texts?kind=nothing")["items"] == []
    page = asked(program, "GET", "/texts?per_page=2&page=2")
    assert page["items"] == everything["items"][2:4] or page["has_next"]


def test_a_text_is_written_once_per_key_and_read_with_what_it_changed() -> None:
    program, key, shipped = Program(), str(uuid4()), text().source
    given = changed("Ours")
    first = asked(program, "PUT", AT, given, Idempotency_Key=key)
    assert asked(program, "PUT", AT, given, Idempotency_Key=key) == first
    assert FirmText.objects.count() == 1
    assert (first["state"], first["source"], first["shipped_source"]) == ("own", text().source, shipped)
    [subject] = first["since_shipped"]
    assert subject["name"] == "subject" and {"how": "new", "words": "Ours "} in subject["parts"]
    [version] = first["versions"]
    assert (version["author"], version["in_force"], version["approved_by"]) == (
        f"key:{program.key.pk}",
        True,
        None,
    )
    asked(program, "PUT", AT, changed("Twice"))
    newest = asked(program, "GET", AT)["versions"][0]["id"]
    whole = asked(program, "GET", f"{AT}/versions/{newest}")
    assert {"how": "new", "words": "Twice "} in whole["since_before"][0]["parts"]
    assert len(AuditLine.objects.filter(verb="text.change")) == 2


def test_going_back_is_a_version_of_its_own() -> None:
    program, shipped = Program(), text()
    version = asked(program, "PUT", AT, changed("Ours"))["versions"][0]["id"]
    asked(program, "PUT", AT, changed("Twice"))
    back = asked(program, "POST", f"{AT}/back", {"version": version, "seen_digest": text().digest})
    assert back["source"].startswith("subject: Ours") and len(back["versions"]) == 3
    last = asked(program, "POST", f"{AT}/back", {"version": None, "seen_digest": text().digest})
    assert (last["digest"], last["state"], last["versions"][0]["shipped"]) == (
        shipped.digest,
        "shipped",
        True,
    )
    again = {"version": None, "seen_digest": text().digest}
    assert asked(program, "POST", f"{AT}/back", again, 400)["code"] == "messaging.text_in_force"


def test_what_cannot_be_written_is_refused_with_its_place_and_leaves_nothing() -> None:
    program, stands = Program(), text()
    unknown = stands.source.replace("[what_happened]\n", "[what_happened]\n{colour} ", 1)
    no = asked(program, "PUT", AT, {"source": unknown, "seen_digest": stands.digest}, 400)
    assert no["code"] == "messaging.unknown_slots"
    assert no["facts"] == {"slots": ["colour"], "where": {"$.source.what_happened[0]": ["colour"]}}
    refusals = {"no text": "messaging.not_a_text", "subject: x\nshort: y": "messaging.text_incomplete"}
    for source, code in refusals.items():
        assert (
            asked(program, "PUT", AT, {"source": source, "seen_digest": stands.digest}, 400)["code"] == code
        )
    stale = {**changed("Ours"), "seen_digest": "other"}
    assert asked(program, "PUT", AT, stale, 409)["code"] == "messaging.changed_meanwhile"
    assert program.get("/texts/fire/no_phase/en").status_code == 404
    assert program.get(f"{AT}/versions/{uuid4()}").status_code == 404
    assert not FirmText.objects.exists()


def test_unknown_slots_are_found_where_they_may_not_stand() -> None:
    source = "subject: {name}\nsubject: {nothing}\nshort: x\nheadline: {name}\n\n[shipment]\n{waybill}\n\n[what]\n{waybill}\n"
    assert unknown_slots_at(read_template(source)) == {
        "$.source.subject[1]": ["nothing"],
        "$.source.headline[0]": ["name"],
        "$.source.what[0]": ["waybill"],
    }


def test_only_a_key_of_headquarters_with_the_scope_writes() -> None:
    reader = Program("message.read", name="Reader")
    branch = Program(name="Branch", unit=make_unit("Assen", kind=UnitKind.BRANCH))
    for program in (reader, branch):
        assert asked(program, "GET", AT)["digest"] == text().digest
        for method, path, body in (
            ("PUT", AT, changed("No")),
            ("POST", f"{AT}/back", {"seen_digest": text().digest}),
            ("POST", f"{AT}/ask", {"digest": text().digest}),
        ):
            assert program.ask(method, path, body).status_code == 403
    assert Program("text.change", name="Writer").get(AT).status_code == 403
    assert not FirmText.objects.exists() and not TextAsked.objects.exists()


def test_a_program_asks_for_approval_and_a_person_gives_it() -> None:
    program = Program()
    asked(program, "PUT", AT, changed("Ours"))
    assert asked(program, "POST", f"{AT}/approvals", {}, 403)["code"] == "api.people_approve"
    wanted = {"digest": text().digest}
    for _twice in range(2):
        assert asked(program, "POST", f"{AT}/ask", wanted)["asked"]
    assert TextAsked.objects.count() == 1 and AuditLine.objects.filter(verb="text.ask").count() == 1
    approver = make_approver(second_factor=False)
    client = signed_in(approver)
    assert [text.kind for _asked, text in queries.texts_to_approve(APPROVER)] == ["fire"]
    page = client.get(reverse("messaging:text", args=WHERE)).text
    assert "Program asked for approval" in page
    approve_text(APPROVER, *WHERE)
    assert queries.texts_to_approve(APPROVER) == []
    found = asked(program, "GET", AT)
    assert found["approved"] and not found["asked"]
    assert asked(program, "POST", f"{AT}/ask", wanted, 400)["code"] == "messaging.text_approved"


def test_what_is_asked_ends_when_the_words_change_and_is_never_for_who_wrote_or_made_the_key() -> None:
    program = Program()
    asked(program, "PUT", AT, changed("Ours"))
    asked(program, "POST", f"{AT}/ask", {"digest": text().digest})
    maker = Actor(ActorKind.PERSON, APPROVER.ref, APPROVER.abilities)
    ApiKey.objects.filter(pk=program.key.pk).update(made_by=maker.ref)
    assert queries.texts_to_approve(maker) == []
    with pytest.raises(Refused, match="author"):
        approve_text(maker, *WHERE)
    ApiKey.objects.filter(pk=program.key.pk).update(made_by="test")
    assert len(queries.texts_to_approve(maker)) == 1
    asked(program, "PUT", AT, changed("Others"))
    assert queries.texts_to_approve(maker) == []
    stale = TextAsked.objects.get().digest
    assert (
        asked(program, "POST", f"{AT}/ask", {"digest": stale}, 409)["code"] == "messaging.other_text_by_now"
    )
    unit = Actor(ActorKind.PERSON, APPROVER.ref, APPROVER.abilities, units=frozenset())
    assert queries.texts_to_approve(unit) == []


def test_people_ask_on_the_page_and_approvers_find_it_on_their_worklist() -> None:
    writer = signed_in(make_communicator())
    page = reverse("messaging:text", args=WHERE)
    assert "Ask for approval" in writer.get(page).text
    writer.post(reverse("messaging:ask_for_text", args=WHERE), {"digest": text().digest})
    assert "Ask for approval" not in writer.get(page).text
    assert "Texts to approve beforehand" not in writer.get("/").text
    worklist = signed_in(make_approver(second_factor=True)).get("/").text
    assert "Texts to approve beforehand" in worklist and page in worklist


def test_what_is_not_there_cannot_be_asked_for() -> None:
    writer = Actor(ActorKind.PERSON, APPROVER.ref, frozenset({"text.change"}))
    with pytest.raises(Missing):
        actions.ask_for_text(writer, "fire", "no_phase", "en", "")
    with pytest.raises(Conflict):
        actions.ask_for_text(writer, *WHERE, "other")
