"""What is done to the staff leaves rows, an audit line and closed sessions; what is refused leaves nothing."""

import pytest
from click.testing import CliRunner
from django.core.exceptions import ValidationError

from tests.cast import (
    give_second_factor,
    make_administrator,
    make_agent,
    make_dispatcher,
    make_person,
    make_unit,
    signed_in,
)
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.installation import is_demo, refuse_exposed_demo, refuse_in_demo
from tidings.kernel.models import AuditLine
from tidings.people import actions
from tidings.people.commands import person
from tidings.people.models import RoleHeld, User
from tidings.people.queries import actor_of, command_actor, roles_of
from tidings.people.rules import Role, UnitKind

pytestmark = pytest.mark.django_db


def administrator() -> Actor:
    return actor_of(make_administrator())


def invite(actor: Actor, **facts: object) -> User:
    given = {
        "email": "Ilse@Example.org",
        "name": "Ilse",
        "roles": [Role.AGENT],
        "unit_id": make_unit().pk,
        **facts,
    }
    return actions.invite(actor, **given)  # type: ignore[arg-type]


def test_an_invited_person_sets_their_own_password_once() -> None:
    actor = administrator()
    user = invite(actor)
    assert user.email == "ilse@example.org" and not user.has_usable_password()
    link = actions.password_link(actor, user.pk)
    with pytest.raises(ValidationError):
        actions.set_password(*link, "short")
    actions.set_password(*link, "a long enough password")
    user.refresh_from_db()
    assert user.check_password("a long enough password")
    with pytest.raises(Missing, match=r"people\.link_dead"):
        actions.set_password(*link, "another long password")
    verbs = list(AuditLine.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["staff.invite", "staff.invite", "password.own"]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"email": "ILSE@example.org"}, "people.address_taken"),
        ({"roles": []}, "people.no_role"),
        ({"roles": ["emperor"]}, "people.unknown_role"),
    ],
)
def test_a_refused_invitation_leaves_nothing_behind(facts: dict[str, object], code: str) -> None:
    actor = administrator()
    make_person(Role.AGENT, email="ilse@example.org")
    before = (User.objects.count(), RoleHeld.objects.count(), AuditLine.objects.count())
    with pytest.raises(Refused) as refused:
        invite(actor, **facts)
    assert refused.value.code == code
    assert (User.objects.count(), RoleHeld.objects.count(), AuditLine.objects.count()) == before


def test_nobody_but_an_administrator_invites() -> None:
    with pytest.raises(Refused, match="not_allowed"):
        invite(actor_of(make_dispatcher()))


def test_a_change_of_roles_ends_the_sessions_at_the_next_request() -> None:
    user = make_dispatcher()
    client = signed_in(user)
    assert client.get("/").status_code == 200
    actions.change_access(administrator(), user.pk, roles=[Role.AGENT], unit_id=make_unit().pk)
    assert client.get("/").status_code == 302
    assert roles_of(user) == ["agent"]
    assert RoleHeld.objects.get(user=user, role="dispatcher").ended_at is not None


def test_an_ended_account_has_no_session_no_role_and_no_password() -> None:
    user = make_dispatcher(second_factor=True)
    client = signed_in(user)
    actions.end_account(administrator(), user.pk)
    assert client.get("/").status_code == 302
    user.refresh_from_db()
    assert not user.is_active and not user.has_usable_password() and not roles_of(user)


def test_two_administrators_do_not_overwrite_each_other() -> None:
    user = make_agent()
    seen = user.access_version
    actions.change_access(
        administrator(), user.pk, roles=[Role.DISPATCHER], unit_id=make_unit().pk, version=seen
    )
    with pytest.raises(Conflict, match=r"people\.changed_meanwhile"):
        actions.change_access(
            administrator(), user.pk, roles=[Role.AGENT], unit_id=make_unit().pk, version=seen
        )
    assert roles_of(user) == ["dispatcher"]


def test_nobody_changes_their_own_access_and_the_last_administrator_stays() -> None:
    only = make_administrator()
    with pytest.raises(Refused, match=r"people\.not_yourself"):
        actions.change_access(actor_of(only), only.pk, roles=[Role.AGENT], unit_id=None)
    with pytest.raises(Refused, match=r"people\.last_administrator"):
        actions.end_account(command_actor("test"), only.pk)


def test_an_administrator_of_a_branch_reaches_only_that_branch() -> None:
    branch = make_unit("Venlo", UnitKind.BRANCH, parent=make_unit())
    actor = actor_of(make_administrator(unit=branch))
    outsider, insider = make_agent(), make_agent(unit=branch)
    with pytest.raises(Missing, match=r"people\.no_such_person"):
        actions.end_account(actor, outsider.pk)
    with pytest.raises(Missing, match=r"people\.no_such_unit"):
        actions.change_access(actor, insider.pk, roles=[Role.AGENT], unit_id=make_unit().pk)
    with pytest.raises(Refused, match=r"people\.unit_needed"):
        actions.change_access(actor, insider.pk, roles=[Role.AGENT], unit_id=None)
    actions.end_account(actor, insider.pk)


def test_a_demo_starts_only_where_nothing_is_and_stays_on_this_machine() -> None:
    actor = command_actor("demo")
    cast = actions.make_demo_cast(actor)
    assert is_demo() and len({password for *_rest, password in cast}) == len(cast) > 5
    with pytest.raises(Refused, match=r"installation\.not_empty"):
        actions.make_demo_cast(actor)
    with pytest.raises(Refused, match=r"installation\.demo_forbids"):
        refuse_in_demo("relay")
    with pytest.raises(Refused, match=r"installation\.demo_is_local"):
        refuse_exposed_demo("0.0.0.0", ["localhost"])
    with pytest.raises(Refused, match=r"installation\.demo_is_local"):
        refuse_exposed_demo("127.0.0.1", ["localhost", "tidings.example.org"])
    refuse_exposed_demo("127.0.0.1", ["localhost", "127.0.0.1", "[::1]"])


def test_a_firm_with_people_never_becomes_a_demo() -> None:
    make_agent()
    with pytest.raises(Refused, match=r"installation\.not_empty"):
        actions.make_demo_cast(command_actor("demo"))
    assert not is_demo()


def test_leaving_the_demo_closes_the_casts_accounts() -> None:
    actor = command_actor("demo leave")
    cast = actions.make_demo_cast(actor)
    client = signed_in(User.objects.get(email="dispatcher@example.org"))
    assert actions.leave_demo(actor) == len(cast)
    assert client.get("/").status_code == 302
    assert not User.objects.filter(is_active=True).exists() and not is_demo()
    refuse_in_demo("relay")
    with pytest.raises(Refused, match=r"installation\.not_demo"):
        actions.leave_demo(actor)


def test_the_first_administrator_of_a_firm_sees_every_unit_and_can_invite_the_next() -> None:
    asked = ["invite", "--email", "first@example.org", "--name", "First", "--role", "administrator"]
    done = CliRunner().invoke(person, asked)
    assert done.exit_code == 0, done.output
    first = User.objects.get(email="first@example.org")
    assert actor_of(first).units is None
    give_second_factor(first)
    branch = actions.make_unit(actor_of(first), name="Venlo", kind=UnitKind.BRANCH, parent_id=first.unit_id)
    actions.invite(actor_of(first), email="next@example.org", name="Next", roles=["agent"], unit_id=branch.pk)
    again = CliRunner().invoke(person, [*asked[:2], "second@example.org", *asked[3:]])
    assert again.exit_code == 0
    assert User.objects.get(email="second@example.org").unit_id == first.unit_id
