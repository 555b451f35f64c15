"""Who could not be reached with the first notice, and can be later, hears the newest facts; once, and never in a circle."""

import pytest

from tidings.customers.models import Address, Contact
from tidings.incidents import jobs, queries
from tidings.incidents.sql import owe_again
from tidings.incidents.tests.cast import in_every_language, make_told, readers, told
from tidings.incidents.tests.test_living import time_passes
from tidings.kernel.installation import start_demo
from tidings.messaging import queries as messaging
from tidings.messaging.models import Recipient

pytestmark = pytest.mark.django_db
NEWS = in_every_language(status="The road is open.", what_changed="Vans leave at noon.", measures="Salt.")


@pytest.fixture
def missed():
    """A told delay that one of three readers never got."""
    start_demo("test", "Noordster Koeriers")
    actor, incident, message = make_told()
    row = readers(message)["Reader C-nl"]
    Recipient.objects.filter(pk=row.pk).update(state="unreachable", standing="refused", next_at=None)
    Address.objects.filter(contact_id=row.contact_id).update(
        dead_since=row.due_by, dead_why="no_such_address"
    )
    time_passes(incident)
    return actor, incident, message


def new_address(value="new@example.org"):
    contact = Contact.objects.get(name="Reader C-nl")
    Address.objects.create(contact=contact, channel="email", value=value, key=value, position=1)


def first_notices(incident):
    found = incident.sendings.filter(phase="first_notice", sent_at__isnull=False).order_by("sent_at")
    return [one.message_id for one in found]


def test_nobody_is_owed_it_again_while_nothing_changed(missed):
    _actor, incident, message = missed
    jobs.tell_newly()
    assert first_notices(incident) == [message]


def test_a_new_address_brings_the_newest_facts_once(missed):
    actor, incident, _message = missed
    told(actor, incident, "update", NEWS)
    new_address()
    jobs.tell_newly()
    second = first_notices(incident)[-1]
    assert {name: row.address for name, row in readers(second).items()} == {"Reader C-nl": "new@example.org"}
    facts = messaging.newest_texts(second)["nl"].facts
    assert facts["status"] == "The road is open."
    assert incident.timeline.get(code="owed_again").facts == {"customers": 1}
    Recipient.objects.filter(message_id=second).update(state="unreachable", standing="refused", next_at=None)
    jobs.tell_newly()
    assert len(first_notices(incident)) == 2


def test_who_the_update_came_through_to_hears_what_happened_too(missed):
    actor, incident, message = missed
    contact = Contact.objects.get(name="Reader C-nl")
    contact.addresses.update(dead_since=None, dead_why="")
    jobs.tell_newly()
    assert first_notices(incident) == [message], "the address was tried"
    update = told(actor, incident, "update", NEWS)
    assert "Reader C-nl" in readers(update)
    jobs.tell_newly()
    second = first_notices(incident)[-1]
    assert set(readers(second)) == {"Reader C-nl"}
    Recipient.objects.filter(message_id=second).update(state="unreachable", standing="refused", next_at=None)
    jobs.tell_newly()
    assert len(first_notices(incident)) == 2


def test_a_colleague_who_had_it_is_enough(missed):
    actor, incident, message = missed
    customer = Contact.objects.get(name="Reader C-nl").customer
    other = Contact.objects.create(customer=customer, key="two", name="Other", language="nl", time_zone="UTC")
    row = readers(message)["Reader C-en"]
    Recipient.objects.filter(pk=row.pk).update(contact_id=other.pk)
    new_address()
    jobs.tell_newly()
    assert first_notices(incident) == [message]
    assert queries.incident(actor, incident.pk).is_open


def test_who_missed_it_keeps_the_incident_open_until_they_are_told(missed):
    _actor, incident, _message = missed
    Recipient.objects.exclude(name="Reader C-nl").update(
        state="unreachable", standing="refused", next_at=None
    )
    before = queries.is_settled(incident, incident.first_notice_by)
    assert before
    new_address()

    assert owe_again(incident.pk, incident.number, incident.first_notice_by) == 1
    assert not queries.is_settled(incident, incident.first_notice_by)


ENDS = in_every_language(cause="Ice on the road.", measures="Salt.", prevention="More salt.")


def test_who_heard_the_end_is_not_told_the_beginning_after_it(missed):
    actor, incident, message = missed
    contact = Contact.objects.get(name="Reader C-nl")
    contact.addresses.update(dead_since=None, dead_why="")
    assert "Reader C-nl" in readers(told(actor, incident, "closing", ENDS))
    jobs.tell_newly()
    assert first_notices(incident) == [message]


def test_who_waited_for_their_language_until_the_end_is_not_told_the_beginning_either(missed):
    actor, incident, message = missed
    Recipient.objects.filter(message_id=message, name="Reader C-en").update(
        state="superseded", standing="", next_at=None
    )
    assert "Reader C-en" in readers(told(actor, incident, "closing", ENDS))
    jobs.tell_newly()
    assert first_notices(incident) == [message]
