"""A language that is finished after the message went: exactly those who still wait for it get it, once, by the same road."""

import json
from datetime import timedelta
from threading import Thread

import pytest
from click.testing import CliRunner
from django.db import connections, transaction
from django.urls import reverse

from tests.cast import make_dispatcher, make_manager, signed_in
from tidings.customers.models import Contact
from tidings.incidents import actions, queries, rules
from tidings.incidents.commands import incident as incident_command
from tidings.incidents.composer import composer
from tidings.incidents.models import Sending
from tidings.incidents.tests.cast import (
    approve,
    make_customer,
    make_hub_of_shipments,
    make_opened,
    make_place,
    make_shipment,
)
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, Refused
from tidings.messaging.models import Recipient
from tidings.messaging.queries import audience_size, current_freeze, waiting_freezes
from tidings.messaging.rules.content import may_come_late

NEWS = {"status": "Closed.", "what_changed": "Lines run again.", "measures": "Rerouted."}
NIEUWS = {"nl": {"status": "Gesloten.", "what_changed": "De lijnen rijden weer.", "measures": "Omgeleid."}}


def test_a_completing_message_goes_in_no_language_that_went():
    assert may_come_late(("en", "nl", "zh-hans"), {"en", "zh-hans"}) == ("nl",)
    assert may_come_late(("en", "nl"), ()) == ("en", "nl")


@pytest.mark.parametrize("phase", rules.SENT_PHASES)
def test_every_phase_may_be_completed_but_what_nobody_writes_and_what_is_our_own(phase):
    assert rules.may_be_completed(phase) == (phase not in ("holding", "briefing"))
    assert not rules.may_be_completed("weather")


def test_a_completing_message_keeps_what_went_and_takes_what_was_begun():
    before = {"en": {"status": "Closed."}, "nl": {"status": "Dicht.", "measures": "Omgeleid."}}
    given = {"en": {"status": "Open."}, "nl": {"status": "Gesloten."}}
    assert rules.sentences_to_complete(before, given, {"en"}) == {
        "en": {"status": "Closed."},
        "nl": {"status": "Gesloten.", "measures": "Omgeleid."},
    }


def sent_without_dutch(hub=make_hub_of_shipments):
    """An update that went in English and Chinese; one reader of Dutch waits."""
    hub()
    actor, incident = make_opened(kind="delay")
    told = {"en": NEWS, "zh-hans": NEWS, "nl": {"status": "Gesloten."}}
    message = actions.tell_phase(actor, incident.pk, "update", told).message_id
    approve(message)
    assert actions.tell_phase(actor, incident.pk, "update").sent == 3
    return actor, queries.incident(actor, incident.pk), message


def completed(actor, incident, message):
    """The update completed in Dutch, with an approver's yes."""
    outcome = actions.complete_phase(actor, incident.pk, message, NIEUWS)
    assert outcome.sent is None
    approve(outcome.message_id)
    return actions.complete_phase(actor, incident.pk, message)


def rows_of(message):
    return {row.name: row for row in Recipient.objects.filter(message_id=message)}


@pytest.mark.django_db
def test_exactly_those_who_wait_for_the_language_get_it_once_and_by_the_same_deadline():
    actor, incident, message = sent_without_dutch()
    waited = rows_of(message)["Reader C-nl"]
    outcome = completed(actor, incident, message)
    assert outcome.sent == 1
    [row] = rows_of(outcome.message_id).values()
    assert (row.name, row.language, row.reason, row.due_by) == ("Reader C-nl", "nl", "", waited.due_by)
    assert row.chunk_id is not None
    waited.refresh_from_db()
    assert (waited.state, waited.next_at) == ("superseded", None)


@pytest.mark.django_db
def test_it_carries_the_same_promise_and_moves_nothing_else():
    actor, incident, message = sent_without_dutch()
    before = (incident.next_update_by, incident.state, incident.first_notice_at)
    outcome = completed(actor, incident, message)
    sent, late = (Sending.objects.get(message_id=one) for one in (message, outcome.message_id))
    assert (late.completes, late.phase, late.promised_by) == (message, "update", sent.promised_by)
    incident.refresh_from_db()
    assert (incident.next_update_by, incident.state, incident.first_notice_at) == before
    assert incident.timeline.order_by("-at", "-pk").filter(code="phase_completed").exists()


@pytest.mark.django_db
def test_only_the_late_language_is_approved_and_sent():
    actor, incident, message = sent_without_dutch()
    outcome = actions.complete_phase(actor, incident.pk, message, NIEUWS)
    freeze = current_freeze(outcome.message_id)
    assert freeze is not None
    assert (set(freeze.words), freeze.audience_size, freeze.approval_needed) == ({"nl"}, 1, True)
    with pytest.raises(Refused) as refused:
        actions.send_phase(actor, incident.pk, outcome.message_id)
    assert refused.value.code == "messaging.not_approved"
    assert rows_of(message)["Reader C-nl"].state == "waiting"


