"""Who somebody is as an actor."""

import pytest

from tests.cast import make_administrator, make_approver, make_person, make_unit
from tidings.kernel.errors import Refused
from tidings.kernel.installation import start_demo
from tidings.people import actions
from tidings.people.forms import UnitForm
from tidings.people.queries import actor_of, command_actor
from tidings.people.rules import ABILITIES, APPROVING, WHOLE_FIRM, Role, UnitKind

pytestmark = pytest.mark.django_db


def test_an_approver_may_approve_only_with_a_second_factor() -> None:
    assert actor_of(make_approver()).may("message.approve")
    assert not actor_of(make_person(Role.APPROVER)).may("message.approve")


def test_in_the_demo_an_approver_needs_no_second_factor() -> None:
    start_demo("test", "Noordster Koeriers")
    assert actor_of(make_person(Role.APPROVER)).may("message.approve")


def test_a_command_never_approves() -> None:
    actor = command_actor("demo")
    assert actor.may("incident.open")
    assert not any(actor.may(ability) for ability in APPROVING)


def test_headquarters_sees_every_unit_and_a_region_what_is_below_it() -> None:
    region = make_unit("South", UnitKind.REGION)
    branch = make_unit("Venlo", UnitKind.BRANCH, parent=region)
    make_unit("North", UnitKind.REGION)
    assert actor_of(make_person(Role.AGENT)).units is None
    assert actor_of(make_person(Role.AGENT, unit=region)).units == {region.pk, branch.pk}
    assert actor_of(make_person(Role.AGENT, unit=branch)).units == {branch.pk}


def test_an_ended_account_may_do_nothing() -> None:
    person = make_person(Role.MANAGER)
    person.is_active = False
    assert not actor_of(person).abilities


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.MANAGER, Role.AUDITOR])
def test_what_touches_the_whole_firm_is_for_those_who_see_all_of_it(role: Role) -> None:
    branch = make_unit("Rotterdam", UnitKind.BRANCH, make_unit())
    inside = actor_of(make_person(role, unit=branch, second_factor=True))
    above = actor_of(make_person(role, second_factor=True))
    assert not inside.abilities & WHOLE_FIRM
    assert above.abilities & WHOLE_FIRM == ABILITIES[role] & WHOLE_FIRM


def test_nobody_of_a_unit_makes_a_headquarters() -> None:
    branch = make_unit("Rotterdam", UnitKind.FRANCHISE, make_unit())
    within = make_administrator(unit=branch)
    with pytest.raises(Refused, match=r"people\.only_headquarters"):
        actions.make_unit(actor_of(within), name="Mine", kind=UnitKind.HEADQUARTERS, parent_id=branch.pk)
    assert UnitKind.HEADQUARTERS not in dict(UnitForm(actor_of(within)).fields["kind"].widget.choices)
