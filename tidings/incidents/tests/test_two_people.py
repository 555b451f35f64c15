"""Two people at one incident, or one who presses twice: the second is told, and nothing is sent or overwritten."""

import re

import pytest
from django.urls import reverse

from tests.cast import make_dispatcher, make_manager, signed_in
from tidings.incidents import actions, queries
from tidings.incidents.models import Incident
from tidings.incidents.tests.cast import (
    HUB,
    make_actor,
    make_customer,
    make_hub_of_shipments,
    make_opened,
    make_place,
    make_shipment,
)
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.errors import Conflict, Missing
from tidings.kernel.installation import start_demo
from tidings.messaging import actions as messaging
from tidings.messaging import queries as texts
from tidings.messaging.models import Approval, Freeze, Recipient
from tidings.people.queries import actor_of

pytestmark = pytest.mark.django_db
LANGUAGES = ("en", "nl", "zh-hans")


def opened(**changes: object) -> Incident:
    return make_opened(**{"kind": "delay", **changes})[1]


def url(name: str, incident: Incident, **more: object) -> str:
    return reverse(f"incidents:{name}", kwargs={"number": incident.number, **more})


def hidden(page: str, start: str) -> dict[str, str]:
    """The hidden fields of the form whose action is `start`, as a browser would send them."""
    form = page[page.index(f'action="{start}"') :].partition("</form>")[0]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def own_update_text() -> None:
    """A firm's own update that needs no sentence from anybody, approved in every language."""
    editor = Actor(ActorKind.PERSON, "editor", frozenset({"text.change"}))
    blocks = ("status", "what_changed", "what_it_means", "measures", "when_next", "where_to_turn")
    source = "subject: News\nshort: News\n\n" + "\n\n".join(f"[{name}]\nSaid {name}." for name in blocks)
    for language in LANGUAGES:
        seen = texts.texts_for("delay", "update")[language].digest
        messaging.set_text(editor, "delay", "update", language, source, seen_digest=seen)
        digest = texts.texts_for("delay", "update")[language].digest
        messaging.approve_text(make_actor("approver"), "delay", "update", language, digest)


@pytest.fixture
def told() -> Incident:
    """An incident whose customers had the first notice, with a full update text of the firm's own."""
    start_demo("test", "Noordster Koeriers")
    make_hub_of_shipments()
    own_update_text()
    incident = opened()
    actions.tell_phase(make_actor(), incident.pk, "first_notice")
    return incident


def test_the_second_press_of_send_is_told_and_sends_nothing(told: Incident) -> None:
    client, press = signed_in(make_dispatcher()), url("send", told, phase="update")
    fields = hidden(client.get(url("show", told)).text, press)
    first = client.post(press, fields, follow=True)
    assert "On its way to 3 contacts" in first.text
    second = client.post(press, fields, follow=True)
    assert "“Update” went out already" in second.text and "to 3 contacts" in second.text
    assert "while you had it before you" not in second.text
    assert told.sendings.filter(phase="update", sent_at__isnull=False).count() == 1
    assert Recipient.objects.count() == 6


def test_what_was_written_meanwhile_is_not_sent_unseen(told: Incident) -> None:
    writer, seen = make_actor(), queries.newest_message(told, "update")
    actions.write_phase(writer, told.pk, "update", {one: {"status": "Other words."} for one in LANGUAGES})
    with pytest.raises(Conflict) as second:
        actions.tell_phase(make_actor(), told.pk, "update", seen=queries.Seen(_version(told), seen, 3))
    assert second.value.code == "incident.message_changed"
    assert second.value.facts["by"] == writer.ref
    assert not told.sendings.filter(phase="update", sent_at__isnull=False).exists()


def test_a_send_without_what_was_seen_sends_nothing(told: Incident) -> None:
    answer = signed_in(make_dispatcher()).post(url("send", told, phase="update"), follow=True)
    assert "while you had it before you" in answer.text
    assert not told.sendings.filter(phase="update").exists()


