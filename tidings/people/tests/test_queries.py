"""Who somebody is as an actor."""

import pytest

from tests.cast import make_approver, make_person, make_unit
from tidings.kernel.installation import start_demo
from tidings.people.queries import actor_of, command_actor
from tidings.people.rules import APPROVING, Role, UnitKind

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
