"""Evidence that comes after the end raises its hand, once for as many, until a person looked or reopened the incident."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cast import make_auditor, make_dispatcher, signed_in
from tidings.home.queries.worklist import worklist
from tidings.incidents import actions, jobs, queries
from tidings.incidents.actions.move import enter
from tidings.incidents.models import Incident
from tidings.incidents.tests.cast import make_told
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.messaging.models import Recipient, Result

pytestmark = pytest.mark.django_db


def bounce(name, at=None):
    """What this reader's mail server said after all; nothing further is tried."""
    row = Recipient.objects.get(name=name)
    at = at or now()
    Result.objects.create(
        delivery_id=row.delivery_id,
        attempt=0,
        outcome="refused",
        recipient_id=row.pk,
        broadcast_id=row.broadcast_id,
        at=at,
        recorded_at=at,
    )
    Recipient.objects.filter(pk=row.pk).update(state="unreachable", standing="refused", next_at=None)


@pytest.fixture
def closed():
    actor, incident, _message = make_told()
    bounce("Reader C-zh-hans", now() - timedelta(hours=1))
    actions.move_incident(actor, incident.pk, "resolved")
    enter(actor, Incident.objects.get(pk=incident.pk), "closed", now())
    return actor, queries.incident(actor, incident.pk)


def lines(actor):
    return [one.url for one in worklist(actor, now()) if one.what == "worklist.undone"]


def test_what_came_back_before_the_end_raises_nothing(closed):
    actor, incident = closed
    jobs.raise_undone()
    assert queries.undone(incident) == [] and lines(actor) == []


def test_a_bounce_after_the_end_raises_its_hand_once_and_leads_to_the_people(closed):
    actor, incident = closed
    bounce("Reader C-nl")
    jobs.raise_undone()
    jobs.raise_undone()
    line = incident.timeline.get(code="reach_undone")
    assert line.facts == {"phase": "first_notice", "contacts": 1}
    page = reverse("incidents:people", args=[incident.number, "first_notice"])
    assert lines(actor) == [page]
    shown = signed_in(make_dispatcher()).get(page).text
    assert "1 contact is not reached any more" in shown
    assert reverse("incidents:move", args=[incident.number]) in shown
    looked = signed_in(make_auditor()).get(page).text
    assert "not reached any more" in looked and "Leave it at that" not in looked


def test_who_looked_leaves_it_with_a_reason_and_more_raise_it_again(closed):
    actor, incident = closed
    with pytest.raises(Refused, match="nothing_undone"):
        actions.leave_undone(actor, incident.pk, "Fine")
    bounce("Reader C-nl")
    jobs.raise_undone()
    with pytest.raises(Refused, match="reason_needed"):
        actions.leave_undone(actor, incident.pk, " ")
    page = reverse("incidents:leave_undone", args=[incident.number, "first_notice"])
    signed_in(make_dispatcher()).post(page, {"reason": "They came by"})
    assert incident.timeline.get(code="reach_undone_seen").text == "They came by"
    jobs.raise_undone()
    assert lines(actor) == []
    bounce("Reader C-en")
    jobs.raise_undone()
    assert [one.contacts for one in queries.undone(incident)] == [2]


def test_a_reopened_incident_has_it_in_its_reach_and_off_the_worklist(closed):
    actor, incident = closed
    bounce("Reader C-nl")
    jobs.raise_undone()
    actions.move_incident(actor, incident.pk, "reopened", "A mail came back")
    assert lines(actor) == []
    jobs.raise_undone()
    assert incident.timeline.filter(code="reach_undone").count() == 1
