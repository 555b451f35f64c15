"""What each action writes: rows, timeline, audit line; and that a refused one leaves nothing behind."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.urls import reverse

from tests.cast import make_dispatcher, signed_in
from tidings.incidents import actions, queries
from tidings.incidents.duties import IncidentDuty
from tidings.incidents.models import Affected, Incident, StateChange, TimelineLine
from tidings.incidents.panels import of_shipment
from tidings.incidents.tests.cast import (
    NOW,
    approve,
    make_actor,
    make_customer,
    make_hub_of_shipments,
    make_opened,
    make_place,
    make_report,
    make_shipment,
)
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.ids import new_id
from tidings.kernel.models import AuditLine
from tidings.messaging.actions import freeze_message
from tidings.messaging.models import Recipient

pytestmark = pytest.mark.django_db


def verbs():
    return list(AuditLine.objects.filter(thing="incident").order_by("id").values_list("verb", flat=True))


def test_three_fields_open_an_incident_and_find_its_affected():
    make_hub_of_shipments()
    _, incident = make_opened()
    assert re.fullmatch(r"INC-\d{4}-\d{2}-0001", incident.number)
    assert incident.severity == "high"
    assert incident.first_notice_by - incident.detected_at == timedelta(hours=4)
    found = Affected.objects.filter(incident=incident)
    assert found.count() == 4
    assert {row.why for row in found} == {"there_now"}
    assert verbs() == ["incident.reported", "incident.affected_found"]
    assert list(incident.grade_changes.values_list("severity", "proposed")) == [("high", "high")]


def test_numbers_follow_each_other_without_a_gap_over_a_refused_report():
    make_place()
    _, first = make_opened()
    with pytest.raises(Refused):
        make_opened(kind="fraud", severity="low")
    _, second = make_opened()
    assert int(second.number[-4:]) == int(first.number[-4:]) + 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "nonsense"}, "incident.kind_unknown"),
        ({"window_until": NOW - timedelta(hours=2)}, "incident.window_backwards"),
        ({"detected_at": NOW + timedelta(days=1)}, "incident.detected_in_future"),
        ({"severity": "grave"}, "incident.severity_unknown"),
        ({"kind": "theft", "severity": "low"}, "incident.below_floor"),
        ({"place": "NOWHERE"}, "shipments.no_such_place"),
    ],
)
def test_a_refused_report_leaves_nothing_behind(changes, code):
    make_hub_of_shipments()
    with pytest.raises((Refused, Missing)) as refused:
        make_opened(**changes)
    assert refused.value.code == code
    assert not Incident.objects.exists()
    assert not StateChange.objects.exists()
    assert not TimelineLine.objects.exists()
    assert not Affected.objects.exists()
    assert not AuditLine.objects.exists()


def test_who_may_not_report_changes_nothing():
    make_place()
    with pytest.raises(Refused, match="not_allowed"):
        actions.open_incident(make_actor("auditor"), make_report())
    assert not Incident.objects.exists()


def test_the_second_of_two_dispatchers_is_told_and_nothing_is_overwritten():
    make_place()
    first, incident = make_opened()
    second = make_actor()
    seen = incident.version
    actions.change_facts(first, incident.pk, actions.Facts(what="Fire in hall 2"), seen_version=seen)
    with pytest.raises(Conflict) as told:
        actions.change_facts(second, incident.pk, actions.Facts(what="Smoke only"), seen_version=seen)
    assert told.value.code == "incident.changed"
    assert told.value.facts["number"] == incident.number
    incident.refresh_from_db()
    assert incident.what == "Fire in hall 2"
    assert verbs().count("incident.facts_changed") == 1


def test_facts_that_did_not_change_leave_no_line():
    make_place()
    actor, incident = make_opened()
    actions.change_facts(actor, incident.pk, actions.Facts(what=""))
    assert "incident.facts_changed" not in verbs()
    assert queries.incident(actor, incident.pk).version == incident.version


def test_a_raised_grade_counts_from_detection_and_a_lowered_one_gives_no_time_back():
    make_place()
    actor, incident = make_opened(kind="delay", detected_at=NOW - timedelta(hours=3))
    assert incident.severity == "medium"
    actions.change_grade(actor, incident.pk, "critical", "Medicines on board")
    incident.refresh_from_db()
    assert incident.first_notice_by == incident.detected_at + timedelta(hours=1)
    actions.change_grade(actor, incident.pk, "medium")
    incident.refresh_from_db()
    assert incident.first_notice_by == incident.detected_at + timedelta(hours=1)
    assert [g.severity for g in incident.grade_changes.order_by("at")] == ["medium", "critical", "medium"]


def test_a_grade_unlike_the_proposal_needs_a_reason():
    make_place()
    actor, incident = make_opened(kind="delay")
    with pytest.raises(Refused) as refused:
        actions.change_grade(actor, incident.pk, "critical")
    assert refused.value.code == "incident.grade_needs_reason"
    incident.refresh_from_db()
    assert incident.severity == "medium"
    assert incident.grade_changes.count() == 1


def test_who_comes_later_is_new_and_who_left_is_marked_not_deleted():
    make_hub_of_shipments()
    actor, incident = make_opened()
    late = make_shipment("WB9", make_customer("C-9"), make_place(), seen=timedelta(hours=3))
    Affected.objects.get(shipment_id__in=_shipments("WB3"))
    _send_away("WB3")
    found = actions.find_affected(actor, incident.pk)
    assert (found.shipments, found.came, found.went) == (4, 1, 1)
    assert Affected.objects.get(incident=incident, shipment_id=late.pk).gone_at is None
    assert Affected.objects.get(incident=incident, shipment_id__in=_shipments("WB3")).gone_at is not None


def test_asking_again_without_news_changes_nothing():
    make_hub_of_shipments()
    actor, incident = make_opened()
    found = actions.find_affected(actor, incident.pk)
    assert (found.came, found.went) == (0, 0)
    assert queries.incident(actor, incident.pk).version == incident.version


def test_a_shipment_with_nobody_on_it_is_counted_once():
    make_shipment("WB0", None, make_place())
    actor, incident = make_opened()
    actions.find_affected(actor, incident.pk)
    reasons = queries.counts_by_reason(actor, incident)
    assert [(r.why, r.shipments, r.customers, r.effect) for r in reasons] == [("there_now", 1, 0, "at_risk")]


def test_the_effect_of_a_reason_stands_before_the_general_one():
    make_hub_of_shipments()
    actor, incident = make_opened()
    actions.set_effect(actor, incident.pk, "delayed", until_at=NOW + timedelta(days=3))
    actions.set_effect(actor, incident.pk, "damaged", why="there_now")
    assert [reason.effect for reason in queries.counts_by_reason(actor, incident)] == ["damaged"]


@pytest.mark.parametrize(
    ("target", "reason", "code"),
    [
        ("closed", "", "incident.move_not_allowed"),
        ("recovering", "", "incident.move_not_allowed"),
        ("nonsense", "", "incident.move_not_allowed"),
    ],
)
def test_only_drawn_moves_are_taken(target, reason, code):
    make_place()
    actor, incident = make_opened()
    with pytest.raises(Refused) as refused:
        actions.move_incident(actor, incident.pk, target, reason)
    assert refused.value.code == code
    assert incident.state_changes.count() == 1


def test_dismissing_needs_a_reason_and_keeps_it():
    make_place()
    actor, incident = make_opened()
    with pytest.raises(Refused, match="reason_needed"):
        actions.dismiss_incident(actor, incident.pk, " ")
    actions.dismiss_incident(actor, incident.pk, "Reported twice")
    incident.refresh_from_db()
    assert incident.state == "dismissed"
    assert incident.state_changes.order_by("-at").first().reason == "Reported twice"


def test_merging_names_the_other_incident():
    make_place()
    actor, incident = make_opened()
    _, other = make_opened()
    actions.dismiss_incident(actor, incident.pk, "The same fire", merged_into=other.pk)
    incident.refresh_from_db()
    assert (incident.state, incident.merged_into_id) == ("merged", other.pk)


def test_nothing_is_merged_into_an_incident_that_has_ended():
    make_place()
    actor, first = make_opened()
    _, second = make_opened()
    actions.dismiss_incident(actor, first.pk, "The same fire", merged_into=second.pk)
    with pytest.raises(Refused, match="merged_into_ended"):
        actions.dismiss_incident(actor, second.pk, "The same fire", merged_into=first.pk)
    second.refresh_from_db()
    assert (second.state, second.merged_into_id) == ("reported", None)


def test_it_cannot_close_before_everyone_was_told_and_the_cause_is_known():
    make_place()
    actor, incident = make_opened()
    for state in ("responding", "resolved"):
        actions.move_incident(actor, incident.pk, state)
    with pytest.raises(Refused) as refused:
        actions.close_incident(actor, incident.pk)
    assert refused.value.facts["missing"] == [
        "incident.lacks.phase.first_notice",
        "incident.lacks.phase.closing",
        "incident.lacks.cause",
        "incident.lacks.measures",
    ]


def test_another_unit_does_not_see_it_and_cannot_change_it():
    ours, theirs = new_id(), new_id()
    hub = make_place()
    make_shipment("WB1", make_customer("C-1"), hub, unit=ours)
    actor = make_actor(units=frozenset({ours}))
    incident_id = actions.open_incident(actor, make_report())
    stranger = make_actor(units=frozenset({theirs}))
    with pytest.raises(Missing):
        queries.incident(stranger, incident_id)
    with pytest.raises(Missing):
        actions.change_facts(stranger, incident_id, actions.Facts(what="x"))
    assert list(queries.incidents(stranger)) == []
    assert [found.pk for found in queries.incidents(actor)] == [incident_id]


def test_a_unit_sees_what_touches_it_and_only_its_own_shipments():
    ours, theirs = new_id(), new_id()
    hub = make_place()
    make_shipment("WB1", make_customer("C-1"), hub, unit=ours)
    make_shipment("WB2", make_customer("C-2"), hub, unit=theirs)
    _, incident = make_opened()
    branch = make_actor(units=frozenset({ours}))
    assert queries.incident(branch, incident.number).pk == incident.pk
    assert queries.affected(branch, incident).count() == 1
    assert [reason.shipments for reason in queries.counts_by_reason(branch, incident)] == [1]


def _shipments(waybill):
    from tidings.shipments.models import Shipment

    return Shipment.objects.filter(waybill=waybill).values("pk")


def _send_away(waybill):
    from tidings.shipments.models import Position

    Position.objects.filter(shipment_id__in=_shipments(waybill)).update(code="departed")


def test_a_first_notice_goes_once_to_each_contact_with_all_its_shipments_gravest_first():
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    message = actions.write_phase(actor, incident.pk, "first_notice", {})
    freeze_message(actor, message)
    approve(message)
    assert actions.send_phase(actor, incident.pk, message) == 3
    planned = {r.language: r for r in Recipient.objects.filter(message_id=message)}
    assert set(planned) == {"en", "nl", "zh-hans"}
    assert len(planned["en"].shipment_ids) == 2
    assert {r.due_by for r in planned.values()} == {incident.detected_at + timedelta(hours=24)}
    incident.refresh_from_db()
    assert incident.state == "responding"
    assert incident.first_notice_at is not None
    assert incident.next_update_by is not None
    [reach] = queries.reach(incident, NOW)
    assert (reach.phase, reach.total, reach.under_way) == ("first_notice", 3, 3)
    assert verbs()[-2:] == ["incident.phase_sent", "incident.moved"]


def test_a_second_first_notice_goes_only_to_the_newly_affected():
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    _send(actor, incident)
    make_shipment("WB9", make_customer("C-9"), make_place(), seen=timedelta(hours=3))
    make_shipment("WB8", None, make_place(), seen=timedelta(hours=3))
    with pytest.raises(Refused, match="nobody_to_tell"):
        _send(actor, incident)
    actions.find_affected(actor, incident.pk)
    assert _send(actor, incident) == 1


def test_a_customer_without_any_contact_is_counted_as_unreachable():
    make_hub_of_shipments()
    make_shipment("WB9", make_customer("C-9", address=""), make_place())
    make_shipment("WB8", make_customer("C-8", address=None), make_place())
    actor, incident = make_opened(kind="delay")
    _send(actor, incident)
    [reach] = queries.reach(incident, NOW)
    assert (reach.total, reach.under_way, reach.unreachable) == (5, 3, 2)


def test_a_refused_message_leaves_the_incident_as_it_was():
    make_hub_of_shipments()
    actor, incident = make_opened(kind="accident")
    message = actions.write_phase(actor, incident.pk, "first_notice", {"en": {"what_happened": "Fire."}})
    with pytest.raises((Refused, Conflict)):
        actions.send_phase(actor, incident.pk, message)
    incident.refresh_from_db()
    assert (incident.state, incident.first_notice_at) == ("reported", None)
    assert not Affected.objects.filter(told_at__isnull=False).exists()
    assert "incident.phase_sent" not in verbs()


def _send(actor, incident):
    message = actions.write_phase(actor, incident.pk, "first_notice", {})
    freeze_message(actor, message)
    approve(message)
    return actions.send_phase(actor, incident.pk, message)


def test_what_somebody_has_in_hand_passes_on():
    make_place()
    actor, incident = make_opened()
    successor = make_dispatcher().pk
    duty = IncidentDuty()
    assert [owned.thing_id for owned in duty.owned_by(UUID(actor.ref))] == [incident.pk]
    assert duty.pass_on(make_actor("administrator"), UUID(actor.ref), successor) == 1
    assert duty.owned_by(UUID(actor.ref)) == []
    assert [owned.thing_id for owned in duty.owned_by(successor)] == [incident.pk]
    assert verbs()[-1] == "incident.passed_on"


def test_a_shipment_shows_what_touches_it_and_what_was_said():
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    shipment = Affected.objects.filter(incident=incident).first().shipment_id
    _send(actor, incident)
    [row] = of_shipment.build(actor, shipment)["rows"]
    assert row["incident"].number == incident.number
    assert [str(one["phase"]) for one in row["told"]] == ["First notice"]
    assert of_shipment.build(actor, new_id()) is None


def test_a_shipment_says_of_each_contact_whether_it_was_told_and_never_of_words_sent_before_it_came():
    hub = make_place()
    told, untold = make_customer("C-1"), make_customer("C-2", address=None)
    first, second = make_shipment("WB1", told, hub), make_shipment("WB2", untold, hub)
    actor, incident = make_opened(kind="delay")
    _send(actor, incident)
    later = make_shipment("WB3", told, hub)
    actions.find_affected(actor, incident.pk)
    client = signed_in(make_dispatcher())

    def panel(shipment):
        page = client.get(reverse("shipments:shipment", args=[shipment.pk])).text
        return page[page.index('id="incidents-here"') :].partition("</section>")[0]

    assert "First notice" in panel(first) and "Reader C-1" in panel(first) and "E-mail" in panel(first)
    assert "Not told: no usable address" in panel(second) and "Reader C-1" not in panel(second)
    assert "have not been told yet" in panel(later) and "First notice" not in panel(later)
