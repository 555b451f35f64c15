"""What grades that an incident held go on asking for at its closing, and the way back from a mistake."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cast import make_dispatcher, signed_in
from tidings.incidents import actions, queries, rules
from tidings.incidents.models import GradeChange, Incident, TimelineLine
from tidings.incidents.tests.cast import NOW, make_actor, make_hub_of_shipments, make_opened
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.messaging.rules.content import Phase

BOTH_ENDS = {"phase.first_notice", "phase.closing"}
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("held", "owed"),
    [
        ([("low", False)], {"low"}),
        ([("low", False), ("critical", False), ("low", False)], {"low", "critical"}),
        ([("low", False), ("critical", False), ("low", True)], {"low"}),
        ([("critical", False), ("medium", True)], {"medium"}),
        ([("high", False), ("critical", False), ("medium", True)], {"high", "medium"}),
        ([("low", False), ("critical", False), ("high", True), ("medium", True)], {"low", "medium"}),
    ],
)
def test_a_grade_goes_on_asking_until_it_is_taken_back(held, owed):
    assert rules.grades_owed(held) == owed


@pytest.mark.parametrize(
    ("given", "instead", "ago", "told", "may"),
    [
        (rules.Severity.CRITICAL, rules.Severity.LOW, 5 * MINUTE, False, True),
        (rules.Severity.CRITICAL, rules.Severity.LOW, 30 * MINUTE, False, True),
        (rules.Severity.CRITICAL, rules.Severity.LOW, 31 * MINUTE, False, False),
        (rules.Severity.CRITICAL, rules.Severity.LOW, 5 * MINUTE, True, False),
        (rules.Severity.LOW, rules.Severity.HIGH, 5 * MINUTE, False, False),
        (rules.Severity.LOW, rules.Severity.LOW, 5 * MINUTE, False, False),
    ],
)
def test_only_a_mistake_of_just_now_of_which_nobody_heard_is_taken_back(given, instead, ago, told, may):
    found = rules.may_take_back(given=given, instead=instead, given_at=NOW - ago, told_since=told, now=NOW)
    assert found is may


def test_a_phase_is_required_by_any_grade_that_asks():
    policies = rules.SHIPPED_POLICIES
    assert rules.required_phases(policies, ["low"]) == frozenset()
    assert rules.required_phases(policies, ["low", "critical"]) == {Phase.FIRST_NOTICE, Phase.CLOSING}


@pytest.fixture
def low(db) -> tuple[Actor, Incident]:
    make_hub_of_shipments()
    return make_opened(kind="delay", severity="low")


def missing(incident: Incident) -> set[str]:
    return set(queries.missing_for_closing(Incident.objects.get(pk=incident.pk), now()))


def test_a_lowered_grade_drops_no_phase(low):
    _, incident = low
    assert not missing(incident) & BOTH_ENDS
    actions.change_grade(make_actor("manager"), incident.pk, "critical", "Medicines on board")
    actions.change_grade(make_actor("manager"), incident.pk, "low", "Less than it seemed")
    assert missing(incident) >= BOTH_ENDS


def test_a_grade_taken_back_as_a_mistake_asks_for_nothing_at_the_closing_and_clocks_stay(low):
    _, incident = low
    manager = make_actor("manager")
    actions.change_grade(manager, incident.pk, "critical", "Wrong incident")
    incident.refresh_from_db()
    due = incident.first_notice_by
    actions.change_grade(manager, incident.pk, "low", "It was the other one", takes_back=True)
    assert not missing(incident) & BOTH_ENDS
    incident.refresh_from_db()
    assert (incident.severity, incident.first_notice_by) == ("low", due)
    line = TimelineLine.objects.get(code="grade_taken_back")
    assert (line.facts, line.text) == ({"severity": "low", "before": "critical"}, "It was the other one")
    shown = signed_in(make_dispatcher()).get(reverse("incidents:show", args=[incident.number])).text
    assert "Graded Critical by mistake: it is Low" in shown


def test_once_somebody_was_told_or_half_an_hour_went_by_it_is_no_mistake_any_more(low):
    actor, incident = low
    manager = make_actor("manager")
    actions.change_grade(manager, incident.pk, "medium", "Many customers")
    message = actions.write_phase(actor, incident.pk, "first_notice", {})
    incident.sendings.filter(message_id=message).update(sent_at=now())
    with pytest.raises(Refused) as refused:
        actions.change_grade(manager, incident.pk, "low", "A slip", takes_back=True)
    assert refused.value.code == "incident.grade_stands"
    incident.sendings.update(sent_at=None)
    GradeChange.objects.update(at=now() - 31 * MINUTE)
    with pytest.raises(Refused):
        actions.change_grade(manager, incident.pk, "low", "A slip", takes_back=True)
    assert Incident.objects.get(pk=incident.pk).severity == "medium"


def test_without_a_reason_nothing_is_taken_back(low):
    _, incident = low
    manager = make_actor("manager")
    actions.change_grade(manager, incident.pk, "critical", "Wrong incident")
    proposed = queries.proposal(incident).severity.code
    with pytest.raises(Refused):
        actions.change_grade(manager, incident.pk, proposed, " ", takes_back=True)
    assert not GradeChange.objects.filter(takes_back=True).exists()


def test_the_page_offers_it_only_while_it_may_be(low):
    _, incident = low
    page = signed_in(make_dispatcher())
    address = reverse("incidents:grade", args=[incident.number])
    assert "was a mistake" not in page.get(address).text
    actions.change_grade(make_actor("manager"), incident.pk, "critical", "Wrong incident")
    assert "was a mistake" in page.get(address).text
    version = Incident.objects.get(pk=incident.pk).version
    form = {"severity": "low", "reason": "A slip", "takes_back": "on", "seen_version": version}
    assert page.post(address, form).status_code == 302
    assert GradeChange.objects.get(takes_back=True).severity == "low"
    assert "The grade before was a mistake." in page.get(address).text
