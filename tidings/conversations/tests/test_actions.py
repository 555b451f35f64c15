"""What comes in is kept once and decided once: bounces undo, receipts prove, answers find their incident, strangers change nothing."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from tidings.conversations import jobs
from tidings.conversations.actions import decide, decide_waiting, keep_arrival, mark_read, mark_seen
from tidings.conversations.actions.bring import AT_THE_DOOR
from tidings.conversations.models import Answer, Arrival, Conversation, Door
from tidings.conversations.tests.cast import bounce, came, reply, return_path, told_one
from tidings.customers.models import Address, Contact
from tidings.incidents.jobs import mark_refused
from tidings.incidents.tests.cast import make_actor
from tidings.kernel import files
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, Refused
from tidings.kernel.ids import new_id
from tidings.kernel.jobs import run_waiting
from tidings.kernel.models import AuditLine
from tidings.messaging.models import Recipient, RefusedAddress, Relay, Result
from tidings.messaging.queries import tokens
from tidings.messaging.tests.test_bounces import mail

pytestmark = pytest.mark.django_db


def stands(row: Recipient) -> tuple[str, str]:
    fresh = Recipient.objects.get(pk=row.pk)
    return fresh.state, fresh.standing


def facts(row: Recipient) -> list[tuple[int, str, str | None]]:
    return list(
        Result.objects.filter(recipient_id=row.pk)
        .order_by("attempt", "outcome")
        .values_list("attempt", "outcome", "refusal")
    )


def dead(row: Recipient) -> str:
    mark_refused()
    return Address.objects.get(contact_id=row.contact_id, channel="email").dead_why


def with_telephone(row: Recipient) -> None:
    """The reader may be called, too."""
    Address.objects.create(
        contact_id=row.contact_id, channel="sms", value="+31970141234", key="31970141234", position=1
    )
    Recipient.objects.filter(pk=row.pk).update(further=[{"channel": "call", "address": "+31970141234"}])


def test_the_same_mail_twice_is_one() -> None:
    raw = mail("Hello", "How are you?")
    first, new = keep_arrival(AT_THE_DOOR, None, raw)
    again, newer = keep_arrival(AT_THE_DOOR, None, raw)
    assert (first, new, newer) == (again, True, False)
    assert files.fetch(Arrival.objects.get().raw) == raw
    with pytest.raises(IntegrityError), transaction.atomic():
        Arrival.objects.create(raw=Arrival.objects.get().raw, size=1)


def test_nothing_and_who_may_not_are_refused() -> None:
    with pytest.raises(Refused, match=r"arrival\.empty"):
        keep_arrival(AT_THE_DOOR, None, b" \r\n")
    with pytest.raises(Refused, match="not_allowed"):
        keep_arrival(make_actor("agent"), None, b"x")
    assert not Arrival.objects.exists()


def test_a_late_hard_bounce_undoes_reached_and_marks_the_address() -> None:
    _actor, incident, row = told_one()
    arrival = came(bounce(row))
    assert (arrival.kind, arrival.outcome, arrival.about) == ("hard", "applied", incident.number)
    assert stands(row) == ("trying", "refused")
    assert (0, "refused", "address") in facts(row)
    assert dead(row) == "no_such_address"
    assert came(bounce(row)).outcome == "applied", "the same file is the same arrival"
    assert came(bounce(row) + b"\n").outcome == "known"
    assert AuditLine.objects.filter(verb="address.mark").count() == 1


@pytest.mark.parametrize(
    ("said", "kind", "refusal"),
    [
        ("552 5.2.2 Quota exceeded", "full", "not_now"),
        ("550 Domain frequency limited [x]", "blocked", "ours"),
        ("554 5.7.1 spam message rejected", "blocked", "ours"),
        ("554 4.4.7 delivery time expired", "soft", "not_now"),
    ],
)
def test_what_is_not_the_addresss_fault_undoes_and_marks_nothing(said: str, kind: str, refusal: str) -> None:
    _actor, _incident, row = told_one()
    assert came(bounce(row, said)).kind == kind
    assert stands(row) == ("trying", "refused")
    assert (0, "refused", refusal) in facts(row)
    assert not RefusedAddress.objects.exists()
    assert dead(row) == ""


def test_a_forwarding_that_fails_elsewhere_undoes_and_marks_nothing() -> None:
    _actor, _incident, row = told_one()
    came(bounce(row, to="old@elsewhere.example"))
    assert stands(row) == ("trying", "refused")
    assert dead(row) == ""


def test_a_mail_that_is_still_tried_changes_nothing_but_the_evidence() -> None:
    _actor, _incident, row = told_one()
    assert came(bounce(row, "450 4.4.1 timed out", action="delayed")).outcome == "applied"
    assert stands(row) == ("reached", "accepted")
    assert (0, "later", None) in facts(row)


def test_a_bounce_without_a_valid_key_is_shown_and_never_applied() -> None:
    _actor, _incident, row = told_one()
    arrival = came(bounce(row, keyed=False))
    assert (arrival.kind, arrival.outcome, arrival.delivery_id) == ("hard", "unkeyed", None)
    assert list(arrival.addresses) == [row.address]
    assert stands(row) == ("reached", "accepted")
    assert dead(row) == ""
    mark_seen(make_actor("agent"), arrival.pk)
    assert Arrival.objects.get().seen_by
    assert AuditLine.objects.filter(verb="arrival.seen").count() == 1


def test_a_key_of_a_delivery_that_is_not_kept_applies_to_nothing() -> None:
    _actor, _incident, row = told_one()
    raw = bounce(Recipient(pk=new_id(), delivery_id=new_id(), address=row.address))
    assert came(raw).outcome == "unknown"
    assert stands(row) == ("reached", "accepted")


@pytest.mark.parametrize(("action", "outcome"), [("relayed", "accepted"), ("delivered", "delivered")])
def test_a_receipt_is_evidence_and_the_relay_is_one_that_gives_them(action: str, outcome: str) -> None:
    _actor, _incident, row = told_one()
    Result.objects.filter(recipient_id=row.pk).delete()
    relay = Relay.objects.create(code="office", host="mx.example", receipts=True)
    Result.objects.create(
        delivery_id=row.delivery_id, attempt=1, outcome="handed_over", recipient_id=row.pk, broadcast_id=row.broadcast_id,
        relay_id=relay.pk, at=now(),
    )  # fmt: skip
    Recipient.objects.filter(pk=row.pk).update(state="trying", standing="handed_over", reached_at=None)
    arrival = came(bounce(row, "250 2.1.5 ok", action=action))
    assert (arrival.kind, arrival.outcome) == (action, "applied")
    assert (0, outcome, None) in facts(row)
    assert stands(row)[1] == outcome
    assert Relay.objects.get(pk=relay.pk).receipt_at is not None


COMPLAINT = (
    'From: fbl@mail.example\nTo: {to}\nSubject: FW\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary="x"\n\n'
    "--x\nContent-Type: text/plain\n\nA report\n--x\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n\n--x--\n"
)


def test_a_complaint_moves_on_to_the_next_rung_now_and_later() -> None:
    _actor, _incident, row = told_one()
    with_telephone(row)
    assert came(COMPLAINT.format(to=return_path(row)).encode()).outcome == "applied"
    assert stands(row) == ("trying", "refused")
    assert dead(row) == "complained"
    assert Address.objects.get(contact_id=row.contact_id, channel="email").dead_since is not None


def test_a_complaint_never_silences_who_has_no_other_address() -> None:
    _actor, _incident, row = told_one()
    assert came(COMPLAINT.format(to=return_path(row)).encode()).outcome == "noted"
    assert stands(row) == ("reached", "accepted")
    assert dead(row) == "complained", "it is noted on the contact"
    assert Address.objects.get(contact_id=row.contact_id, channel="email").dead_since is None


def test_an_answer_lands_on_its_incident_with_its_customer_and_is_evidence() -> None:
    _actor, incident, row = told_one("nl")
    arrival = came(
        reply(
            row,
            "Dank u.\n\nOp 1 dec. 2026 om 10:03 heeft Noordster <x@y.example> het volgende geschreven:\n\n> Beste",
        )
    )
    assert (arrival.kind, arrival.outcome) == ("ordinary", "answer")
    talk = Conversation.objects.get()
    contact = Contact.objects.get(pk=row.contact_id)
    assert (talk.about, talk.contact_id, talk.customer_id) == (
        incident.number,
        contact.pk,
        contact.customer_id,
    )
    answer = Answer.objects.get()
    assert (answer.text, answer.shortened, answer.confirms, answer.read_at) == ("Dank u.", True, True, None)
    assert stands(row)[1] == "confirmed"
    came(reply(row, "And one more thing."))
    assert Conversation.objects.count() == 1
    assert mark_read(make_actor("agent"), talk.pk) == 2


def test_an_answer_that_only_quotes_our_message_is_no_evidence() -> None:

    _actor, _incident, row = told_one()
    quoted = f"See below.\n\nMessage-ID: <{tokens().carried(row.delivery_id).message_id.decode()}@noordster.example>\n"
    assert came(mail("Fwd: Hub closed", quoted)).outcome == "answer"
    assert not Answer.objects.get().confirms
    assert stands(row)[1] == "accepted"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"List_Id": "<x.example>"},
    ],
)
def test_automatic_mail_is_neither_an_answer_nor_evidence_nor_answered(headers: dict[str, str]) -> None:
    _actor, _incident, row = told_one()
    door = Door.objects.create(code="http", name="in", settings=b"", acknowledges=True)
    before = Recipient.objects.count()
    assert came(reply(row, "We got your mail.", **headers), door=door.pk).outcome == "kept"
    assert not Answer.objects.exists()
    assert stands(row)[1] == "accepted"
    assert Recipient.objects.count() == before


def test_who_answers_is_told_once_a_day_at_the_address_we_wrote_to() -> None:
    _actor, _incident, row = told_one("nl")
    door = Door.objects.create(code="http", name="in", settings=b"", acknowledges=True)
    known = set(Recipient.objects.values_list("pk", flat=True))
    raw = reply(row, "First").replace((row.address or "").encode(), b"somebody@else.example", 1)
    came(raw, door=door.pk)
    came(reply(row, "Second"), door=door.pk)
    new = list(Recipient.objects.exclude(pk__in=known))
    assert [(one.address, one.language) for one in new] == [(row.address, "nl")]


def test_a_mail_that_names_nothing_of_ours_is_an_open_conversation() -> None:
    arrival = came(mail("Where is it?", "Where is my parcel?", "Ann <ann@example.org>"))
    assert arrival.outcome == "open"
    talk = Conversation.objects.get()
    assert (talk.about, talk.customer_id, talk.address) == ("", None, "ann@example.org")
    came(mail("Re: Where is it?", "Hello?", "ann@EXAMPLE.org"))
    assert Conversation.objects.count() == 1


def test_an_answer_that_asks_for_another_account_calls_for_a_call_back() -> None:
    _actor, _incident, row = told_one()
    came(reply(row, "Please pay to our new IBAN NL00 and send the goods to our new address."))
    assert set(Answer.objects.get().asks) == {"bank", "address"}


def test_units_see_what_answers_their_own_messages() -> None:
    _actor, _incident, row = told_one()
    came(reply(row))
    stranger = make_actor("agent", units=frozenset({new_id()}))
    with pytest.raises(Missing, match="no_such_conversation"):
        mark_read(stranger, Conversation.objects.get().pk)


def test_deciding_again_changes_nothing_and_a_lost_file_is_said() -> None:
    _actor, _incident, row = told_one()
    arrival = came(reply(row))
    assert decide(AT_THE_DOOR, arrival.pk) == "answer"
    assert Answer.objects.count() == 1
    lost = Arrival.objects.create(raw="0" * 64, size=1)
    assert decide(AT_THE_DOOR, lost.pk) == ""
    assert Arrival.objects.get(pk=lost.pk).failed == "file.missing"


def test_a_mail_that_no_program_can_read_is_shown_and_keeps_no_other_waiting() -> None:
    nested = b"From: a@b.example\nSubject: deep\n" + b"Content-Type: message/rfc822\n\n" * 5_000 + b"x"
    arrival = came(nested)
    assert (arrival.outcome, arrival.subject, arrival.sender) == ("unreadable", "deep", "a@b.example")


def test_what_no_job_has_decided_is_decided_by_the_sweep() -> None:
    arrival, _new = keep_arrival(AT_THE_DOOR, None, mail("Hello", "How are you?"))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    assert decide_waiting(now() - timedelta(minutes=1)) == 0, "its own job may still come"
    assert decide_waiting(now()) == 1
    assert jobs.deciding.__name__ == "deciding", "loaded, as a worker does"
    run_waiting()
    assert Arrival.objects.get(pk=arrival).outcome == "open"


def test_a_bounce_of_an_earlier_rung_blames_that_address_alone() -> None:
    _actor, _incident, row = told_one()
    raw = bounce(row)
    first = row.delivery_id
    accepted_before = [{"delivery_id": str(first), "channel": "email", "address": row.address}]
    Recipient.objects.filter(pk=row.pk).update(
        delivery_id=new_id(),
        channel="call",
        address="+31970141234",
        earlier=accepted_before,
        state="call_list",
        standing="",
    )
    assert came(raw).outcome == "applied"
    assert stands(row) == ("call_list", "")
    assert dead(row) == "no_such_address"
