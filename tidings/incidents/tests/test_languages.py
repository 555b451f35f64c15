"""Languages one by one: what is ready goes, what is not holds only its own readers, and the clock of those runs on."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cast import make_dispatcher, signed_in
from tidings.incidents import actions, queries
from tidings.incidents.composer import composer
from tidings.incidents.tests.cast import NOW, approve, make_hub_of_shipments, make_opened
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.messaging.models import Recipient
from tidings.messaging.queries import current_freeze

pytestmark = pytest.mark.django_db

NEWS = {"status": "Closed.", "what_changed": "Lines run again.", "measures": "Rerouted."}


def told_in_two_of_three():
    """An update that is written in English and Chinese; Dutch lacks two of its facts."""
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    told = {"en": NEWS, "zh-hans": NEWS, "nl": {"status": "Gesloten."}}
    message = actions.write_phase(actor, incident.pk, "update", told)
    return actor, queries.incident(actor, incident.pk), message


def test_a_language_that_is_not_there_holds_only_its_own_readers():
    actor, incident, message = told_in_two_of_three()
    assert actions.tell_phase(actor, incident.pk, "update").sent is None
    approve(message)
    freeze = current_freeze(message)
    assert freeze is not None
    assert set(freeze.words) == {"en", "zh-hans"}
    assert actions.tell_phase(actor, incident.pk, "update").sent == 3
    rows = {row.name: row for row in Recipient.objects.filter(message_id=message)}
    assert {row.reason for name, row in rows.items() if name != "Reader C-nl"} == {""}
    held = rows["Reader C-nl"]
    assert (held.reason, held.language, held.chunk_id) == ("no_text", "en", None)
    half = (held.due_by - now()) / 2
    assert abs(held.next_at - now() - half) < timedelta(minutes=1)


def test_the_composer_says_which_language_holds_how_many():
    actor, incident, _ = told_in_two_of_three()
    shown = composer(actor, incident, "update", NOW)
    assert shown.complete
    assert (shown.held, shown.second_language) == ({"nl": 1}, "en")
    page = signed_in(make_dispatcher()).get(
        reverse("incidents:show", args=[incident.number]), {"phase": "update"}
    )
    assert (
        "Nederlands is not there yet: it holds 1 reader, who gets English at half the time left." in page.text
    )


def test_a_message_that_is_ready_in_no_language_is_refused_with_what_is_missing():
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    with pytest.raises(Refused) as refused:
        actions.tell_phase(actor, incident.pk, "update", {"en": {"status": "Closed."}})
    assert refused.value.code == "messaging.facts_missing"
    assert set(refused.value.facts["missing"]) == {"en", "nl", "zh-hans"}
    assert not Recipient.objects.exists()


def test_what_was_approved_in_two_languages_is_void_once_the_third_is_written():
    actor, incident, message = told_in_two_of_three()
    actions.tell_phase(actor, incident.pk, "update")
    approve(message)
    told = dict.fromkeys(("en", "nl", "zh-hans"), NEWS)
    anew = actions.tell_phase(actor, incident.pk, "update", told)
    assert anew.sent is None
    freeze = current_freeze(anew.message_id)
    assert freeze is not None
    assert set(freeze.words) == {"en", "nl", "zh-hans"}
