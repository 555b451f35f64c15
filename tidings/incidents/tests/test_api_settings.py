"""What a program asks of policies and grading: it only asks, whatever the change; an administrator who is not its maker says yes."""

import pytest

from tests.cast import make_unit
from tests.programs import Program
from tidings.incidents import actions, queries, rules
from tidings.incidents.tests.test_api_owed import refused
from tidings.incidents.tests.test_policies import admin
from tidings.kernel.errors import Refused
from tidings.people.models import ApiKey
from tidings.people.rules import FOR_KEYS, UnitKind

pytestmark = pytest.mark.django_db


def asked(program: Program, method: str, path: str, body: object) -> object:
    answer = program.ask(method, path, body)
    assert answer.status_code == 202, answer.content
    return answer.json()["waits"]  # type: ignore[attr-defined]


def high(program: Program) -> dict[str, object]:
    policies = {one.pop("severity"): one for one in program.get("/policies").json()}  # type: ignore[attr-defined]
    return dict(policies["high"])


@pytest.mark.parametrize("minutes", [60, 600])
def test_tighter_or_looser_a_program_only_asks_also_where_nobody_else_could_confirm(minutes: int) -> None:
    program = Program()
    before = high(program)
    wanted = {**before, "first_notice_minutes": minutes, "reason": "Since June."}
    waits = asked(program, "PUT", "/policies/high", wanted)
    assert waits and high(program) == before
    [shown] = program.get("/policies/asked").json()  # type: ignore[attr-defined]
    assert (shown["id"], shown["first_notice_minutes"]) == (waits, minutes)
    _, other = admin(name="Kim")
    actions.confirm_policy(other, queries.policies_asked(other)[0].pk)
    assert (high(program)["first_notice_minutes"], high(program)["version"]) == (minutes, 1)
    assert asked(program, "PUT", "/policies/high", {**high(program)}) is None
    late = program.ask("PUT", "/policies/high", {**wanted, "version": 0, "update_minutes": 30})
    assert late.status_code == 409


def test_who_made_the_key_is_no_second_person_for_what_it_asks() -> None:
    user, maker = admin(name="Robin")
    program = Program()
    ApiKey.objects.filter(pk=program.key.pk).update(made_by=str(user.pk))
    row = {"severity": "critical", "kind": "delay"}
    waits = asked(program, "POST", "/grading/rows", row)
    with pytest.raises(Refused, match="policy_not_both"):
        actions.confirm_grading(maker, waits)  # type: ignore[arg-type]
    _, other = admin(name="Kim")
    actions.confirm_grading(other, waits)  # type: ignore[arg-type]
    assert (
        row.items() <= max(program.get("/grading").json(), key=lambda one: row.items() <= one.items()).items()
    )  # type: ignore[attr-defined]


def test_rows_and_kinds_are_read_and_asked_for() -> None:
    program = Program()
    rows = program.get("/grading").json()  # type: ignore[attr-defined]
    taken_out = next(one for one in rows if one["kind"] == "delay")
    assert asked(program, "POST", "/grading/rows/end", taken_out)
    assert asked(program, "PUT", "/kinds/flood", {"names": {"en": "Flood"}, "floor": "medium"})
    assert program.get("/grading").json() == rows  # type: ignore[attr-defined]
    kinds = {one["code"]: one for one in program.get("/kinds").json()}  # type: ignore[attr-defined]
    assert "flood" not in kinds and kinds["theft"]["floor"] == "medium"
    whats = [one["what"] for one in program.get("/grading/asked").json()]  # type: ignore[attr-defined]
    assert whats == ["end_row", "save_kind"]
    assert refused(program, "POST", "/grading/rows", {"severity": "low", "kind": "theft"}) == (
        400,
        "incident.row_below_floor",
    )
    assert refused(program, "PUT", "/kinds/delay", {"names": {"en": "Late"}, "floor": "low"}) == (
        400,
        "incident.kind_code_unfit",
    )
    assert refused(program, "PUT", "/policies/weird", {**high(program)})[0] == 404


def test_what_touches_the_whole_firm_is_asked_by_keys_of_headquarters_with_the_scope_alone() -> None:
    wanted = high(Program())
    local = Program(name="Branch", unit=make_unit("Assen", kind=UnitKind.BRANCH))
    reader = Program(*(FOR_KEYS - {"policy.ask"}), name="Reader")
    for program in (local, reader):
        assert program.ask("PUT", "/policies/high", wanted).status_code == 403
        assert (
            program.ask("PUT", "/kinds/flood", {"names": {"en": "Flood"}, "floor": "low"}).status_code == 403
        )
    assert queries.policies()[rules.Severity.HIGH] == rules.SHIPPED_POLICIES[rules.Severity.HIGH]
