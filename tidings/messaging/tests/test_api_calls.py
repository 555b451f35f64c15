"""The call list for programs: taken by one alone, ended once, within the units; what came of it is evidence."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.cast import make_unit
from tests.programs import Program
from tidings.kernel.clock import now
from tidings.messaging.models import Call, Message, Recipient
from tidings.messaging.tests.cast import ABOUT
from tidings.messaging.tests.test_calls import make_call_list
from tidings.people.rules import UnitKind

pytestmark = pytest.mark.django_db


def asked(program: Program, method: str, path: str, body: Any = None, **headers: str) -> Any:
    answer = program.ask(method, path, body if body is not None or method == "GET" else {}, **headers)
    assert answer.status_code == 200, answer.content
    return answer.json()  # type: ignore[attr-defined]


def test_a_call_is_taken_once_read_by_its_taker_and_ended_as_reached() -> None:
    make_call_list("delayed", "lost")
    one, other = Program(name="Seat 1"), Program(name="Seat 2")
    outlook = asked(one, "GET", "/calls/outlook")
    assert (outlook["left"], outlook["people"]) == (2, 0)
    key = str(uuid4())
    mine = asked(one, "POST", "/calls/take", Idempotency_Key=key)
    assert asked(one, "POST", "/calls/take", Idempotency_Key=key) == mine
    assert asked(one, "POST", "/calls/take")["id"] == mine["id"]
    assert (mine["name"], mine["about"], mine["address"]) == ("Contact 2", ABOUT, "+31 970 0000 2")
    assert mine["script"]["paragraphs"] and len(mine["code"]) >= 8
    assert asked(other, "POST", "/calls/take")["name"] == "Contact 1"
    assert asked(Program(name="Seat 3"), "POST", "/calls/take") is None
    assert other.get(f"/calls/{mine['id']}").status_code == 404
    ended = asked(one, "POST", f"/calls/{mine['id']}/end", {"outcome": "reached", "note": "Grateful."})
    assert (ended["outcome"], ended["before"][0]["note"]) == ("reached", "Grateful.")
    again = one.post(f"/calls/{mine['id']}/end", {"outcome": "reached"})
    assert (again.status_code, again.json()["code"]) == (409, "messaging.call_ended")  # type: ignore[attr-defined]
    assert Recipient.objects.get(name="Contact 2").state == "reached"
    assert {call.taken_by for call in Call.objects.all()} == {f"key:{one.key.pk}", f"key:{other.key.pk}"}


def test_nobody_answered_is_called_again_when_it_was_said_and_one_put_back_is_anybodys() -> None:
    make_call_list("delayed")
    program = Program()
    call = asked(program, "POST", "/calls/take", {"about": ABOUT, "language": "nl"})
    end = f"/calls/{call['id']}/end"
    past = {"outcome": "no_answer", "again_at": (now() - timedelta(hours=1)).isoformat()}
    refused = program.post(end, past)
    assert (refused.status_code, refused.json()["code"]) == (400, "messaging.again_passed")  # type: ignore[attr-defined]
    assert program.post(end, {"outcome": "lapsed"}).status_code == 422
    asked(program, "POST", f"/calls/{call['id']}/back")
    call = asked(program, "POST", "/calls/take")
    at = now() + timedelta(hours=3)
    asked(program, "POST", f"/calls/{call['id']}/end", {"outcome": "no_answer", "again_at": at.isoformat()})
    assert Recipient.objects.get().next_at == at
    assert asked(program, "POST", "/calls/take") is None
    [line] = asked(program, "GET", "/calls")["items"]
    assert (line["tried"], line["again_at"] is not None) == (1, True)


def test_a_key_of_a_unit_takes_calls_of_its_own_unit_and_one_without_the_scope_takes_none() -> None:
    make_call_list("delayed")
    branch = make_unit("Assen", kind=UnitKind.BRANCH)
    local = Program(name="Branch", unit=branch)
    assert asked(local, "POST", "/calls/take") is None
    Message.objects.update(unit_id=branch.pk)
    assert asked(local, "POST", "/calls/take")["name"] == "Contact 1"
    reader = Program("message.read", name="Reader")
    for path in ("/calls/take", f"/calls/{uuid4()}/back"):
        assert reader.post(path).status_code == 403
