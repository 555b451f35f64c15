"""What a contact chose to hear: every update, only changes to their shipments, or the first and the closing message."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cast import make_dispatcher, signed_in
from tidings.customers.models import Contact
from tidings.incidents import actions, queries
from tidings.incidents.tests.cast import (
    NOW,
    in_every_language,
    make_hub_of_shipments,
    make_opened,
    readers,
    told,
)
from tidings.messaging.models import Recipient

pytestmark = pytest.mark.django_db

NEWS = in_every_language(status="Closed.", what_changed="Lines run.", measures="Rerouted.")
END = in_every_language(cause="A crash.", measures="Cleared.", prevention="A barrier.")


def first_notice_gone():
    """Everybody got the first notice; the Dutch reader wants changes only, the Chinese one the first and the last."""
    make_hub_of_shipments()
    Contact.objects.filter(language="nl").update(how_much="changes")
    Contact.objects.filter(language="zh-hans").update(how_much="ends")
    actor, incident = make_opened(kind="delay")
    assert len(readers(told(actor, incident))) == 3
    return actor, queries.incident(actor, incident.pk)


def test_an_update_without_a_change_goes_to_those_who_want_every_one():
    actor, incident = first_notice_gone()
    assert queries.left_out(incident, "update", NOW) == {"changes": 1, "ends": 1}
    parts = queries.audience_parts(actor, incident, "update", NOW)
    assert {part.language: part.contacts for part in parts} == {"en": 1}
    assert set(readers(told(actor, incident, "update", NEWS))) == {"Reader C-en"}


def test_a_new_time_is_a_change_and_is_told_once():
    actor, incident = first_notice_gone()
    actions.set_effect(actor, incident.pk, "delayed", until_at=NOW + timedelta(days=3))
    assert queries.left_out(incident, "update", NOW) == {"ends": 1}
    assert set(readers(told(actor, incident, "update", NEWS))) == {"Reader C-en", "Reader C-nl"}
    assert set(readers(told(actor, incident, "update", NEWS))) == {"Reader C-en"}


def test_what_is_grave_goes_to_everybody_whatever_they_chose():
    actor, incident = first_notice_gone()
    actions.set_effect(actor, incident.pk, "damaged")
    assert queries.left_out(incident, "update", NOW) == {}
    assert len(readers(told(actor, incident, "update", NEWS))) == 3


def test_who_never_got_the_last_message_has_not_heard_what_it_says():
    actor, incident = first_notice_gone()
    Recipient.objects.filter(name="Reader C-nl").update(state="unreachable")
    assert set(readers(told(actor, incident, "update", NEWS))) == {"Reader C-en", "Reader C-nl"}


def test_the_closing_message_goes_to_everybody():
    actor, incident = first_notice_gone()
    assert queries.left_out(incident, "closing", NOW) == {}
    assert len(readers(told(actor, incident, "closing", END))) == 3


def test_the_composer_says_who_is_left_out_and_why():
    _actor, incident = first_notice_gone()
    page = signed_in(make_dispatcher()).get(
        reverse("incidents:show", args=[incident.number]), {"phase": "update"}
    )
    assert "because nothing changed for their shipments: 1." in page.text
    assert "since they want the first and the closing message only: 1." in page.text
