"""Giving somebody more rights takes two people, wherever there are two."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from tests.cast import make_administrator, make_agent, make_dispatcher, make_unit, signed_in
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.installation import start_demo
from tidings.kernel.models import AuditLine
from tidings.people import actions
from tidings.people.models import AccessAsk, User
from tidings.people.queries import AGREEING_LASTS, actor_of, command_actor, roles_of
from tidings.people.rules import Role, UnitKind, needs_second_person

AGENT, DISPATCHER, MANAGER, ADMINISTRATOR = "agent", "dispatcher", "manager", "administrator"


@pytest.mark.parametrize(
    ("before", "after", "others", "demo", "waits"),
    [
        ([], [AGENT], 1, False, True),
        ([], [AGENT], 0, False, False),  # nobody else could confirm it
        ([AGENT], [DISPATCHER], 1, False, True),
        ([AGENT], [DISPATCHER], 1, True, False),
        ([DISPATCHER], [AGENT], 2, False, False),
        ([DISPATCHER], [DISPATCHER], 2, False, False),
        ([DISPATCHER], [DISPATCHER, AGENT], 2, False, False),  # an agent's rights are among a dispatcher's
        ([DISPATCHER], [AGENT, "approver"], 2, False, True),
        ([MANAGER], [DISPATCHER], 1, False, False),
        ([AGENT], [ADMINISTRATOR], 1, False, True),
        ([AGENT], [], 1, False, False),
    ],
)
def test_more_rights_wait_where_somebody_could_confirm_them(
    before: list[str], after: list[str], others: int, demo: bool, waits: bool
) -> None:
    assert needs_second_person(before, after, others=others, demo=demo) is waits


def _change(by: User, user: User, *roles: str) -> AccessAsk | None:
    actions.change_access(actor_of(by), user.pk, roles=roles, unit_id=make_unit().pk)
    return AccessAsk.objects.filter(user=user, ended_at__isnull=True).first()


@pytest.mark.django_db
def test_a_second_administrator_confirms_and_both_stand_in_the_audit() -> None:
    first, second, user = make_administrator(), make_administrator(), make_agent()
    client = signed_in(user)
    asked = _change(first, user, Role.MANAGER)
    assert asked is not None
    assert roles_of(user) == [AGENT]
    assert client.get("/").status_code == 200, "nothing changed yet"
    with pytest.raises(Refused, match=r"people\.not_both"):
        actions.confirm_access(actor_of(first), user.pk, asked.pk)
    with pytest.raises(Refused, match=r"people\.confirm_as_yourself"):
        actions.confirm_access(command_actor("test"), user.pk, asked.pk)
    with pytest.raises(Refused, match="not_allowed"):
        actions.confirm_access(actor_of(make_dispatcher()), user.pk, asked.pk)
    actions.confirm_access(actor_of(second), user.pk, asked.pk)
    assert roles_of(user) == [MANAGER]
    assert client.get("/").status_code == 302
    lines = list(AuditLine.objects.order_by("id").values_list("verb", "actor_ref"))
    assert lines == [("staff.ask", str(first.pk)), ("staff.change", str(second.pk))]
    asked.refresh_from_db()
    assert (asked.outcome, asked.ended_by) == ("confirmed", str(second.pk))
    with pytest.raises(Missing, match=r"people\.no_such_ask"):
        actions.confirm_access(actor_of(second), user.pk, asked.pk)


@pytest.mark.django_db
def test_what_was_asked_before_another_change_is_not_confirmed_after_it() -> None:
    first, second, user = make_administrator(), make_administrator(), make_dispatcher(second_factor=True)
    asked = _change(first, user, Role.MANAGER)
    assert asked is not None
    actions.remove_second_factor(actor_of(second), user.pk)
    with pytest.raises(Conflict, match=r"people\.changed_meanwhile"):
        actions.confirm_access(actor_of(second), user.pk, asked.pk)
    assert _change(second, user, Role.AGENT) is None, "fewer rights hold at once and end what waited"
    assert AccessAsk.objects.get().outcome == "replaced"
    assert roles_of(user) == [AGENT]


@pytest.mark.django_db
def test_nobody_is_made_an_administrator_by_one_hand_through_an_invitation() -> None:
    first, second = make_administrator(), make_administrator()
    facts = {"email": "x@example.org", "name": "X", "unit_id": make_unit().pk}
    user = actions.invite(actor_of(first), roles=[Role.ADMINISTRATOR], **facts)  # type: ignore[arg-type]
    assert roles_of(user) == []
    asked = AccessAsk.objects.get()
    with pytest.raises(Refused, match=r"people\.not_yourself"):
        actions.confirm_access(actor_of(second), second.pk, asked.pk)
    actions.confirm_access(actor_of(second), user.pk, asked.pk)
    assert roles_of(user) == [ADMINISTRATOR]


@pytest.mark.django_db
def test_who_is_alone_gives_rights_at_once_and_the_audit_and_the_page_say_so() -> None:
    only, user = make_administrator(), make_agent()
    page = signed_in(only).get(reverse("people:person", args=[user.pk])).content.decode()
    assert "Nobody else could confirm more rights" in page
    assert _change(only, user, Role.DISPATCHER) is None
    assert roles_of(user) == [DISPATCHER]
    assert AuditLine.objects.get(verb="staff.change").facts["alone"] is True


@pytest.mark.django_db
@pytest.mark.parametrize("away", ["second factor", "account", "role"])
def test_taking_away_the_one_who_would_agree_gives_nobody_a_free_hand(away: str) -> None:
    first, second, user = make_administrator(), make_administrator(), make_agent()
    signed_in(second)
    if away == "second factor":
        actions.remove_second_factor(actor_of(first), second.pk)
    elif away == "account":
        actions.end_account(actor_of(first), second.pk)
    else:
        assert _change(first, second, Role.AGENT) is None, "fewer rights hold at once"
    assert _change(first, user, Role.ADMINISTRATOR) is not None
    with time_machine.travel(now() + AGREEING_LASTS + timedelta(minutes=1)):
        waits = _change(first, user, Role.ADMINISTRATOR) is not None
    assert waits is (away == "second factor"), "a day later nobody else is an administrator"


@pytest.mark.django_db
def test_a_wider_unit_waits_as_more_rights_do() -> None:
    first, branch = make_administrator(), make_unit("Rotterdam", UnitKind.BRANCH, make_unit())
    make_administrator()
    user = make_dispatcher(unit=branch)
    assert _change(first, user, Role.DISPATCHER) is not None, "headquarters sees more than a branch"
    actions.change_access(actor_of(first), user.pk, roles=[Role.DISPATCHER], unit_id=branch.pk)
    assert not AccessAsk.objects.filter(ended_at=None).exists()


@pytest.mark.django_db
def test_only_who_sees_the_person_and_the_unit_could_confirm() -> None:
    one, other = (make_unit(name, UnitKind.FRANCHISE, make_unit()) for name in ("Gent", "Brugge"))
    first, user = make_administrator(unit=one), make_agent(unit=one)
    make_administrator(unit=other)
    actions.change_access(actor_of(first), user.pk, roles=[Role.DISPATCHER], unit_id=one.pk)
    assert roles_of(user) == [DISPATCHER], "another franchise's administrator cannot see them"


@pytest.mark.django_db
def test_an_ended_account_gets_no_role() -> None:
    only, user = make_administrator(), make_agent()
    actions.end_account(actor_of(only), user.pk)
    with pytest.raises(Conflict, match=r"people\.already_ended"):
        _change(only, user, Role.MANAGER)


@pytest.mark.django_db
def test_in_a_demo_one_person_does_it_all() -> None:
    start_demo("test", "Noordster", "Europe/Amsterdam")
    first, user = make_administrator(), make_agent()
    make_administrator()
    assert _change(first, user, Role.DISPATCHER) is None


@pytest.mark.django_db
def test_a_request_is_shown_confirmed_and_declined_on_the_pages() -> None:
    first, second, user = make_administrator(name="Noor"), make_administrator(), make_agent(name="Sanne")
    address = reverse("people:person", args=[user.pk])
    asking, answering = signed_in(first), signed_in(second)
    form = {"roles": ["manager"], "unit": str(user.unit_id), "version": user.access_version}
    said = asking.post(address, form, follow=True).content.decode()
    assert "waits until another administrator confirms it" in said
    assert "Take the request back" in said and "Confirm<" not in said
    for page in (reverse("people:staff"), address):
        shown = answering.get(page).content.decode()
        assert "Noor asked for these roles for Sanne: manager." in shown
    asked = AccessAsk.objects.get()
    answering.post(reverse("people:decline", args=[user.pk, asked.pk]))
    assert roles_of(user) == [AGENT]
    late = answering.post(reverse("people:confirm", args=[user.pk, asked.pk]), follow=True)
    assert "Nothing waits here any more" in late.content.decode()
    asking.post(address, form)
    again = AccessAsk.objects.get(ended_at__isnull=True)
    answering.post(reverse("people:confirm", args=[user.pk, again.pk]))
    assert roles_of(user) == [MANAGER]
