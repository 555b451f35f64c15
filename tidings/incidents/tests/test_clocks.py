"""The clock of an incident from its first notice to its end: list, rail, page and worklist tell the same."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cast import make_dispatcher, signed_in
from tidings.home.queries import worklist
from tidings.incidents import actions, queries
from tidings.incidents.models import Incident
from tidings.incidents.tests.cast import in_every_language, make_actor, make_told, told
from tidings.kernel.clock import now

pytestmark = pytest.mark.django_db
BACK = in_every_language(what_works="The belt runs.", what_stays_late="Nothing.")
END = in_every_language(cause="Storm.", measures="Pumps.", prevention="A higher wall.")


def overdue(incident: Incident) -> None:
    Incident.objects.filter(pk=incident.pk).update(next_update_by=now() - timedelta(minutes=1))


def due(incident: Incident):
    """What the worklist says of it: what, by when, late; the list and the rail must agree."""
    [line] = [one for one in worklist(make_actor(), now()) if one.url == page(incident)]
    listed = queries.incidents(make_actor()).get(pk=incident.pk)
    assert listed.due == line.due_by
    assert queries.open_and_late(make_actor(), now()) == (1, int(line.late))
    return line.what, line.due_by, line.late


def page(incident: Incident) -> str:
    return reverse("incidents:show", args=[incident.number])


def test_after_service_restored_the_closing_message_is_due_by_the_rhythm():
    actor, incident, _ = make_told(severity="medium")
    told(actor, incident, "restored", BACK)
    sent = incident.sendings.get(phase="restored").sent_at
    assert sent and due(incident) == ("incident.phase.closing", sent + timedelta(hours=24), False)
    shown = signed_in(make_dispatcher()).get(page(incident)).text
    assert "Closing message" in shown and "promised to customers" not in shown
    overdue(incident)
    assert due(incident)[2] is True


def test_an_update_after_service_restored_promises_news_again():
    actor, incident, _ = make_told(severity="medium")
    told(actor, incident, "restored", BACK)
    told(actor, incident, "update", in_every_language(status="a", what_changed="b", measures="c"))
    assert due(incident)[0] == "incident.phase.update"


def test_where_no_closing_is_asked_the_incident_stays_on_the_worklist_until_it_ends():
    actor, incident, _ = make_told(severity="low")
    told(actor, incident, "restored", BACK)
    assert due(incident) == ("incident.owed.resolve", None, False)
    actions.move_incident(actor, incident.pk, "resolved")
    assert due(incident) == ("incident.owed.close", None, False)
    client = signed_in(make_dispatcher())
    for shown in (client.get(page(incident)), client.get("/"), client.get(reverse("incidents:list"))):
        assert "Resolved, not closed yet" in shown.text


def test_once_the_closing_message_went_only_closing_is_left_and_coming_back_has_a_rhythm():
    actor, incident, _ = make_told(severity="medium")
    told(actor, incident, "restored", BACK)
    actions.move_incident(actor, incident.pk, "resolved")
    assert due(incident)[0] == "incident.phase.closing"
    told(actor, incident, "closing", END)
    assert due(incident) == ("incident.owed.close", None, False)
    actions.move_incident(actor, incident.pk, "responding")
    what, due_by, late = due(incident)
    assert (what, late) == ("incident.phase.update", False) and due_by > now() + timedelta(hours=23)


def test_a_promise_before_the_first_notice_is_late_everywhere_at_once():
    _, incident, _ = make_told(severity="medium")
    Incident.objects.filter(pk=incident.pk).update(first_notice_at=None)
    overdue(incident)
    assert due(incident)[2] is True


def test_a_reopened_incident_has_a_rhythm_again():
    actor, incident, _ = make_told(severity="medium")
    Incident.objects.filter(pk=incident.pk).update(state="closed", next_update_by=None, next_phase="")
    actions.move_incident(actor, incident.pk, "reopened", "It leaks again.")
    what, due_by, late = due(incident)
    assert (what, late) == ("incident.phase.update", False) and due_by > now() + timedelta(hours=23)
