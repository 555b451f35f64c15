"""What a program does about what is owed, chosen and learnt: the same actions and refusals as on the pages."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.cast import make_dispatcher, make_unit
from tests.programs import Program
from tidings.customers.models import Contact, Customer
from tidings.incidents import actions
from tidings.incidents.models import Incident
from tidings.incidents.queries import choices as reads
from tidings.incidents.tests.cast import HUB, NOW, make_hub_of_shipments, make_place, make_shipment
from tidings.people.rules import UnitKind
from tidings.shipments.models import Shipment

pytestmark = pytest.mark.django_db

LATER = (NOW + timedelta(hours=2)).isoformat()


@pytest.fixture
def cast() -> dict[str, Customer]:
    return make_hub_of_shipments()


@pytest.fixture
def program(cast: dict[str, Customer]) -> Program:
    return Program()


def opened(program: Program, kind: str = "delay") -> str:
    report = {"kind": kind, "place": HUB, "window_from": (NOW - timedelta(hours=1)).isoformat()}
    return f"/incidents/{asked(program, 'POST', '/incidents', report)['number']}"


def asked(program: Program, method: str, path: str, body: Any = None, **headers: str) -> Any:
    answer = program.ask(method, path, body if body is not None or method == "GET" else {}, **headers)
    assert answer.status_code in (200, 201), answer.content
    return answer.json()  # type: ignore[attr-defined]


def refused(program: Program, method: str, path: str, body: Any = None) -> tuple[int, str]:
    answer = program.ask(method, path, body if body is not None or method == "GET" else {})
    return answer.status_code, answer.json()["code"]  # type: ignore[attr-defined]


def test_one_customer_is_promised_a_call_which_is_kept_or_broken_with_a_word(
    program: Program, cast: dict[str, Customer]
) -> None:
    path = f"{opened(program)}/promises"
    owed = asked(program, "GET", path)
    assert (owed["next"]["what"], owed["next"]["late"], owed["personal"]) == ("first_notice", False, [])
    said = {"customer_id": str(cast["en"].pk), "text": "Call back.", "due_by": LATER}
    key = str(uuid4())
    made = asked(program, "POST", path, said, Idempotency_Key=key)
    assert asked(program, "POST", path, said, Idempotency_Key=key) == made
    assert [one["id"] for one in asked(program, "GET", path)["personal"]] == [made["id"]]
    assert refused(program, "POST", path, {**said, "customer_id": str(uuid4())}) == (404, "customer.missing")
    assert refused(program, "POST", path, {**said, "text": " "}) == (400, "incident.promise_empty")
    end = f"{path}/{made['id']}/end"
    assert refused(program, "POST", end, {"end": "broken"}) == (400, "incident.promise_needs_note")
    ended = asked(program, "POST", end, {"end": "broken", "note": "Nobody answered."})
    assert (ended["end"], ended["note"]) == ("broken", "Nobody answered.")
    assert refused(program, "POST", end) == (409, "incident.promise_ended")
    other = f"{opened(program, 'accident')}/promises/{made['id']}/end"
    assert refused(program, "POST", other) == (404, "incident.no_such_promise")


def test_the_laws_clocks_are_read_and_noted_with_proof(program: Program) -> None:
    path = f"{opened(program, 'data_breach')}/law"
    codes = {one["code"]: one for one in asked(program, "GET", path)}
    assert set(codes) == {"gdpr_authority", "gdpr_people"}
    assert codes["gdpr_people"]["due_by"] is None
    one = f"{path}/gdpr_authority"
    done = {"done_at": NOW.isoformat()}
    assert refused(program, "PUT", one, done) == (400, "incident.proof_needed")
    owner = make_dispatcher()
    noted = asked(program, "PUT", one, {**done, "proof": "Receipt 7", "owner": str(owner.pk)})
    assert (noted["proof"], noted["owner_id"]) == ("Receipt 7", str(owner.pk))
    assert refused(program, "PUT", f"{path}/pipl", {}) == (404, "incident.no_such_legal_clock")
    assert refused(program, "PUT", f"{opened(program)}/law/pipl", {}) == (404, "incident.no_such_legal_clock")


def test_a_choice_is_offered_counted_listed_and_withdrawn(
    program: Program, cast: dict[str, Customer]
) -> None:
    path = f"{opened(program)}/choices"
    one = {"options": ["wait", "return"], "default": "wait", "closes_at": LATER}
    assert refused(program, "POST", path, {**one, "options": ["wait"]}) == (400, "incident.choice_needs_two")
    made = asked(program, "POST", path, one)
    contact = Contact.objects.get(customer=cast["nl"])
    parcel = Shipment.objects.get(waybill="WB3")
    chooser = actions.Chooser(cast["nl"].pk, contact.pk)
    actions.choose(made["id"], chooser, {parcel.pk: "WB3"}, "return", lambda option, _waybills: option)
    [offer] = asked(program, "GET", path)
    assert [(row["option"], row["shipments"]) for row in offer["chosen"]] == [("wait", 0), ("return", 1)]
    given = asked(program, "GET", f"{path}/{made['id']}/answers?sort=waybill")
    assert [(row["waybill"], row["option"]) for row in given["items"]] == [("WB3", "return")]
    assert asked(program, "POST", f"{path}/{made['id']}/withdraw")["ended_at"]
    assert refused(program, "POST", f"{path}/{uuid4()}/withdraw") == (404, "incident.choice_missing")


def test_a_key_of_a_unit_counts_and_reads_the_answers_of_its_own_shipments(
    program: Program, cast: dict[str, Customer]
) -> None:
    branch = make_unit("Assen", kind=UnitKind.BRANCH)
    local = Program(name="Branch", unit=branch)
    ours = make_shipment("OURS", cast["en"], make_place(), unit=branch.pk)
    path = f"{opened(program)}/choices"
    made = asked(
        program, "POST", path, {"options": ["wait", "return"], "default": "wait", "closes_at": LATER}
    )
    for name, shipment in (("nl", Shipment.objects.get(waybill="WB3")), ("en", ours)):
        chooser = actions.Chooser(cast[name].pk, Contact.objects.get(customer=cast[name]).pk)
        actions.choose(
            made["id"], chooser, {shipment.pk: shipment.waybill}, "return", lambda option, _: option
        )
    assert asked(local, "GET", path)[0]["chosen"][1]["shipments"] == 1
    assert asked(program, "GET", path)[0]["chosen"][1]["shipments"] == 2
    seen = asked(local, "GET", f"{path}/{made['id']}/answers")["items"]
    assert [row["waybill"] for row in seen] == ["OURS"]
    assert reads.offer(Incident.objects.get(), made["id"]).pk


def test_a_review_gives_cause_and_measures_and_what_it_taught_is_checked(program: Program) -> None:
    path = opened(program)
    missing = asked(program, "GET", f"{path}/closing")["missing"]
    assert {"cause", "measures"} <= set(missing)
    version = asked(program, "GET", path)["version"]
    said = {"cause": "A belt broke.", "measures": "Replaced.", "prevention": "Monthly.", "version": version}
    assert asked(program, "PUT", f"{path}/review", said)["prevention"] == "Monthly."
    assert refused(program, "PUT", f"{path}/review", said) == (409, "incident.changed")
    assert not {"cause", "measures"} & set(asked(program, "GET", f"{path}/closing")["missing"])
    lesson = {"department": "operations", "text": "Look.", "due_by": LATER, "check_by": NOW.isoformat()}
    assert refused(program, "POST", f"{path}/correctives", lesson) == (400, "incident.check_before_due")
    task = asked(program, "POST", f"{path}/correctives", {**lesson, "check_by": LATER})
    assert task["check_by"] and task["worked"] is None
    one = f"{path}/tasks/{task['id']}"
    assert refused(program, "POST", f"{one}/check", {"worked": True}) == (404, "incident.task_missing")
    owner = make_dispatcher()
    assert asked(program, "POST", f"{one}/hand", {"owner": str(owner.pk)})["owner_id"] == str(owner.pk)
    asked(program, "POST", f"{one}/end")
    assert refused(program, "POST", f"{one}/check", {"worked": False}) == (400, "incident.check_needs_reason")
    assert asked(program, "POST", f"{one}/check", {"worked": True})["worked"] is True


def test_those_without_a_contact_are_explained(program: Program) -> None:
    reason = {"reason": "The drivers tell them."}
    path = f"{opened(program)}/unreachable"
    assert refused(program, "POST", path, reason) == (400, "incident.nobody_unreachable")
    make_shipment("WB9", Customer.objects.create(number="C-none", name="Silent"), make_place())
    other = opened(program, "accident")
    assert asked(program, "GET", f"{other}/closing")["unexplained"] == 1
    assert asked(program, "POST", f"{other}/unreachable", reason) == {"customers": 1}
    assert asked(program, "GET", f"{other}/closing")["unexplained"] == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "ability"),
    [
        ("POST", "promises", {"customer_id": str(uuid4()), "text": "Call.", "due_by": LATER}, "incident.report"),
        ("PUT", "law/pipl", {}, "incident.assess"),
        ("POST", "choices", {"options": ["wait", "return"], "default": "wait", "closes_at": LATER}, "message.send"),
        ("PUT", "review", {"cause": "A", "measures": "B"}, "incident.assess"),
        ("POST", "unreachable", {"reason": "None."}, "incident.assess"),
    ],
)  # fmt: skip
def test_each_needs_its_scope(program: Program, method: str, path: str, body: Any, ability: str) -> None:
    whole = f"{opened(program)}/{path}"
    answer = Program("incident.read", name="Reader").ask(method, whole, body)
    assert (answer.status_code, answer.json()["facts"]) == (403, {"ability": ability})  # type: ignore[attr-defined]
    branch = Program(name="Branch", unit=make_unit("Assen", kind=UnitKind.BRANCH))
    assert branch.ask(method, whole, body).status_code == 404