@pytest.mark.django_db
def test_an_approver_reads_it_as_one_of_those_who_wait_will():
    actor, incident, message = sent_without_dutch()
    waits = make_customer("C-also", language="nl")
    make_shipment("WB8", waits, make_place())
    actions.find_affected(actor, incident.pk)
    late = actions.complete_phase(actor, incident.pk, message, NIEUWS).message_id
    page = signed_in(make_manager()).get(reverse("messaging:decide", args=[late])).text
    assert "Reader C-nl" in page
    assert "Reader C-also" not in page


@pytest.mark.django_db
def test_a_language_that_lacks_a_fact_is_refused_with_what_is_missing():
    actor, incident, message = sent_without_dutch()
    with pytest.raises(Refused) as refused:
        actions.complete_phase(actor, incident.pk, message, {"nl": {"measures": "Omgeleid."}})
    assert refused.value.code == "messaging.facts_missing"
    assert list(refused.value.facts["missing"]) == ["nl"]
    assert not Sending.objects.filter(completes=message).exists()


@pytest.mark.django_db
def test_a_second_press_sends_nothing():
    actor, incident, message = sent_without_dutch()
    completed(actor, incident, message)
    for facts in (None, NIEUWS):
        with pytest.raises(Refused) as refused:
            actions.complete_phase(actor, incident.pk, message, facts)
        assert refused.value.code == "incident.nobody_waits"
    assert Recipient.objects.filter(name="Reader C-nl").exclude(state="superseded").count() == 1


@pytest.mark.django_db
def test_who_got_the_second_language_meanwhile_is_not_told_again():
    actor, incident, message = sent_without_dutch()
    outcome = actions.complete_phase(actor, incident.pk, message, NIEUWS)
    approve(outcome.message_id)
    Recipient.objects.filter(message_id=message, name="Reader C-nl").update(next_at=None, state="trying")
    with pytest.raises(Refused) as refused:
        actions.complete_phase(actor, incident.pk, message)
    assert refused.value.code == "incident.nobody_waits"


@pytest.mark.django_db
def test_who_reads_another_language_by_now_waits_for_their_second_one():
    actor, incident, message = sent_without_dutch()
    Contact.objects.filter(name="Reader C-nl").update(language="en")
    with pytest.raises(Refused):
        actions.complete_phase(actor, incident.pk, message, NIEUWS)
    assert rows_of(message)["Reader C-nl"].state == "waiting"


@pytest.mark.django_db
def test_reach_counts_each_contact_once():
    actor, incident, message = sent_without_dutch()
    before = next(one for one in queries.reach(incident, now()) if one.phase == "update")
    outcome = completed(actor, incident, message)
    after = next(one for one in queries.reach(incident, now()) if one.phase == "update")
    assert (before.total, after.total) == (3, 3)
    assert {code: part.total for code, part in after.by_language.items()} == {"en": 1, "nl": 1, "zh-hans": 1}
    parts = (after.in_time, after.late, after.under_way, after.overdue, after.unreachable)
    assert sum(parts) == after.total
    assert len(rows_of(outcome.message_id)) == 1


@pytest.mark.django_db
def test_it_stands_beside_the_next_message_of_its_phase():
    actor, incident, message = sent_without_dutch()
    late = actions.complete_phase(actor, incident.pk, message, NIEUWS).message_id
    three = dict.fromkeys(("en", "nl", "zh-hans"), NEWS)
    following = actions.tell_phase(actor, incident.pk, "update", three).message_id
    assert {one.message_id for one in waiting_freezes()} == {late, following}
    unsent = queries.unsent(incident, "update")
    assert unsent is not None
    assert unsent.message_id == following


@pytest.mark.django_db
def test_a_correction_reaches_those_too_who_got_the_message_late():
    actor, incident, message = sent_without_dutch()
    late = completed(actor, incident, message).message_id
    at = now()
    corrected = audience_size(queries.audience(incident, "correction", at, message))
    assert (corrected, audience_size(queries.audience(incident, "correction", at, late))) == (3, 1)


@pytest.mark.django_db
def test_only_a_message_that_went_is_completed_and_a_completing_one_is_not():
    actor, incident, message = sent_without_dutch()
    draft = actions.write_phase(actor, incident.pk, "update", {})
    with pytest.raises(Missing):
        actions.complete_phase(actor, incident.pk, draft, NIEUWS)
    outcome = completed(actor, incident, message)
    with pytest.raises(Refused) as refused:
        actions.complete_phase(actor, incident.pk, outcome.message_id, NIEUWS)
    assert refused.value.code == "incident.not_completed"


