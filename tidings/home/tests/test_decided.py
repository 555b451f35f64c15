"""What an approver decided, on the worklist of whoever wrote it: which incident, phase and languages, by whom, why, and what next."""

import pytest
from django.urls import reverse

from tests.cast import make_approver, make_dispatcher, signed_in
from tidings.incidents import actions
from tidings.incidents.tests.cast import make_hub_of_shipments, make_opened
from tidings.messaging.actions import approve_message, send_back
from tidings.messaging.queries import current_freeze
from tidings.people.models import User
from tidings.people.queries import actor_of

pytestmark = pytest.mark.django_db
NEWS = {"status": "Closed.", "what_changed": "Lines run again.", "measures": "Rerouted."}
WHY = "Name the street that is closed."


@pytest.fixture
def writer() -> User:
    return make_dispatcher(name="Robin")


def asked(writer: User):
    """An update that its writer asked an approver about, in English and Dutch; one reader of Chinese would wait."""
    make_hub_of_shipments()
    _actor, incident = make_opened(kind="delay")
    told = {"en": NEWS, "nl": NEWS, "zh-hans": {"status": "关闭。"}}
    message = actions.tell_phase(actor_of(writer), incident.pk, "update", told).message_id
    return incident, message, current_freeze(message)


def line(writer: User) -> str:
    page = signed_in(writer).get(reverse("home:worklist")).text
    [row] = [one for one in page.split("<tr>")[1:] if "Sent back" in one or "Approved, to be sent" in one]
    return row


def test_words_that_were_sent_back_say_of_what_by_whom_why_and_lead_to_the_writing(writer: User) -> None:
    incident, message, freeze = asked(writer)
    send_back(actor_of(make_approver(name="Pieter")), message, freeze.digest, WHY)
    shown = line(writer)
    for said in (
        "Sent back, to be changed: Update",
        incident.number,
        "Delay",
        "Venlo hub",
        "English",
        "Nederlands",
    ):
        assert said in shown
    assert "中文" not in shown, "the words were in two languages"
    assert f"Pieter: {WHY}" in shown
    page = reverse("incidents:write", args=[incident.number, "update"])
    assert f'href="{page}"' in shown
    assert WHY in signed_in(writer).get(page).text, "who changes it reads why"


def test_words_that_were_approved_say_by_whom_and_lead_to_the_press_that_sends(writer: User) -> None:
    incident, message, freeze = asked(writer)
    approve_message(actor_of(make_approver(name="Pieter")), message, freeze.digest)
    shown = line(writer)
    assert "Approved, to be sent: Update" in shown and "approved by Pieter" in shown and "Venlo hub" in shown
    address = f"{reverse('incidents:show', args=[incident.number])}?phase=update"
    assert f'href="{address}#composer"' in shown
    composer = signed_in(writer).get(address).text.partition('id="composer"')[2]
    assert f'action="{reverse("incidents:send", args=[incident.number, "update"])}"' in composer
