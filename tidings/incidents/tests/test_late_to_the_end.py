"""Who came in late still gets the end, by themselves, and nobody gets it twice; until they have it the incident stays open."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cast import make_dispatcher, signed_in
from tidings.customers.models import Contact
from tidings.incidents import actions, queries, rules
from tidings.incidents.composer import composer
from tidings.incidents.tests.cast import (
    in_every_language,
    make_actor,
    make_customer,
    make_place,
    make_shipment,
    make_told,
    readers,
    shipments_named,
    told,
)
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused

pytestmark = pytest.mark.django_db
CLOSING = in_every_language(cause="Ice on the road.", measures="Salt.", prevention="More salt.")
RESTORED = in_every_language(what_works="Every lane again.", what_stays_late="Nothing.")
UPDATE = in_every_language(status="Ice.", what_changed="Vans leave.", measures="Salt.")


@pytest.fixture
def ended():
    """A delay of three readers, told to its end."""
    actor, incident, _notice = make_told()
    message = told(actor, incident, "closing", CLOSING)
    return actor, queries.incident(actor, incident.pk), message


def late_one(actor, incident, number="C-9", waybill="WB9", customer=None):
    """A shipment that was found only now, with its reader."""
    customer = customer or make_customer(number)
    make_shipment(waybill, customer, make_place(), seen=timedelta(hours=3))
    actions.find_affected(actor, incident.pk)
    return customer


def missing(incident):
    return queries.missing_for_closing(incident, now())


def test_who_came_after_the_end_keeps_it_open_until_they_have_it_and_nobody_gets_it_twice(ended):
    actor, incident, first = ended
    assert "people.closing" not in missing(incident)
    late_one(actor, incident)
    assert "recipients" in missing(incident), "not even told what happened"
    told(actor, incident)
    assert "people.closing" in missing(incident)
    assert queries.people_lacking(incident, now()) == {"closing": 1}
    second = told(actor, incident, "closing", CLOSING)
    assert set(readers(second)) == {"Reader C-9"}
    assert set(readers(first)) == {"Reader C-en", "Reader C-nl", "Reader C-zh-hans"}
    assert queries.people_lacking(incident, now()) == {}
    with pytest.raises(Refused, match="nobody_to_tell"):
        told(actor, incident, "closing", CLOSING)


def test_who_is_told_of_more_after_the_end_gets_the_end_of_that_too(ended):
    actor, incident, _first = ended
    dutch = Contact.objects.get(name="Reader C-nl").customer
    late_one(actor, incident, customer=dutch)
    notice = told(actor, incident)
    assert set(readers(notice)) == {"Reader C-nl"}
    assert queries.people_lacking(incident, now()) == {"closing": 1}
    second = told(actor, incident, "closing", CLOSING)
    assert set(readers(second)) == {"Reader C-nl"}
    assert queries.people_lacking(incident, now()) == {}


def test_once_an_update_said_that_it_goes_on_everybody_gets_the_end_again(ended):
    actor, incident, _first = ended
    told(actor, incident, "update", UPDATE)
    assert queries.people_lacking(incident, now()) == {"closing": 3}
    assert len(readers(told(actor, incident, "closing", CLOSING))) == 3


def test_a_contact_written_down_after_the_end_keeps_nothing_open(ended):
    _actor, incident, _first = ended
    customer = Contact.objects.get(name="Reader C-nl").customer
    Contact.objects.create(
        customer=customer, key="new", name="New", language="nl", time_zone="Europe/Amsterdam"
    )
    assert "people.closing" not in missing(incident)


def require(severity, phase):
    policy = queries.policies()[rules.SEVERITIES[severity]]
    administrator = make_actor("administrator")
    actions.change_policy(administrator, replace(policy, required=policy.required | {phase}))


def test_a_late_one_hears_that_service_is_restored_and_the_others_do_not_hear_it_twice():
    actor, incident, _notice = make_told()
    require(incident.severity, rules.Phase.RESTORED)
    told(actor, incident, "restored", RESTORED)
    assert "people.restored" not in missing(incident)
    late_one(actor, incident)
    told(actor, incident)
    assert "people.restored" in missing(incident)
    second = told(actor, incident, "restored", RESTORED)
    assert set(readers(second)) == {"Reader C-9"}
    assert "people.restored" not in missing(incident)


def test_service_that_fell_back_and_is_restored_again_is_told_to_everybody_again():
    actor, incident, _notice = make_told()
    told(actor, incident, "restored", RESTORED)
    told(actor, incident, "update", UPDATE)
    with pytest.raises(Refused, match="nobody_to_tell"):
        told(actor, incident, "restored", RESTORED)
    actions.move_incident(actor, incident.pk, "responding")
    told(actor, incident, "update", UPDATE)
    assert len(readers(told(actor, incident, "restored", RESTORED))) == 3


def test_who_wants_the_beginning_and_the_end_only_lacks_nothing_in_between():
    actor, incident, _notice = make_told()
    require(incident.severity, rules.Phase.RESTORED)
    Contact.objects.filter(name="Reader C-nl").update(how_much="ends")
    told(actor, incident, "restored", RESTORED)
    assert queries.people_lacking(incident, now()) == {}


def test_an_update_is_lacked_by_who_was_away_and_not_by_who_came_in_with_its_facts():
    actor, incident, _notice = make_told()
    require(incident.severity, rules.Phase.UPDATE)
    away = shipments_named("WB3")
    actions.pick_by_hand(actor, incident.pk, away, "out", "Not ours")
    told(actor, incident, "update", UPDATE)
    late_one(actor, incident)
    told(actor, incident)
    assert queries.people_lacking(incident, now()) == {}
    actions.pick_by_hand(actor, incident.pk, away, "", "Ours after all")
    assert queries.people_lacking(incident, now()) == {"update": 1}


def test_the_composer_and_the_page_say_how_many_lack_it(ended):
    actor, incident, _first = ended
    late_one(actor, incident)
    told(actor, incident)
    shown = composer(actor, incident, "closing", now())
    assert shown.contacts == 1
    actions.move_incident(actor, incident.pk, "resolved")
    page = signed_in(make_dispatcher()).get(reverse("incidents:close", args=[incident.number])).text
    assert "1 contact who was told has not had the closing message" in page
    assert f"{reverse('incidents:show', args=[incident.number])}?phase=closing#composer" in page
    with pytest.raises(Refused) as refused:
        actions.close_incident(actor, incident.pk)
    assert "incident.lacks.people.closing" in refused.value.facts["missing"]