def test_the_second_of_two_writers_sees_both_and_loses_nothing(told: Incident) -> None:
    client, page = signed_in(make_dispatcher()), url("write", told, phase="update")
    first = {f"{one}.status": "The road is open." for one in LANGUAGES}
    second = {f"{one}.status": "The road stays closed." for one in LANGUAGES}
    assert client.post(page, first | {"seen_message": ""}).status_code == 302
    answer = client.post(page, second | {"seen_message": ""})
    assert answer.status_code == 409
    assert "The road is open." in answer.text and "The road stays closed." in answer.text
    assert told.sendings.filter(phase="update").count() == 1
    again = re.search(r'name="seen_message" value="([^"]+)"', answer.text)
    assert again and client.post(page, second | {"seen_message": again[1]}).status_code == 302
    newest = told.sendings.filter(left_at=None, phase="update").get()
    assert texts.newest_texts(newest.message_id)["en"].facts["status"] == "The road stays closed."


def fields_of(page: str) -> dict[str, str]:
    """Every field of the page's form as a browser would send it back untouched."""
    form = page[page.index('<form class="form') :].partition("</form>")[0]
    found = re.findall(r'<input type="(?:hidden|text)" name="([^"]+)"(?: value="([^"]*)")?', form)
    areas = re.findall(r'<textarea name="([^"]+)"[^>]*>\s*([^<]*)</textarea>', form)
    return {name: value for name, value in [*found, *areas] if name != "csrfmiddlewaretoken"}


def test_a_fact_that_somebody_else_wrote_meanwhile_stays_when_it_was_not_touched() -> None:
    make_place()
    incident, client = opened(facts=actions.Facts(what="Smoke")), signed_in(make_dispatcher())
    page = fields_of(client.get(url("facts", incident)).text)
    actions.change_facts(make_actor(), incident.pk, actions.Facts(effect="212 parcels wet"))
    answer = client.post(url("facts", incident), page | {"cause": "A burst pipe"})
    assert answer.status_code == 302, "nothing was changed by both"
    incident.refresh_from_db()
    assert (incident.effect, incident.cause, incident.what) == ("212 parcels wet", "A burst pipe", "Smoke")


def test_only_the_fact_that_both_changed_is_asked_about_and_the_other_stays_after_it() -> None:
    make_place()
    incident, client = opened(), signed_in(make_dispatcher())
    page = fields_of(client.get(url("facts", incident)).text)
    theirs = actions.Facts(effect="212 parcels wet", cause="Rain")
    actions.change_facts(make_actor(), incident.pk, theirs)
    answer = client.post(url("facts", incident), page | {"cause": "A burst pipe"})
    assert answer.status_code == 409
    assert "Rain" in answer.text and "<td>212 parcels wet</td>" not in answer.text
    assert client.post(url("facts", incident), fields_of(answer.text)).status_code == 302
    incident.refresh_from_db()
    assert (incident.effect, incident.cause) == ("212 parcels wet", "A burst pipe")


def test_a_fact_that_was_emptied_is_emptied() -> None:
    make_place()
    incident, client = opened(facts=actions.Facts(effect="212 parcels wet")), signed_in(make_dispatcher())
    page = fields_of(client.get(url("facts", incident)).text)
    assert page["effect"] == "212 parcels wet"
    assert client.post(url("facts", incident), page | {"effect": ""}).status_code == 302
    incident.refresh_from_db()
    assert incident.effect == ""


def test_a_sentence_that_somebody_else_wrote_meanwhile_stays_when_it_was_not_touched(told: Incident) -> None:
    client, page = signed_in(make_dispatcher()), url("write", told, phase="update")
    shown = fields_of(client.get(page).text)
    theirs = {f"{one}.status": "The road is open." for one in LANGUAGES}
    mine = {f"{one}.measures": "Two more vans drive." for one in LANGUAGES}
    assert client.post(page, shown | theirs).status_code == 302
    assert client.post(page, shown | mine).status_code == 302
    newest = told.sendings.filter(left_at=None, phase="update").get()
    facts = texts.newest_texts(newest.message_id)["en"].facts
    assert (facts["status"], facts["measures"]) == ("The road is open.", "Two more vans drive.")