@pytest.mark.django_db
def test_the_worklist_knows_whom_it_holds_until_half_the_deadline():
    actor, incident, message = sent_without_dutch()
    [late] = queries.languages_awaited(actor, now())
    assert (late.incident, late.message_id, late.language, late.readers) == (incident, message, "nl", 1)
    assert queries.languages_awaited(actor, late.until + timedelta(seconds=1)) == []
    completed(actor, incident, message)
    assert queries.languages_awaited(actor, now()) == []


def test_of_the_clock_and_the_late_language_one_wins(own_database):
    """While the clock gives somebody their second language, whoever presses at that moment tells them nothing."""
    actor, incident, message = sent_without_dutch()
    outcome = actions.complete_phase(actor, incident.pk, message, NIEUWS)
    approve(outcome.message_id)
    said: list[str] = []

    def press() -> None:
        try:
            actions.complete_phase(actor, incident.pk, message)
        except Refused as problem:
            said.append(problem.code)
        finally:
            connections.close_all()

    with transaction.atomic():
        Recipient.objects.select_for_update().get(message_id=message, name="Reader C-nl")
        other = Thread(target=press)
        other.start()
        other.join(30)
    assert said == ["incident.nobody_waits"]
    assert not Recipient.objects.filter(message_id=outcome.message_id).exists()
    assert rows_of(message)["Reader C-nl"].state == "waiting"
    assert actions.complete_phase(actor, incident.pk, message).sent == 1


@pytest.mark.django_db
def test_the_command_completes_what_holds_somebody(tmp_path):
    _actor, incident, message = sent_without_dutch()
    facts = tmp_path / "facts.json"
    facts.write_text(json.dumps(NIEUWS), encoding="utf-8")
    given = ["send", incident.number, "update", "--facts", str(facts), "--completes", "--json"]
    answer = CliRunner().invoke(incident_command, given)
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.output)["waits_for_approval"]
    assert Sending.objects.filter(completes=message, sent_at=None).exists()


@pytest.mark.django_db
def test_the_worklist_names_the_message_that_waits_for_its_language():
    _actor, incident, message = sent_without_dutch()
    page = signed_in(make_dispatcher()).get("/")
    assert "A language is missing in a sent message" in page.text
    assert f"completes={message}" in page.text
    assert incident.number in page.text


@pytest.mark.django_db
def test_a_sent_messages_page_says_whom_it_holds_and_one_press_writes_what_is_missing():
    _actor, incident, message = sent_without_dutch()
    client = signed_in(make_dispatcher())
    shown = client.get(reverse("incidents:show", args=[incident.number])).text
    assert "Nederlands is not there yet: it holds 1 reader until" in shown
    write = f"{reverse('incidents:write', args=[incident.number, 'update'])}?completes={message}"
    assert f'href="{write}"' in shown
    assert "Write it in Nederlands" in shown
    form = client.get(write)
    assert "nl.status" in form.text
    assert "en.status" not in form.text
    assert "Gesloten." in form.text
    typed = {f"nl.{fact}": said for fact, said in NIEUWS["nl"].items()}
    answer = client.post(write, {**typed, "completes": str(message)})
    assert answer.status_code == 302, answer.text
    composed = client.get(answer["Location"])
    assert "goes only to those who still wait for it in their language" in composed.text
    assert "Goes to 1 contact" in composed.text
    assert Sending.objects.get(completes=message).sent_at is None


@pytest.mark.django_db
def test_the_composers_button_asks_for_approval_and_then_sends_to_them_only():
    actor, incident, message = sent_without_dutch()
    draft = actions.write_completion(actor, incident.pk, message, NIEUWS)
    client = signed_in(make_dispatcher())
    press = reverse("incidents:send", args=[incident.number, "update"])
    for sent in (False, True):
        incident.refresh_from_db()
        shown = composer(actor, incident, "update", now(), completes=message)
        seen = {"seen_version": shown.seen.version, "seen_message": shown.seen.message, "seen_contacts": 1}
        client.post(press, {**seen, "completes": str(message)})
        assert Recipient.objects.filter(message_id=draft).exists() == sent
        if not sent:
            approve(draft)
    client.post(press, {**seen, "completes": str(message)})
    assert Recipient.objects.filter(name="Reader C-nl").exclude(state="superseded").count() == 1


@pytest.mark.django_db
def test_a_message_that_did_not_go_has_no_page_to_complete_it():
    _actor, incident, _message = sent_without_dutch()
    write = reverse("incidents:write", args=[incident.number, "update"])
    client = signed_in(make_dispatcher())
    for nonsense in ("x", "0190a000-0000-7000-8000-000000000000"):
        assert client.get(write, {"completes": nonsense}).status_code == 404
