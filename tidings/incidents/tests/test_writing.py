"""The page on which a message is written: the preview follows what is being typed, and nothing of it is stored."""

import re

import pytest
from django.urls import reverse

from tests.cast import make_agent, make_dispatcher, make_person, signed_in
from tidings.incidents import actions
from tidings.incidents.models import Incident, Sending
from tidings.incidents.tests.cast import approve, make_actor, make_hub_of_shipments, make_opened
from tidings.messaging.models import Message
from tidings.people.rules import Role

pytestmark = pytest.mark.django_db
NEWS = {"status": "Closed.", "what_changed": "Lines run again.", "measures": "Rerouted."}


@pytest.fixture
def told() -> Incident:
    """An incident whose customers had the first notice, of which an update is written next."""
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    actions.tell_phase(actor, incident.pk, "first_notice")
    return incident


def look(incident: Incident, phase: str = "update") -> str:
    return reverse("incidents:look", args=[incident.number, phase])


def swapped(answer: str, what: str) -> str:
    """What the answer puts into the place of this id."""
    return answer.partition(f'hx-swap-oob="innerHTML:#{what}">')[2].partition("<div hx-swap-oob")[0]


def missing(answer: str, language: str) -> list[str]:
    """The facts that the list of one language says are missing."""
    return re.findall(r'<li class="missing">([^<:]+): missing', swapped(answer, f"reads-{language}"))


def test_the_preview_says_what_is_being_typed_and_stores_nothing(told: Incident) -> None:
    client, before = signed_in(make_dispatcher()), (Message.objects.count(), Sending.objects.count())
    answer = client.post(look(told), {"en.status": "The bridge is open & safe."}).text
    for shown_as in ("as-mail", "as-plain"):
        part = swapped(answer, "reads-en").partition(f'class="mail {shown_as}"')[2]
        assert (
            "The bridge is open &amp; safe."
            in part.partition("</pre>" if "plain" in shown_as else "</div>")[0]
        )
    assert "The bridge" not in swapped(answer, "reads-nl")
    assert (Message.objects.count(), Sending.objects.count()) == before


def test_what_is_still_missing_follows_what_is_typed_in_each_language(told: Incident) -> None:
    client = signed_in(make_dispatcher())
    assert missing(client.post(look(told), {}).text, "en") == ["Where it stands", "What changed", "Measures"]
    typed = {f"en.{fact}": said for fact, said in NEWS.items()} | {
        "nl.status": "Dicht.",
        "en.compensation": "Yes.",
    }
    answer = client.post(look(told), typed).text
    assert missing(answer, "en") == []
    assert missing(answer, "nl") == ["What changed", "Measures", "Compensation"]
    assert "3 facts missing" in swapped(answer, "lacks-nl") and "missing" not in swapped(answer, "lacks-en")
    assert "Nederlands is not there yet: it holds 1 reader" in swapped(answer, "goes-to")


def test_what_was_saved_and_not_touched_stays_in_the_preview_and_what_was_emptied_leaves_it(
    told: Incident,
) -> None:
    actions.write_phase(make_actor(), told.pk, "update", {"en": NEWS})
    client = signed_in(make_dispatcher())
    seen = {f"initial-en.{fact}": said for fact, said in NEWS.items()}
    untouched = {f"en.{fact}": said for fact, said in NEWS.items()}
    shown = swapped(client.post(look(told), seen | untouched).text, "reads-en")
    assert "Rerouted." in shown and "Closed." in shown
    emptied = client.post(look(told), seen | untouched | {"en.measures": ""}).text
    assert "Rerouted." not in swapped(emptied, "reads-en") and missing(emptied, "en") == ["Measures"]


def test_the_preview_of_a_completing_message_keeps_what_went_and_shows_the_late_language_alone(
    told: Incident,
) -> None:
    writer = make_actor()
    message = actions.tell_phase(writer, told.pk, "update", {"en": NEWS, "zh-hans": NEWS}).message_id
    approve(message)
    actions.tell_phase(writer, told.pk, "update")
    answer = signed_in(make_dispatcher()).post(look(told), {"completes": message, "nl.status": "Dicht."}).text
    assert "Dicht." in swapped(answer, "reads-nl") and 'innerHTML:#reads-en"' not in answer
    assert missing(answer, "nl") == ["What changed", "Measures"]


def test_it_is_seen_as_it_was_seen_before(told: Incident) -> None:
    answer = signed_in(make_dispatcher()).post(look(told), {"seen-en": "sms"}).text
    assert 'value="sms" checked' in swapped(answer, "reads-en")
    assert 'value="mail" checked' in swapped(answer, "reads-nl")


def test_only_who_may_write_sees_how_it_would_read(told: Incident) -> None:
    assert signed_in(make_person(Role.AUDITOR)).post(look(told), {}).status_code == 403
    assert signed_in(make_dispatcher()).post(look(told, "holding"), {}).status_code == 404
    assert signed_in(make_agent()).post(look(told), {}).status_code == 403
