"""The team of an incident: proposed by policy and roster, called in with one press, answering, passed on when nobody answers."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from tests.cast import make_dispatcher, make_manager, make_unit, signed_in
from tidings.home.queries.worklist import worklist
from tidings.incidents import actions, queries, rules
from tidings.incidents.composer import composer
from tidings.incidents.jobs import escalate_calls
from tidings.incidents.models import Incident, TeamMember
from tidings.incidents.rules.policies import loosened
from tidings.incidents.rules.team import Proposed, Stands, TeamRole, is_gap, next_in, proposed, stands
from tidings.incidents.tests.cast import NOW, make_actor, make_hub_of_shipments, make_opened
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.ids import new_id
from tidings.messaging.models import Recipient
from tidings.people.actions import put_on_call
from tidings.people.models import User
from tidings.people.queries import actor_of
from tidings.people.rules import DEPARTMENTS, OnCall, may_be_on_call

ANNA, BEN, UNIT = new_id(), new_id(), new_id()
ON = {"marketing": OnCall(ANNA, None, UNIT, NOW), "it": OnCall(BEN, ANNA, UNIT, NOW)}


def test_leader_and_deputy_are_proposed_first_and_who_was_called_no_more():
    found = proposed({"it", "legal", "marketing", "customer_service"}, ON, {"legal"})
    assert found == [
        Proposed("marketing", TeamRole.LEADER, ANNA),
        Proposed("customer_service", TeamRole.DEPUTY, None),
        Proposed("it", TeamRole.MEMBER, BEN),
    ]


@pytest.mark.parametrize(
    ("duty", "called", "person"),
    [
        (None, set(), None),
        (ON["it"], set(), BEN),
        (ON["it"], {BEN}, ANNA),
        (ON["it"], {BEN, ANNA}, None),
        (ON["marketing"], {ANNA}, None),
    ],
)
def test_who_of_a_department_is_called_next(duty, called, person):
    assert next_in(duty, called) == person


@pytest.mark.parametrize(
    ("answer", "after", "how"),
    [
        ("", -1, Stands.WAITING),
        ("", 0, Stands.LATE),
        ("coming", 9, Stands.COMING),
        ("cannot", -1, Stands.CANNOT),
    ],
)
def test_how_a_call_stands(answer, after, how):
    assert stands(answer, NOW, NOW + timedelta(minutes=after)) is how


@pytest.mark.parametrize(
    ("calls", "gap"),
    [
        ([], False),
        ([Stands.LATE], True),
        ([Stands.LATE, Stands.WAITING], False),
        ([Stands.CANNOT, Stands.COMING], False),
        ([Stands.CANNOT, Stands.LATE], True),
    ],
)
def test_when_a_department_has_nobody(calls, gap):
    assert is_gap(calls) is gap


def test_a_smaller_team_and_more_time_to_answer_loosen_a_policy():
    critical = rules.SHIPPED_POLICIES[rules.Severity.CRITICAL]
    fewer = rules.Policy(**{**fields(critical), "team": critical.team - {"legal"}})
    slower = rules.Policy(**{**fields(critical), "answer_within": timedelta(hours=1)})
    assert (loosened(critical, fewer), loosened(critical, slower)) == (["team"], ["answer_within"])
    assert not loosened(fewer, critical) and not loosened(slower, critical)


def fields(policy: rules.Policy) -> dict:
    return {name: getattr(policy, name) for name in policy.__slots__}


def test_for_a_department_anybody_of_the_staff_may_be_on_call():
    assert may_be_on_call("department.it", ["agent"]) and may_be_on_call(
        "department.legal", ["legal_approver"]
    )
    assert not may_be_on_call("department.it", [])


pytestmark = pytest.mark.django_db


def on_call(department: str, name: str, deputy: User | None = None) -> User:
    """Somebody on call for a department now."""
    user, boss = make_dispatcher(name=name), make_manager()
    assert user.unit_id
    put_on_call(
        actor_of(boss),
        user.pk,
        role=f"department.{department}",
        unit_id=user.unit_id,
        begins_at=NOW - timedelta(hours=1),
        ends_at=NOW + timedelta(hours=8),
        deputy_id=deputy.pk if deputy else None,
    )
    return user


@pytest.fixture
def cast() -> dict[str, User]:
    make_unit()
    stand_in = make_dispatcher(name="Sal")
    return {
        "marketing": on_call("marketing", "Max"),
        "customer_service": on_call("customer_service", "Cleo"),
        "it": on_call("it", "Ida", stand_in),
        "stand_in": stand_in,
    }


def opened(severity: str = "critical") -> tuple[Actor, Incident]:
    make_hub_of_shipments()
    return make_opened(kind="system_outage", severity=severity)


def mailed(user: User) -> int:
    return Recipient.objects.filter(address=user.email).count()


def call_of(user: User) -> TeamMember:
    return TeamMember.objects.get(person_id=user.pk)


def codes(incident: Incident) -> list[str]:
    return [line.code for line in incident.timeline.order_by("at", "pk") if "team" in line.code]


def test_one_press_calls_in_whom_policy_and_roster_name(cast):
    desk, incident = opened()
    assert {one.department for one in queries.team_proposed(incident, NOW)} == set(DEPARTMENTS)
    Incident.objects.filter(pk=incident.pk).update(owner_id=None)
    assert actions.call_in(desk, incident.pk) == 3
    incident.refresh_from_db()
    assert incident.owner_id == cast["marketing"].pk, "to coordinate is the leader's duty"
    assert [(one.role, one.person_id) for one in queries.team(incident)] == [
        ("leader", cast["marketing"].pk),
        ("deputy", cast["customer_service"].pk),
        ("member", cast["it"].pk),
    ]
    assert [mailed(cast[one]) for one in ("marketing", "customer_service", "it")] == [1, 1, 1]
    [line] = [one for one in worklist(actor_of(cast["it"]), NOW) if one.what == "worklist.called_in"]
    assert line.mine and line.thing == incident.number
    with pytest.raises(Refused, match="nobody_to_call"):
        actions.call_in(desk, incident.pk)
    assert codes(incident) == ["team_called"] * 3


def test_an_owner_stays_when_the_team_is_called_in(cast):
    desk, incident = opened()
    owner = incident.owner_id
    actions.call_in(desk, incident.pk)
    incident.refresh_from_db()
    assert owner is not None and incident.owner_id == owner


def test_a_general_response_calls_nobody_by_itself(cast):
    desk, incident = opened("high")
    assert queries.team_proposed(incident, NOW) == []
    with pytest.raises(Refused, match="nobody_to_call"):
        actions.call_in(desk, incident.pk)
    actions.call_in(desk, incident.pk, {"it": cast["stand_in"].pk})
    assert call_of(cast["stand_in"]).department == "it"


def test_only_who_was_called_answers_and_who_cannot_is_followed_at_once(cast):
    desk, incident = opened()
    actions.call_in(desk, incident.pk)
    call = call_of(cast["it"])
    with pytest.raises(Refused, match="call_not_yours"):
        actions.answer_call(actor_of(cast["marketing"]), call.pk, coming=True)
    with pytest.raises(Missing, match="no_such_call"):
        actions.answer_call(actor_of(cast["it"]), new_id(), coming=True)
    actions.answer_call(actor_of(cast["it"]), call.pk, coming=False, note="On leave")
    assert call_of(cast["stand_in"]).department == "it" and mailed(cast["stand_in"]) == 1
    later = NOW + timedelta(minutes=40)
    actions.answer_call(actor_of(cast["stand_in"]), call_of(cast["stand_in"]).pk, coming=True, comes_at=later)
    assert call_of(cast["stand_in"]).comes_at == later
    assert codes(incident)[-3:] == ["team_cannot", "team_called", "team_coming"]
    assert not [one for one in worklist(actor_of(cast["stand_in"]), NOW) if one.what == "worklist.called_in"]


def test_silence_calls_the_stand_in_and_then_tells_who_leads(cast):
    desk, incident = opened()
    actions.call_in(desk, incident.pk)
    for one in ("marketing", "customer_service"):
        actions.answer_call(actor_of(cast[one]), call_of(cast[one]).pk, coming=True)
    escalate_calls()
    assert TeamMember.objects.count() == 3, "there is time to answer"
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=True):
        escalate_calls()
        escalate_calls()
        assert mailed(cast["stand_in"]) == 1 and codes(incident)[-2:] == ["team_unanswered", "team_called"]
        assert mailed(cast["customer_service"]) == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=40), tick=True):
        escalate_calls()
        at = timezone.now()
        assert mailed(cast["customer_service"]) == 2, "nobody of IT comes"
        [gap] = [
            one for one in worklist(actor_of(cast["customer_service"]), at) if one.what == "worklist.team_gap"
        ]
        assert gap.thing_kind == "incident.department.it"
        actions.call_in(desk, incident.pk, {"it": make_dispatcher(name="Ivo").pk})
        assert not [
            one for one in worklist(actor_of(cast["marketing"]), at) if one.what == "worklist.team_gap"
        ]


def test_the_page_shows_the_team_and_takes_the_answer(cast):
    _, incident = opened()
    client = signed_in(make_dispatcher())
    show = reverse("incidents:show", args=[incident.number])
    page = client.get(show).text
    assert "Special response" in page and "Call in the team" in page and "Nobody is on the roster for" in page
    page = client.post(reverse("incidents:call_in", args=[incident.number]), follow=True).text
    assert "3 people are called in." in page and "Leads the team" in page
    call = call_of(cast["it"])
    answer = reverse("incidents:answer_call", args=[incident.number, call.pk])
    assert "Only who was called in answers this." in client.post(answer, {"answer": "coming"}).text
    assert TeamMember.objects.get(pk=call.pk).answer == ""
    mine = signed_in(cast["it"])
    assert "Keeps systems and channels working" in mine.get(answer).text
    page = mine.post(answer, {"answer": "cannot", "note": "On leave"}, follow=True).text
    assert "On leave" in page and "IT: Ida cannot come" in page and "Sal" in page
    add = {"department": "legal", "person": str(make_dispatcher(name="Lea").pk)}
    assert "Lea" in client.post(reverse("incidents:call_one", args=[incident.number]), add, follow=True).text


def test_a_hotline_of_its_own_is_what_messages_say(cast):
    desk, incident = opened("medium")
    assert "+31 20 555 0199" not in " ".join(
        composer(desk, incident, "first_notice", NOW).drafts[0].paragraphs
    )
    actions.set_hotline(
        desk, incident.pk, number="+31 20 555 0199", hours="day and night", staff="Two of sales"
    )
    drafts = composer(desk, incident, "first_notice", NOW).drafts
    assert all("+31 20 555 0199" in " ".join(draft.paragraphs) for draft in drafts)
    actions.write_phase(desk, incident.pk, "first_notice", {})
    assert "+31 20 555 0199" in " ".join(composer(desk, incident, "first_notice", NOW).drafts[0].paragraphs)
    page = signed_in(make_dispatcher()).get(reverse("incidents:show", args=[incident.number])).text
    assert "day and night" in page and "Helping out: Two of sales" in page
    actions.set_hotline(desk, incident.pk, number="")
    assert queries.hotline(incident) is None
    with pytest.raises(Conflict, match="no_hotline"):
        actions.set_hotline(desk, incident.pk, number="")
    with pytest.raises(Refused, match="not_allowed"):
        actions.set_hotline(make_actor("auditor"), incident.pk, number="1")
