"""The roster: who may be on call, who is asked to approve at a moment, and the page of a week."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.urls import reverse

from tests.cast import (
    give_second_factor,
    make_administrator,
    make_agent,
    make_approver,
    make_dispatcher,
    make_manager,
    make_unit,
    signed_in,
)
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, Refused
from tidings.kernel.installation import name_installation
from tidings.kernel.models import AuditLine
from tidings.people import actions
from tidings.people.models import Shift, Unit, User
from tidings.people.queries import actor_of
from tidings.people.queries.roster import approvers_to_ask
from tidings.people.rules import AskedAs, MayBeAsked, OnCall, asking_order, units_asked

BRANCH, REGION, HEAD = UUID(int=1), UUID(int=2), UUID(int=3)
ANNA, BRAM, CHEN, DAAN, EVA = (UUID(int=number) for number in range(11, 16))
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
EVERYBODY = [
    MayBeAsked(ANNA, BRANCH, True),
    MayBeAsked(BRAM, BRANCH, False),
    MayBeAsked(CHEN, HEAD, True),
    MayBeAsked(DAAN, HEAD, True),
    MayBeAsked(EVA, HEAD, False),
]
AT_BRANCH = OnCall(BRAM, ANNA, BRANCH, NOON)
AT_HEAD = OnCall(DAAN, EVA, HEAD, NOON)
APPROVER, DEPUTY, NEXT = AskedAs.APPROVER, AskedAs.DEPUTY, AskedAs.NEXT


@pytest.mark.parametrize(
    ("on_call", "able", "barred", "expected"),
    [
        ([AT_BRANCH, AT_HEAD], EVERYBODY, (), [(BRAM, APPROVER), (ANNA, DEPUTY), (DAAN, NEXT)]),
        ([AT_HEAD], EVERYBODY, (), [(DAAN, APPROVER), (EVA, DEPUTY), (ANNA, NEXT)]),
        ([], EVERYBODY, (), [(ANNA, NEXT), (BRAM, NEXT), (CHEN, NEXT)]),
        ([AT_BRANCH], EVERYBODY, (BRAM,), [(ANNA, DEPUTY), (CHEN, NEXT), (DAAN, NEXT)]),
        ([AT_BRANCH], [MayBeAsked(EVA, HEAD, False)], (), [(EVA, NEXT)]),
        ([AT_BRANCH], EVERYBODY[:1], (ANNA,), []),
        ([OnCall(CHEN, None, UUID(int=9), NOON)], EVERYBODY[2:3], (), [(CHEN, NEXT)]),
    ],
    ids=[
        "unit before headquarters",
        "headquarters where the unit has nobody",
        "any approver, nearest first, before managers",
        "the author is passed over",
        "whose account ended is not asked",
        "nobody is left",
        "another unit's shift counts for nothing",
    ],
)
def test_who_is_asked(
    on_call: list[OnCall], able: list[MayBeAsked], barred: tuple[UUID, ...], expected: list[object]
) -> None:
    found = asking_order(on_call, able, units=(BRANCH, HEAD), barred=frozenset(barred))
    assert list(found) == expected


@pytest.mark.parametrize(
    ("unit", "expected"), [(BRANCH, (BRANCH, REGION, HEAD)), (None, (HEAD,)), (HEAD, (HEAD,))]
)
def test_units_are_asked_from_the_nearest_up(unit: UUID | None, expected: tuple[UUID, ...]) -> None:
    parents = {BRANCH: REGION, REGION: HEAD, HEAD: None}
    assert units_asked(unit, parents, [HEAD]) == expected


def test_a_circle_of_units_ends_the_walk() -> None:
    assert units_asked(BRANCH, {BRANCH: REGION, REGION: BRANCH}, [HEAD]) == (BRANCH, REGION, HEAD)


pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def on_call(user: User, *, lead: User | None = None, unit: Unit | None = None, **facts: object) -> Shift:
    """Somebody on call as approver around now."""
    at = now()
    told = {"role": "approver", "begins_at": at - HOUR, "ends_at": at + HOUR} | facts
    lead = lead or make_manager()
    return actions.put_on_call(
        actor_of(lead),
        user.pk,
        unit_id=(unit or user.unit).pk,  # type: ignore[union-attr]
        **told,  # type: ignore[arg-type]
    )


def asked(unit: Unit | None = None, barred: tuple[UUID, ...] = ()) -> list[UUID]:
    found = approvers_to_ask(unit.pk if unit else None, now(), barred)
    return [one.person for one in found]


def test_who_is_on_call_is_asked_before_who_is_not_and_the_deputy_after() -> None:
    other, deputy, person = make_approver(), make_approver(), make_approver()
    on_call(person, lead=make_manager(), deputy_id=deputy.pk)
    assert asked()[:2] == [person.pk, deputy.pk]
    assert asked(barred=(person.pk,))[0] == deputy.pk
    assert other.pk in asked()


@pytest.mark.parametrize("lost", ["account", "factor", "role"])
def test_who_cannot_approve_at_this_moment_is_not_asked(lost: str) -> None:
    person, boss = make_approver(), make_administrator()
    on_call(person)
    if lost == "account":
        actions.end_account(actor_of(boss), person.pk, None)
    elif lost == "factor":
        actions.remove_second_factor(actor_of(boss), person.pk)
    else:
        person.roles_held.update(ended_at=now())
    assert person.pk not in asked()


def test_a_branch_is_asked_about_its_own_things_only() -> None:
    make_unit("Head", "headquarters")
    ours, theirs = make_unit("Delft", "branch"), make_unit("Venlo", "branch")
    ours_approver, theirs_approver = make_approver(unit=ours), make_approver(unit=theirs)
    assert asked(ours)[0] == ours_approver.pk
    assert theirs_approver.pk not in asked(ours)
    assert ours_approver.pk not in asked(None)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"role": "auditor"}, "no_shift_for_role"),
        ({"role": "dispatcher"}, "cannot_be_on_call"),
        ({"ends_at": datetime(2020, 1, 1, tzinfo=UTC)}, "shift_backwards"),
    ],
)
def test_a_shift_that_cannot_be_is_refused_and_leaves_nothing(facts: dict[str, object], code: str) -> None:
    with pytest.raises(Refused, match=code):
        on_call(make_approver(), **facts)
    assert not Shift.objects.exists()


def test_a_manager_stands_in_for_an_approver() -> None:
    person, boss = make_approver(), make_manager()
    assert on_call(person, deputy_id=boss.pk).deputy_id == boss.pk
    assert asked()[:2] == [person.pk, boss.pk]


def test_nobody_stands_in_for_themselves_nor_is_on_call_twice() -> None:
    person = make_approver()
    with pytest.raises(Refused, match="deputy_is_same"):
        on_call(person, deputy_id=person.pk)
    shift = on_call(person)
    with pytest.raises(Refused, match="on_call_already"):
        on_call(person)
    actions.end_shift(actor_of(make_manager()), shift.pk)
    on_call(person)
    assert AuditLine.objects.filter(verb__startswith="roster.").count() == 3


def test_a_branchs_lead_changes_no_other_units_roster() -> None:
    make_unit("Head", "headquarters")
    ours, theirs = make_unit("Delft", "branch"), make_unit("Venlo", "branch")
    person, lead = make_approver(unit=theirs), make_manager(unit=ours)
    with pytest.raises(Missing, match="no_such_unit"):
        on_call(person, lead=lead)
    shift = on_call(person, lead=make_manager(unit=theirs))
    with pytest.raises(Missing, match="no_such_shift"):
        actions.end_shift(actor_of(lead), shift.pk)


def test_the_page_takes_and_shows_times_in_the_firms_zone() -> None:
    name_installation("Noordster Koeriers", "Asia/Shanghai")
    person, boss = make_approver(), make_manager()
    client = signed_in(boss)
    fields = {
        "person": str(person.pk),
        "role": "approver",
        "unit": str(person.unit_id),
        "begins_at": "2026-11-30T22:00",
        "ends_at": "2026-12-01T06:00",
        "deputy": "",
    }
    where = reverse("people:roster")
    answer = client.post(where, fields, follow=True)
    assert Shift.objects.get().begins_at == datetime(2026, 11, 30, 14, tzinfo=UTC)
    page = answer.text
    assert "22:00–24:00" in page and "00:00–06:00" in page and "Asia/Shanghai" in page
    again = client.post(where, fields)
    assert again.status_code == 422 and "is on call at that time already" in again.text
    client.post(reverse("people:end_shift", args=[Shift.objects.get().pk]))
    assert person.name not in client.get(where, {"week": "2026-W49"}).text.partition("<form class")[0]


@pytest.mark.parametrize("week", ["", "2026-W99", "x", "2026-W53"])
def test_a_week_that_is_none_shows_one_that_is(week: str) -> None:
    assert signed_in(make_agent()).get(reverse("people:roster"), {"week": week}).status_code == 200


def test_an_agent_reads_the_roster_and_changes_nothing() -> None:
    client, person = signed_in(make_agent()), make_approver()
    on_call(person)
    page = client.get(reverse("people:roster")).text
    assert person.name in page and "on call now" in page and "Put on call" not in page
    assert client.post(reverse("people:roster"), {}).status_code == 403
    assert client.post(reverse("people:end_shift", args=[Shift.objects.get().pk])).status_code == 403
    assert Shift.objects.get().ended_at is None


def test_a_manager_without_a_second_factor_is_not_asked_either() -> None:
    boss = make_dispatcher()
    boss.roles_held.update(role="manager")
    assert boss.pk not in asked()
    give_second_factor(boss)
    assert boss.pk in asked()
