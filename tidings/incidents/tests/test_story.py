"""What the story needs next, and that whoever is told by a newer message waits no more for the language of an older one."""

import pytest

from tests.cast import make_dispatcher, signed_in
from tidings.incidents import actions, queries, rules
from tidings.incidents.composer import next_phase
from tidings.incidents.tests.cast import approve, make_hub_of_shipments, make_opened
from tidings.kernel.clock import now
from tidings.messaging.actions import confirm
from tidings.messaging.models import Recipient
from tidings.messaging.rules.delivery import Confirming

LANGUAGES = ("en", "nl", "zh-hans")
NEWS = {"status": "Closed.", "what_changed": "Lines run again.", "measures": "Rerouted."}
SAID = {
    "first_notice": {},
    "update": NEWS,
    "restored": {"what_works": "All lines.", "what_stays_late": "Nothing."},
    "closing": {"cause": "A fire.", "measures": "It is out.", "prevention": "New detectors."},
}


@pytest.mark.parametrize(
    ("state", "last", "noticed", "restored", "expected"),
    [
        ("reported", None, False, False, "first_notice"),
        ("recovering", None, False, False, "first_notice"),
        ("resolved", None, False, False, "first_notice"),
        ("responding", None, True, False, "update"),
        ("responding", "update", True, False, "update"),
        ("recovering", None, True, False, "restored"),
        ("recovering", "update", True, False, "restored"),
        ("recovering", "restored", True, True, "closing"),
        ("recovering", "closing", True, False, "closing"),
        ("recovering", "update", True, True, "update"),
        ("responding", "restored", True, True, "update"),
        ("reopened", "closing", True, True, "update"),
        ("resolved", "update", True, False, "closing"),
        ("resolved", "closing", True, True, "closing"),
    ],
)
def test_the_story_says_what_is_told_next(state, last, noticed, restored, expected):
    assert rules.next_to_tell(state, last, noticed=noticed, restored=restored) == expected


@pytest.mark.parametrize(
    ("sent", "overtaken"),
    [
        ("closing", {"first_notice", "update", "restored", "closing", "correction"}),
        ("restored", {"update"}),
        ("update", {"update"}),
        ("first_notice", set()),
        ("correction", set()),
        ("all_clear", set()),
        ("briefing", set()),
    ],
)
def test_newer_news_takes_the_place_of_older_news_and_the_closing_message_that_of_everything(sent, overtaken):
    assert {held for held in rules.SENT_PHASES if rules.overtakes(sent, held)} == overtaken


def tell(actor, incident, phase, languages=LANGUAGES):
    """One phase in some of its languages, with an approver's yes."""
    told = dict.fromkeys(languages, SAID[phase])
    message = actions.tell_phase(actor, incident.pk, phase, told).message_id
    approve(message)
    actions.tell_phase(actor, incident.pk, phase)
    return message


@pytest.mark.django_db
def test_after_restored_the_page_proposes_the_closing_message():
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    tell(actor, incident, "first_notice")
    incident.refresh_from_db()
    assert next_phase(incident) == "update"
    tell(actor, incident, "restored")
    incident.refresh_from_db()
    assert (incident.state, next_phase(incident)) == ("recovering", "closing")
    page = signed_in(make_dispatcher()).get(f"/incidents/{incident.number}/").text
    assert "Write the closing message" in page and "Write an update" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("newer", ["update", "restored", "closing"])
def test_who_waited_for_a_language_is_counted_with_the_message_that_told_them(newer):
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    older = tell(actor, incident, "update", ("en", "zh-hans"))
    incident.refresh_from_db()
    assert {one.phase: one.under_way for one in queries.reach(incident, now())}["update"] == 3
    assert len(queries.languages_awaited(actor, now())) == 1
    message = tell(actor, incident, newer)
    waited, told = (Recipient.objects.get(message_id=one, name="Reader C-nl") for one in (older, message))
    assert (waited.state, waited.next_at) == ("superseded", None), "nobody is sent older news after newer"
    assert (told.state, told.language) == ("waiting", "nl")
    assert queries.languages_awaited(actor, now()) == []
    totals = {one.phase: one.total for one in queries.reach(incident, now())}
    assert totals["update"] == (3 if newer == "update" else 2)
    assert totals[newer] == 3


@pytest.mark.django_db
def test_who_is_told_nothing_newer_waits_on_and_keeps_the_incident_open():
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    older = tell(actor, incident, "update", ("en", "zh-hans"))
    late = Recipient.objects.get(message_id=older, name="Reader C-nl")
    Recipient.objects.filter(pk=late.pk).update(contact_id="0190a000-0000-7000-8000-000000000000")
    tell(actor, incident, "closing")
    late.refresh_from_db()
    assert late.state == "waiting" and late.next_at
    incident.refresh_from_db()
    assert "recipients" in queries.missing_for_closing(incident, now())


@pytest.mark.django_db
def test_once_the_closing_message_reached_them_nobody_of_a_late_language_is_under_way():
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    tell(actor, incident, "update", ("en", "zh-hans"))
    tell(actor, incident, "closing")
    for row in Recipient.objects.exclude(state="superseded"):
        confirm(row.pk, Confirming.LINK, now())
    for one in queries.reach(incident, now()):
        assert (one.under_way, one.overdue) == (0, 0), one
    incident.refresh_from_db()
    assert "recipients" not in queries.missing_for_closing(incident, now())
