"""Quiet hours hold a message in the reader's own zone, unless the severity overrides; the deadline counts on."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from tests.cast import make_dispatcher, signed_in
from tidings.customers.models import Contact
from tidings.customers.queries import QUIET
from tidings.incidents import actions, queries
from tidings.incidents.models import Incident
from tidings.incidents.tests.cast import make_customer, make_hub_of_shipments, make_opened
from tidings.kernel.actor import Actor
from tidings.kernel.installation import start_demo
from tidings.messaging.models import Recipient

pytestmark = pytest.mark.django_db
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def at(text: str) -> datetime:
    """A moment by the clock of Amsterdam."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


def quiet_until(moment: datetime) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(QUIET, {"at_now": moment})
        found = cursor.fetchone()
    return found[1] if found else None


@pytest.mark.parametrize(
    ("begins", "ends", "moment", "until"),
    [
        ("22:00", "07:00", "2026-12-01T21:59", None),
        ("22:00", "07:00", "2026-12-01T22:00", "2026-12-02T07:00"),
        ("22:00", "07:00", "2026-12-02T03:00", "2026-12-02T07:00"),
        ("22:00", "07:00", "2026-12-02T07:00", None),
        ("12:00", "13:30", "2026-12-01T12:15", "2026-12-01T13:30"),
        ("12:00", "13:30", "2026-12-01T13:30", None),
        ("12:00", "13:30", "2026-12-01T03:00", None),
        # the night in which the clock goes back: seven in the morning is seven in the morning
        ("22:00", "07:00", "2026-10-24T23:00", "2026-10-25T07:00"),
    ],
)
def test_until_when_it_is_quiet_by_the_readers_own_clock(begins, ends, moment, until):
    make_customer("C-1")
    Contact.objects.update(quiet_from=time.fromisoformat(begins), quiet_until=time.fromisoformat(ends))
    assert quiet_until(at(moment)) == (at(until) if until else None)


def test_another_zone_has_another_night():
    make_customer("C-1", time_zone="Asia/Shanghai")
    Contact.objects.update(quiet_from=time(22), quiet_until=time(7))
    assert quiet_until(datetime(2026, 12, 1, 15, tzinfo=UTC)) == datetime(2026, 12, 1, 23, tzinfo=UTC)
    assert quiet_until(datetime(2026, 12, 1, 23, 30, tzinfo=UTC)) is None


@pytest.mark.parametrize(("begins", "ends"), [(time(22), None), (None, time(7)), (time(7), time(7))])
def test_quiet_hours_begin_and_end(begins, ends):
    make_customer("C-1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.update(quiet_from=begins, quiet_until=ends)


def quiet_now(language: str) -> datetime:
    """Makes it the quiet hours of the reader of this language, for two more hours; gives until when."""
    here = datetime.now(AMSTERDAM)
    ends = (here + timedelta(hours=2)).replace(second=0, microsecond=0)
    begins = (here - timedelta(hours=2)).time().replace(second=0, microsecond=0)
    Contact.objects.filter(language=language).update(quiet_from=begins, quiet_until=ends.time())
    return ends


def told(severity: str) -> tuple[Actor, Incident]:
    start_demo("test", "Noordster Koeriers")
    make_hub_of_shipments()
    return make_opened(kind="delay", severity=severity)


def test_who_is_asleep_waits_and_everybody_else_hears_at_once():
    desk, incident = told("medium")
    ends = quiet_now("nl")
    assert actions.tell_phase(desk, incident.pk, "first_notice").sent == 3
    waits = Recipient.objects.get(language="nl")
    assert (waits.state, waits.reason, waits.next_at, waits.chunk_id) == ("waiting", "quiet", ends, None)
    assert waits.due_by == incident.first_notice_by, "the deadline counts on"
    others = Recipient.objects.exclude(pk=waits.pk)
    assert {one.chunk_id is not None and one.next_at is None for one in others} == {True}
    page = signed_in(make_dispatcher()).get(reverse("incidents:show", args=[incident.number])).text
    assert "1 waits until their quiet hours are over" in page
    reach = next(one for one in queries.reach(incident, waits.due_by - timedelta(minutes=1)))
    assert (reach.under_way, reach.total) == (3, 3)


def test_a_grave_incident_wakes_people_and_a_lowered_one_does_not():
    desk, incident = told("critical")
    quiet_now("nl")
    audience = queries.audience(incident, "first_notice", datetime.now(UTC))
    assert queries.would_wait(incident, audience, datetime.now(UTC)) == (0, None)
    assert actions.tell_phase(desk, incident.pk, "first_notice").sent == 3
    assert not Recipient.objects.filter(next_at__isnull=False).exists()
    actions.change_grade(desk, incident.pk, "medium", "Not so bad")
    incident.refresh_from_db()
    audience = queries.audience(incident, "update", datetime.now(UTC))
    assert queries.would_wait(incident, audience, datetime.now(UTC))[0] == 1


def test_the_composer_says_before_sending_how_many_wait_until_when():
    _, incident = told("medium")
    client, show = signed_in(make_dispatcher()), reverse("incidents:show", args=[incident.number])
    assert "quiet hours are over" not in client.get(show).text
    quiet_now("nl")
    quiet_now("en")
    assert "2 wait until their quiet hours are over, the last until" in client.get(show).text


def test_a_contacts_quiet_hours_are_set_on_its_page():
    contact = Contact.objects.get(customer=make_customer("C-1"))
    client, page = signed_in(make_dispatcher()), reverse("customers:contact", args=[contact.pk])
    form = client.get(page).context["form"]
    ladder = client.get(page).context["ladder"]
    given = {**form.initial, "quiet_from": "22:00", "quiet_until": ""}
    given |= {f"{ladder.prefix}-{name}": value for name, value in ladder.management_form.initial.items()}
    for one in ladder.forms:
        given |= {f"{one.prefix}-{name}": value for name, value in one.initial.items() if value is not None}
    assert "Fill in both" in client.post(page, given).text
    answer = client.post(page, {**given, "quiet_until": "07:00"}, follow=True)
    contact.refresh_from_db()
    assert (contact.quiet_from, contact.quiet_until) == (time(22), time(7))
    assert "22:00–07:00" in answer.text
