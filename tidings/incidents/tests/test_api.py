"""What a program does with incidents: the same actions as the pages, the same refusals, never an approval."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.cast import make_person, make_unit
from tests.programs import Program
from tidings.incidents.actions import open_incident, tell_phase
from tidings.incidents.models import Incident
from tidings.incidents.tests.cast import (
    HUB,
    NOW,
    make_actor,
    make_hub_of_shipments,
    make_place,
    make_report,
    make_shipment,
)
from tidings.kernel.errors import Refused
from tidings.kernel.installation import start_demo
from tidings.kernel.models import AuditLine
from tidings.messaging.actions import approve_message
from tidings.messaging.queries import current_freeze
from tidings.people.actions import make_key
from tidings.people.queries import actor_of, key_actor
from tidings.people.rules import FOR_KEYS, UnitKind

pytestmark = pytest.mark.django_db

REPORT = {"kind": "accident", "place": HUB, "window_from": (NOW - timedelta(hours=1)).isoformat()}


@pytest.fixture
def program() -> Program:
    make_hub_of_shipments()
    return Program()


def opened(program: Program, **more: object) -> dict[str, object]:
    answer = program.post("/incidents", {**REPORT, **more})
    assert answer.status_code == 201, answer.content
    return answer.json()  # type: ignore[attr-defined, no-any-return]


def test_three_fields_open_an_incident_and_find_its_affected(program: Program) -> None:
    one = opened(program)
    assert sum(reason["shipments"] for reason in one["affected"]) == 4  # type: ignore[attr-defined]
    assert one["next_phase"] == "first_notice"
    line = AuditLine.objects.get(verb="incident.reported")
    assert (line.actor_kind, line.actor_ref) == ("key", str(program.key.pk))
    shown = program.get(f"/incidents/{one['number']}").json()  # type: ignore[attr-defined]
    assert shown["state"] == "reported"
    listed = program.get("/incidents?kind=accident").json()  # type: ignore[attr-defined]
    assert [row["number"] for row in listed["items"]] == [one["number"]]
    assert program.get("/incidents?kind=theft").json()["total"] == 0  # type: ignore[attr-defined]


def test_a_report_whose_answer_the_key_may_not_read_opens_nothing(program: Program) -> None:
    reporter = Program("incident.report", name="Reporter")
    answer = reporter.post("/incidents", REPORT)
    assert (answer.status_code, answer.json()["facts"]) == (403, {"ability": "incident.read"})  # type: ignore[attr-defined]
    assert program.get("/incidents").json()["total"] == 0  # type: ignore[attr-defined]


def test_the_same_report_under_one_idempotency_key_opens_one_incident(program: Program) -> None:
    key = str(uuid4())
    first = program.post("/incidents", REPORT, Idempotency_Key=key)
    again = program.post("/incidents", REPORT, Idempotency_Key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Incident.objects.count() == 1
    other = program.post("/incidents", {**REPORT, "kind": "delay"}, Idempotency_Key=key)
    assert (other.status_code, other.json()["code"]) == (422, "api.idempotency_reused")  # type: ignore[attr-defined]


def test_a_refused_report_leaves_nothing_and_may_be_mended_under_its_key(program: Program) -> None:
    wrong = {**REPORT, "window_until": (NOW - timedelta(days=1)).isoformat()}
    answer = program.post("/incidents", wrong, Idempotency_Key="k")
    assert (answer.status_code, answer.json()["code"]) == (400, "incident.window_backwards")  # type: ignore[attr-defined]
    assert not Incident.objects.exists()
    assert program.post("/incidents", REPORT, Idempotency_Key="k").status_code == 201


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({**REPORT, "window_from": "2026-11-22T06:00:00"}, "window_from"),
        ({**REPORT, "window_from": "0001-01-01T00:00:00Z"}, "window_from"),
        ({**REPORT, "kind": "a\u0000b"}, "kind"),
        ({"kind": "accident", "place": HUB}, "window_from"),
        (b"{not json", ""),
    ],
)
def test_a_request_of_another_shape_is_told_where(program: Program, body: object, where: str) -> None:
    answer = program.post("/incidents", body)
    told = answer.json()  # type: ignore[attr-defined]
    assert answer.status_code in (400, 422)
    assert where in str(told["facts"])
    assert told["message"]


def test_facts_grade_effect_note_and_state_are_changed_as_on_the_pages(program: Program) -> None:
    path = f"/incidents/{opened(program)['number']}"
    changed = program.ask("PATCH", f"{path}/facts", {"what": "A lorry burned.", "version": 1}).json()  # type: ignore[attr-defined]
    assert (changed["what"], changed["version"]) == ("A lorry burned.", 2)
    late = program.ask("PATCH", f"{path}/facts", {"what": "Two lorries.", "version": 1})
    assert (late.status_code, late.json()["code"]) == (409, "incident.changed")  # type: ignore[attr-defined]
    graded = program.post(f"{path}/grade", {"severity": "critical", "reason": "Goods may be lost."})
    assert graded.json()["severity"] == "critical"  # type: ignore[attr-defined]
    assert program.post(f"{path}/effect", {"effect": "damaged"}).json()["affected"][0]["effect"] == "damaged"  # type: ignore[attr-defined]
    assert program.post(f"{path}/notes", {"text": "Driver is safe."}).status_code == 201
    assert program.post(f"{path}/move", {"target": "assessing"}).json()["state"] == "assessing"  # type: ignore[attr-defined]
    assert program.post(f"{path}/move", {"target": "closed"}).status_code == 400
    lines = program.get(f"{path}/timeline").json()  # type: ignore[attr-defined]
    assert {"note", "graded", "moved", "effect_set", "reported"} <= {line["code"] for line in lines}
    assert {line["by"] for line in lines} == {"Program"}


def test_the_question_is_changed_and_asked_again_and_the_affected_are_paged(program: Program) -> None:
    path = f"/incidents/{opened(program)['number']}"
    first = program.get(f"{path}/affected?per_page=3").json()  # type: ignore[attr-defined]
    second = program.get(f"{path}/affected?per_page=3&page=2").json()  # type: ignore[attr-defined]
    assert (len(first["items"]), first["has_next"], len(second["items"]), second["has_next"]) == (
        3,
        True,
        1,
        False,
    )
    asked = program.get(f"{path}/question").json()  # type: ignore[attr-defined]
    assert asked["groups"][0]["terms"][0]["values"] == [HUB]
    asked["groups"][0]["terms"][0]["values"] = ["DEDUI"]
    change = program.post(f"{path}/question/preview", asked).json()  # type: ignore[attr-defined]
    assert (change["came"], change["went"], change["told_went"]) == (1, 4, 0)
    found = program.ask("PUT", f"{path}/question", asked).json()  # type: ignore[attr-defined]
    assert (found["came"], found["went"]) == (1, 4)
    assert program.post(f"{path}/ask").json()["shipments"] == 1  # type: ignore[attr-defined]


def test_a_preapproved_first_notice_goes_and_its_reach_adds_up(program: Program) -> None:
    start_demo("test", "Noordster Koeriers")  # its shipped texts are approved beforehand
    path = f"/incidents/{opened(program, kind='delay')['number']}"
    shown = program.get(f"{path}/phases/first_notice").json()  # type: ignore[attr-defined]
    assert shown["contacts"] == 3
    assert {draft["language"] for draft in shown["drafts"]} == {"en", "nl", "zh-hans"}
    told = program.post(f"{path}/phases/first_notice/send", {"most_contacts": 2})
    assert (told.status_code, told.json()["code"]) == (409, "incident.more_get_it_now")  # type: ignore[attr-defined]
    told = program.post(f"{path}/phases/first_notice/send").json()  # type: ignore[attr-defined]
    assert (told["sent_to"], told["waits_for_approval"]) == (3, False)
    [reach] = program.get(f"{path}/reach").json()  # type: ignore[attr-defined]
    parts = ("in_time", "late", "under_way", "overdue", "unreachable")
    assert sum(reach[part] for part in parts) == reach["total"] == 3
    got = program.get(f"/messages/{told['message']}/recipients?per_page=2").json()  # type: ignore[attr-defined]
    assert (len(got["items"]), got["has_next"]) == (2, True)


def test_own_sentences_wait_for_a_person_and_a_program_cannot_approve_them(program: Program) -> None:
    path = f"/incidents/{opened(program, kind='delay', severity='critical')['number']}"
    own = {"facts": {code: {"what_we_do": "We look for the driver."} for code in ("en", "nl", "zh-hans")}}
    message = program.ask("PUT", f"{path}/phases/first_notice", own).json()["message"]  # type: ignore[attr-defined]
    told = program.post(f"{path}/phases/first_notice/send").json()  # type: ignore[attr-defined]
    assert (told["sent_to"], told["waits_for_approval"]) == (None, True)
    refused = program.post(f"{path}/approvals", {"message": message}, Accept_Language="zh-hans")
    assert (refused.status_code, refused.json()["code"]) == (403, "api.people_approve")  # type: ignore[attr-defined]
    assert "审批" in refused.json()["message"]  # type: ignore[attr-defined]


def test_a_key_without_the_scope_is_refused_and_one_of_another_unit_sees_nothing(program: Program) -> None:
    number = opened(program)["number"]
    reader = Program("incident.read", name="Reader")
    assert reader.get(f"/incidents/{number}").status_code == 200
    answer = reader.post(f"/incidents/{number}/grade", {"severity": "high"})
    assert (answer.status_code, answer.json()["facts"]) == (403, {"ability": "incident.grade"})  # type: ignore[attr-defined]
    assert reader.get("/shipments?text=WB1").status_code == 403
    branch = Program(name="Branch", unit=make_unit("Assen", kind=UnitKind.BRANCH))
    assert branch.get(f"/incidents/{number}").status_code == 404
    assert branch.get("/incidents").json()["total"] == 0  # type: ignore[attr-defined]


def test_shipments_customers_and_messages_are_found_and_shown(program: Program) -> None:
    [found] = program.get("/shipments?text=WB1").json()  # type: ignore[attr-defined]
    shipment = program.get(f"/shipments/{found['shipment_id']}").json()  # type: ignore[attr-defined]
    assert (shipment["waybill"], shipment["parties"][0]["customer"]) == ("WB1", "Customer C-en")
    [customer] = program.get("/customers?text=C-en").json()["items"]  # type: ignore[attr-defined]
    whole = program.get(f"/customers/{customer['id']}").json()  # type: ignore[attr-defined]
    assert whole["contacts"][0]["addresses"][0]["value"] == "c-en@example.org"
    start_demo("test", "Noordster Koeriers")
    number = opened(program, kind="delay")["number"]
    message = program.post(f"/incidents/{number}/phases/first_notice/send").json()["message"]  # type: ignore[attr-defined]
    [listed] = program.get(f"/messages?text={number}").json()["items"]  # type: ignore[attr-defined]
    assert (listed["id"], listed["state"]) == (message, "sent")
    assert len(program.get(f"/messages/{message}").json()["words"]) == 3  # type: ignore[attr-defined]
    [pause] = program.post(f"/messages/{message}/stop", {"why": "wrong text"}).json()  # type: ignore[attr-defined]
    assert program.get("/pauses").json()[0]["id"] == pause["id"]  # type: ignore[attr-defined]
    resumed = program.post(f"/pauses/{pause['id']}/resume", {"seen": pause["waiting"]})
    assert resumed.status_code == 200
    assert program.get("/pauses").json() == []  # type: ignore[attr-defined]


def test_shipments_are_taken_out_and_put_in_with_a_reason(program: Program) -> None:
    path = f"/incidents/{opened(program)['number']}"
    [first] = program.get(f"{path}/affected?text=WB1").json()["items"]  # type: ignore[attr-defined]
    out = {"shipments": [first["shipment_id"]], "verdict": "out"}
    assert program.post(f"{path}/picks", out).json()["code"] == "incident.pick_needs_reason"  # type: ignore[attr-defined]
    assert program.post(f"{path}/picks", {**out, "reason": "It was on another lorry."}).status_code == 200
    assert program.get(f"{path}/affected?text=WB1").json()["items"] == []  # type: ignore[attr-defined]
    assert program.post(f"{path}/picks", {**out, "verdict": ""}).json() == {"shipments": 1, "customers": 0}  # type: ignore[attr-defined]
    assert len(program.get(f"{path}/affected?text=WB1").json()["items"]) == 1  # type: ignore[attr-defined]


def test_a_key_of_a_unit_takes_no_shipment_of_others_out(program: Program) -> None:
    branch = make_unit("Assen", kind=UnitKind.BRANCH)
    local = Program(name="Branch", unit=branch)
    make_shipment("OURS", None, make_place(), unit=branch.pk)
    path = f"/incidents/{opened(program)['number']}"
    [theirs] = program.get(f"{path}/affected?text=WB1").json()["items"]  # type: ignore[attr-defined]
    out = {"shipments": [theirs["shipment_id"]], "verdict": "out", "reason": "Not ours."}
    assert local.get(path).status_code == 200
    answer = local.post(f"{path}/picks", out)
    assert (answer.status_code, answer.json()["code"]) == (404, "shipment.missing")  # type: ignore[attr-defined]
    assert len(program.get(f"{path}/affected?text=WB1").json()["items"]) == 1  # type: ignore[attr-defined]


def test_tasks_are_given_and_ended(program: Program) -> None:
    path = f"/incidents/{opened(program)['number']}/tasks"
    due = (NOW + timedelta(hours=2)).isoformat()
    task = program.post(path, {"department": "it", "text": "Reroute the lines.", "due_by": due}).json()  # type: ignore[attr-defined]
    assert program.get(f"{path}?waiting=true").json() == [task]  # type: ignore[attr-defined]
    refused = program.post(f"{path}/{task['id']}/end", {"end": "not_done"})
    assert (refused.status_code, refused.json()["code"]) == (400, "incident.task_needs_reason")  # type: ignore[attr-defined]
    assert program.post(f"{path}/{task['id']}/end").json()["end"] == "done"  # type: ignore[attr-defined]
    assert program.get(f"{path}?waiting=true").json() == []  # type: ignore[attr-defined]
    assert program.post(f"{path}/{uuid4()}/end").status_code == 404


def test_a_correction_goes_to_those_who_got_what_was_wrong(program: Program) -> None:
    start_demo("test", "Noordster Koeriers")
    path = f"/incidents/{opened(program, kind='delay')['number']}"
    wrong = program.post(f"{path}/phases/first_notice/send").json()["message"]  # type: ignore[attr-defined]
    facts = {
        code: {"what_was_wrong": "The place.", "what_is_right": "Venlo."} for code in ("en", "nl", "zh-hans")
    }
    shown = program.get(f"{path}/phases/correction?corrects={wrong}").json()  # type: ignore[attr-defined]
    assert shown["contacts"] == 3
    assert not shown["complete"]
    written = program.ask("PUT", f"{path}/phases/correction", {"facts": facts, "corrects": wrong})
    assert written.status_code == 200, written.content
    missing = program.ask("PUT", f"{path}/phases/correction", {"facts": facts, "corrects": str(uuid4())})
    assert missing.status_code == 404


def test_a_holding_notice_is_a_persons_own_decision(program: Program) -> None:
    answer = program.post(f"/incidents/{opened(program)['number']}/phases/holding/send")
    assert (answer.status_code, answer.json()["code"]) == (403, "api.people_approve")  # type: ignore[attr-defined]


def test_who_made_a_key_does_not_approve_what_it_wrote(program: Program) -> None:
    both = make_person("administrator", "dispatcher", "approver", second_factor=True)
    made = make_key(actor_of(both), name="Own", scopes=FOR_KEYS, unit_id=make_unit().pk)
    key = key_actor(made.key)
    incident = open_incident(key, make_report(kind="delay", severity="critical"))
    told = tell_phase(key, incident, "first_notice")
    digest = current_freeze(told.message_id).digest  # type: ignore[union-attr]
    with pytest.raises(Refused, match=r"messaging\.author_may_not_approve"):
        approve_message(actor_of(both), told.message_id, digest)
    approve_message(make_actor("approver"), told.message_id, digest)


def test_what_it_means_is_said_of_single_shipments_and_taken_back(program: Program) -> None:
    path = f"/incidents/{opened(program)['number']}"
    [first] = program.get(f"{path}/affected?text=WB1").json()["items"]  # type: ignore[attr-defined]
    lost = {
        "effect": "held",
        "held_by": "customs",
        "must_do": "nonsense",
        "shipments": [first["shipment_id"]],
    }
    assert program.post(f"{path}/effect", lost).json()["code"] == "incident.duty_unknown"  # type: ignore[attr-defined]
    assert program.post(f"{path}/effect", {**lost, "must_do": ""}).status_code == 200
    [shown] = program.get(f"{path}/affected?effect=held").json()["items"]  # type: ignore[attr-defined]
    assert (shown["waybill"], shown["held_by"], shown["pieces"]) == ("WB1", "customs", None)
    back = {"effect": "", "shipments": [first["shipment_id"]]}
    assert program.post(f"{path}/effect", back).status_code == 200
    assert program.get(f"{path}/affected?effect=held").json()["items"] == []  # type: ignore[attr-defined]
    nobody = program.post(f"{path}/effect", {**back, "effect": "lost", "shipments": [str(uuid4())]})
    assert (nobody.status_code, nobody.json()["code"]) == (400, "incident.nothing_listed")  # type: ignore[attr-defined]


def test_a_message_goes_again_only_to_whom_it_has_not_reached_and_once(program: Program) -> None:
    start_demo("test", "Noordster Koeriers")
    path = f"/incidents/{opened(program, kind='delay')['number']}"
    message = program.post(f"{path}/phases/first_notice/send").json()["message"]  # type: ignore[attr-defined]
    stands = program.get(f"{path}/messages/{message}/again").json()  # type: ignore[attr-defined]
    more = program.post(f"{path}/messages/{message}/again", {**stands, "broadcast": "another"})
    assert more.status_code in (400, 409)
    assert program.get(f"{path}/messages/{uuid4()}/again").status_code == 404
