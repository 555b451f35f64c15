"""What a severity demands is the firm's to set: tighter at once, looser only with a second administrator, never beyond a day."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from tests.cast import make_administrator, make_auditor, make_dispatcher, make_unit, signed_in
from tidings.incidents import actions, queries, rules
from tidings.incidents.models import PolicyAsk, PolicyVersion
from tidings.incidents.rules.policies import loosened
from tidings.incidents.tests.cast import (
    NOW,
    approve,
    make_actor,
    make_hub_of_shipments,
    make_opened,
    make_place,
)
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.models import AuditLine
from tidings.messaging import queries as messaging
from tidings.messaging.models import Message
from tidings.people.models import User
from tidings.people.queries import actor_of, command_actor

pytestmark = pytest.mark.django_db
HIGH, MEDIUM = rules.SHIPPED_POLICIES[rules.Severity.HIGH], rules.SHIPPED_POLICIES[rules.Severity.MEDIUM]
TIGHTER = replace(HIGH, first_notice_within=timedelta(hours=2))
LOOSER = replace(HIGH, first_notice_within=timedelta(hours=8), second_person=False)


def admin(**facts: object) -> tuple[User, Actor]:
    user = make_administrator(**facts)
    user.last_login = timezone.now()
    user.save()
    return user, actor_of(user)


def in_force(severity: rules.Severity = rules.Severity.HIGH) -> rules.Policy:
    return queries.policies()[severity]


@pytest.mark.parametrize(
    ("after", "lines"),
    [
        (TIGHTER, []),
        (LOOSER, ["first_notice_within", "second_person"]),
        (replace(HIGH, update_every=timedelta(hours=9)), ["update_every"]),
        (replace(HIGH, required=frozenset({rules.Phase.FIRST_NOTICE})), ["required"]),
        (replace(HIGH, approvers=frozenset({"legal"})), []),
        (replace(HIGH, legal_kinds=frozenset({"theft"})), []),
        (replace(HIGH, special=True, overrides_quiet=frozenset({"call"})), []),
        (replace(HIGH, brake=rules.Brake(customers=100, gathered=timedelta(minutes=5))), []),
        (replace(HIGH, brake=rules.Brake(customers=5000)), ["brake"]),
        (replace(HIGH, channels=frozenset({"email"})), ["channels"]),
        (replace(HIGH, confirm=True), []),
    ],
)
def test_what_loosens_a_policy_is_named(after, lines):
    assert loosened(HIGH, after) == lines


BOTH = frozenset({"legal", "management"})
FOR_THEFT = replace(HIGH, second_person=False, legal_kinds=frozenset({"theft"}), management_kinds=frozenset({"theft"}))  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (replace(HIGH, approvers=BOTH), replace(HIGH, approvers=frozenset({"legal"})), ["approvers"]),
        (replace(HIGH, approvers=BOTH), HIGH, ["approvers"]),
        (replace(HIGH, approvers=BOTH), MEDIUM, ["first_notice_within", "update_every", "second_person", "approvers"]),
        (replace(HIGH, second_person=False, approvers=BOTH), HIGH, ["approvers"]),
        (FOR_THEFT, replace(HIGH, second_person=False), ["legal_kinds", "management_kinds"]),
        (FOR_THEFT, replace(HIGH, approvers=BOTH), []),
        (FOR_THEFT, replace(HIGH, approvers=frozenset({"legal"})), ["management_kinds"]),
    ],
)  # fmt: skip
def test_asking_fewer_approvers_loosens_a_policy(before, after, lines):
    assert loosened(before, after) == lines


@pytest.mark.parametrize(
    ("policy", "kind", "asked"),
    [
        (MEDIUM, "delay", None),
        (HIGH, "delay", set()),
        (replace(HIGH, approvers=frozenset({"legal"})), "delay", {"legal"}),
        (FOR_THEFT, "delay", None),
        (FOR_THEFT, "theft", BOTH),
        (replace(MEDIUM, legal_kinds=frozenset({"data_breach"})), "data_breach", {"legal"}),
    ],
)
def test_whose_approval_a_policy_asks_for(policy, kind, asked):
    assert rules.asks_second_person(policy, kind) is (asked is not None)
    assert rules.approvers_of(policy, kind) == (asked or set())


def test_a_message_of_a_theft_waits_for_both_and_keeps_waiting_when_the_policy_is_loosened():
    make_hub_of_shipments()
    _, boss = admin()
    actions.change_policy(
        boss, replace(HIGH, legal_kinds=frozenset({"theft"}), management_kinds=frozenset({"theft"}))
    )
    writer, incident = make_opened(kind="theft")
    own = {code: {"what_we_do": "Own words."} for code in ("en", "nl", "zh-hans")}
    outcome = actions.tell_phase(writer, incident.pk, "first_notice", own)
    assert outcome.sent is None
    assert messaging.approvals_missing(outcome.message_id) == ("legal", "management")
    actions.change_policy(boss, HIGH)
    assert in_force() == HIGH
    assert messaging.approvals_missing(outcome.message_id) == ("legal", "management")
    approve(outcome.message_id)
    with pytest.raises(Refused, match="not_approved"):
        actions.send_phase(writer, incident.pk, outcome.message_id)
    page = signed_in(make_dispatcher()).get(reverse("incidents:show", args=[incident.number])).text
    assert "Approved so far: legal" in page and "management approval is missing" in page
    approve(outcome.message_id)
    assert actions.send_phase(writer, incident.pk, outcome.message_id) == 3


def test_a_tighter_policy_holds_at_once_and_for_what_is_reported_next():
    make_place()
    _, boss = admin()
    admin()
    assert actions.change_policy(boss, TIGHTER, "Our largest client asks for it") is None
    assert in_force() == TIGHTER
    _, incident = make_opened()
    assert incident.first_notice_by - incident.detected_at == timedelta(hours=2)
    line = AuditLine.objects.get(verb="policy.change")
    assert (line.thing, line.thing_id) == ("policy", "high")


def test_a_looser_policy_waits_for_another_administrator():
    _, asker = admin()
    _, second = admin()
    asked = actions.change_policy(asker, LOOSER, "Nights")
    assert asked is not None and in_force() == HIGH
    with pytest.raises(Refused, match="policy_not_both"):
        actions.confirm_policy(asker, asked.pk)
    with pytest.raises(Refused, match="policy_confirm_as_yourself"):
        actions.confirm_policy(command_actor("shell"), asked.pk)
    actions.confirm_policy(second, asked.pk)
    assert in_force() == LOOSER
    version = PolicyVersion.objects.get()
    assert (version.by, version.asked_by, version.reason) == (second.ref, asker.ref, "Nights")
    with pytest.raises(Missing, match="no_such_policy_ask"):
        actions.confirm_policy(second, asked.pk)


def test_who_is_the_only_administrator_of_the_whole_firm_waits_for_nobody():
    _, boss = admin()
    admin(unit=make_unit("Delft", "branch"))
    assert actions.change_policy(boss, LOOSER) is None
    assert in_force() == LOOSER


def test_a_declined_wish_changes_nothing_and_a_newer_one_takes_its_place():
    _, asker = admin()
    _, second = admin()
    first = actions.change_policy(asker, LOOSER)
    newer = actions.change_policy(asker, replace(HIGH, second_person=False))
    assert first and newer
    assert PolicyAsk.objects.get(pk=first.pk).outcome == "replaced"
    actions.decline_policy(second, newer.pk)
    assert in_force() == HIGH and not PolicyAsk.objects.filter(ended_at__isnull=True).exists()


def test_what_was_asked_of_another_version_is_not_confirmed():
    _, asker = admin()
    _, second = admin()
    asked = actions.change_policy(asker, LOOSER)
    assert asked
    PolicyVersion.objects.create(
        severity="high",
        version=1,
        first_notice_within=timedelta(hours=1),
        update_every=timedelta(hours=1),
        second_person=True,
        special=True,
        required=["first_notice"],
        at=NOW,
        by_kind="person",
        by="x",
    )
    with pytest.raises(Conflict, match="policy_changed"):
        actions.confirm_policy(second, asked.pk)
    with pytest.raises(Conflict, match="policy_changed"):
        actions.change_policy(asker, TIGHTER, seen_version=0)


@pytest.mark.parametrize(
    "terms",
    [
        {"first_notice_within": timedelta(hours=25)},
        {"update_every": timedelta(hours=25)},
        {"first_notice_within": timedelta(0)},
        {"required": ["closing"]},
    ],
)
def test_the_database_itself_holds_the_line(terms):
    row = {
        "severity": "high",
        "version": 1,
        "first_notice_within": timedelta(hours=1),
        "update_every": timedelta(hours=1),
        "second_person": True,
        "special": True,
        "required": ["first_notice"],
        "at": NOW,
        "by_kind": "person",
        "by": "x",
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyVersion.objects.create(**{**row, **terms})


def test_the_first_notice_stays_required_above_low():
    _, boss = admin()
    with pytest.raises(Refused, match="policy_too_loose"):
        actions.change_policy(boss, replace(HIGH, required=frozenset()))


def test_a_looser_policy_gives_an_open_incident_no_time_back_and_takes_no_approval_away():
    make_hub_of_shipments()
    desk, incident = make_opened()
    due = incident.first_notice_by
    actions.write_phase(desk, incident.pk, "first_notice", {})
    asked_for = Message.objects.get().author_may_approve
    _, boss = admin()
    actions.change_policy(boss, LOOSER)
    actions.change_grade(desk, incident.pk, "medium", "Less than feared")
    actions.change_grade(desk, incident.pk, "high")
    incident.refresh_from_db()
    assert incident.first_notice_by == due
    actions.tell_phase(desk, incident.pk, "first_notice")
    assert Message.objects.get().author_may_approve is asked_for is False


def test_only_who_may_change_policies_does():
    with pytest.raises(Refused, match="not_allowed"):
        actions.change_policy(make_actor("manager"), TIGHTER)
    stranger = Actor(ActorKind.PERSON, "x", frozenset())
    with pytest.raises(Refused, match="not_allowed"):
        queries.policies_asked(stranger)


def typed(**changes):
    return {
        "seen_version": 0,
        "first_notice_within": "8",
        "update_every": "8",
        "required": ["first_notice", "closing"],
        "reason": "Nights",
        **changes,
    }


def test_on_the_page_one_asks_and_another_confirms():
    (asker, _), (second, _) = admin(name="Robin"), admin(name="Kim")
    page = signed_in(asker).post(reverse("incidents:policy", args=["high"]), typed(), follow=True).text
    assert "another administrator must confirm it first" in page
    assert "You asked for it, so another administrator confirms it." in page
    ask = PolicyAsk.objects.get()
    client = signed_in(second)
    assert (
        "Robin asks to change: first notice, approval of own sentences."
        in client.get(reverse("incidents:policies")).text
    )
    answer = client.post(reverse("incidents:confirm_policy", args=[ask.pk]), follow=True)
    assert "The policy holds from now on." in answer.text
    history = client.get(reverse("incidents:policy", args=["high"])).text
    assert "Version 1" in history and "asked by Robin" in history


def test_who_approves_is_chosen_on_the_page():
    client = signed_in(admin()[0])
    client.post(reverse("incidents:policy", args=["high"]), typed(approval="both", legal_kinds=["theft"]))
    assert (in_force().approvers, in_force().legal_kinds) == (BOTH, {"theft"}) and in_force().second_person
    page = client.get(reverse("incidents:policy", args=["high"])).text
    assert "legal and management, two people" in page and "Legal approves too" in page


def test_more_than_a_day_is_refused_beside_the_field():
    client = signed_in(admin()[0])
    answer = client.post(reverse("incidents:policy", args=["high"]), typed(first_notice_within="25"))
    assert answer.status_code == 422 and "24" in answer.text
    assert client.get(reverse("incidents:policy", args=["grave"])).status_code == 404


def test_everybody_may_read_the_policies_and_few_change_them():
    for user in (make_dispatcher(), make_auditor()):
        client = signed_in(user)
        assert client.get(reverse("incidents:policies")).status_code == 200
        assert client.get(reverse("incidents:policy", args=["high"])).status_code == 403


def test_a_looser_brake_waits_for_a_second_administrator():
    (_, first), (_, second) = admin(), admin()
    loose = replace(HIGH, brake=rules.Brake(customers=5000, share=50))
    asked = actions.change_policy(first, loose)
    assert asked is not None and in_force().brake == rules.SHIPPED_BRAKE
    actions.confirm_policy(second, asked.pk)
    assert in_force().brake == rules.Brake(customers=5000, share=50)


def test_the_page_of_a_policy_takes_the_figures_of_the_brake():
    user, _ = admin()
    client, address = signed_in(user), reverse("incidents:policy", args=["high"])
    typed = {**client.get(address).context["form"].initial, "brake_customers": "100", "brake_share": ""}
    assert client.post(address, typed).status_code == 302
    assert in_force().brake == rules.Brake(customers=100)
    assert "more than 100 customers, or 25% of them and more than 20" in client.get(address).text