QUESTION = {
    "do": "save",
    "seen_told": "0",
    "g0-from_at": "2026-11-22T05:55",
    "g0-t0-kind": "place",
    "g0-t0-values": HUB,
}


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("facts", {"what": "Smoke only"}),
        ("grade", {"severity": "high", "reason": "Medicines"}),
        ("move", {"target": "assessing"}),
        ("question", QUESTION),
        ("effect", {"effect": "damaged"}),
    ],
)
def test_every_change_tells_the_second_and_takes_it_when_pressed_again(
    name: str, fields: dict[str, str]
) -> None:
    make_place()
    incident, client = opened(), signed_in(make_dispatcher())
    boss = make_manager()
    actions.change_facts(actor_of(boss), incident.pk, actions.Facts(what="Fire in hall 2"))
    late = client.post(url(name, incident), fields | {"seen_version": incident.version})
    assert late.status_code == 409
    assert boss.name in late.text, "who was first is named"
    incident.refresh_from_db()
    assert (incident.what, incident.severity, incident.state) == ("Fire in hall 2", "medium", "reported")
    seen = re.search(r'name="seen_version" value="(\d+)"', late.text)
    assert seen and client.post(url(name, incident), fields | {"seen_version": seen[1]}).status_code == 302


def test_a_report_pressed_twice_is_one_incident() -> None:
    make_place()
    client = signed_in(make_dispatcher())
    page = client.get(reverse("incidents:report")).text
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    fields = {"kind": "accident", "place": HUB, "window_from": "2026-11-22T05:55", "key": key[1]}
    client.post(reverse("incidents:report"), fields)
    answer = client.post(reverse("incidents:report"), fields, follow=True)
    assert "taken already" in answer.text
    assert Incident.objects.count() == 1


def test_words_changed_after_the_approver_read_them_are_not_approved() -> None:
    make_hub_of_shipments()
    incident, approver = opened(kind="accident"), signed_in(make_manager())
    actions.tell_phase(make_actor(), incident.pk, "first_notice")
    message = incident.sendings.get().message_id
    approve = reverse("messaging:approve", args=[message])
    fields = hidden(approver.get(reverse("messaging:decide", args=[message])).text, approve)
    assert fields["digest"] == Freeze.objects.get().digest
    messaging.freeze_message(make_actor(), message)
    answer = approver.post(approve, fields, follow=True)
    assert "Other words were frozen since you read them" in answer.text
    assert not Approval.objects.exists()


def test_another_units_approver_does_not_approve_it() -> None:
    make_hub_of_shipments()
    incident = opened(kind="accident")
    actions.tell_phase(make_actor(), incident.pk, "first_notice")
    freeze = Freeze.objects.get()
    stranger = make_actor("approver", units=frozenset({incident.pk}))
    with pytest.raises(Missing):
        messaging.approve_message(stranger, freeze.message_id, freeze.digest)
    assert not Approval.objects.exists()


def test_who_comes_in_after_the_approval_voids_it_and_it_is_asked_for_anew() -> None:
    hub = make_place()
    make_shipment("WB1", make_customer("C-1"), hub)
    incident, dispatcher = opened(kind="accident"), make_actor()
    asked = actions.tell_phase(dispatcher, incident.pk, "first_notice")
    messaging.approve_message(make_actor("approver"), asked.message_id, Freeze.objects.get().digest)
    make_shipment("WB2", make_customer("C-2"), hub)
    actions.find_affected(dispatcher, incident.pk)
    again = actions.tell_phase(dispatcher, incident.pk, "first_notice")
    assert (again.message_id, again.sent) == (asked.message_id, None)
    newest = texts.current_freeze(asked.message_id)
    assert newest is not None and newest.audience_size == 2
    messaging.approve_message(make_actor("approver"), asked.message_id, newest.digest)
    assert actions.tell_phase(dispatcher, incident.pk, "first_notice").sent == 2


def _version(incident: Incident) -> int:
    return Incident.objects.values_list("version", flat=True).get(pk=incident.pk)
