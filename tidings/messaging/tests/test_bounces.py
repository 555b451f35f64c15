"""What came back: bounces of every kind, receipts, complaints and automatic answers told apart from what people write."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from bench.bounces import _labels
from tests.samples import sample
from tidings.kernel.ids import new_id
from tidings.messaging.engine.tokens import Tokens
from tidings.messaging.rules.bounces import BOUNCES, Kind, read_arrival

TOKENS = Tokens(b"our key", older=(b"an older key",))
BO = "bo@example.org"


def nobody(_token: str) -> UUID | None:
    return None


def report(
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "",
    *,
    told: str = "",
    recipient: str = BO,
    returned: str = "Message-ID: <a@b>",
    to: str = "postmaster@tidings.example",
) -> bytes:
    """A delivery report as Postfix writes it."""
    said = f"Diagnostic-Code: smtp; {diagnostic}\n" if diagnostic else ""
    return (
        f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example (Mail Delivery System)\nTo: {to}\nSubject: Undelivered Mail\n"
        "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\n\n'
        f"--x\nContent-Type: text/plain\n\nThis is the mail system at host mx.example.\n\n{told}\n"
        f"--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}\n{said}\n"
        f"--x\nContent-Type: message/rfc822\n\nFrom: us@tidings.example\nTo: {recipient}\n{returned}\n\nDear Bo\n\n--x--\n"
    ).encode()


def mail(subject: str, words: str, sender: str = "Bo <bo@example.org>", **headers: str) -> bytes:
    """A plain mail; `_` in a header's name stands for `-`."""
    more = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    head = f"From: {sender}\nTo: us@tidings.example\nSubject: {subject}\n{more}Content-Type: text/plain; charset=utf-8\n\n"
    return (head + words).encode()


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (report(diagnostic="550 5.1.1 <bo@example.org>: User unknown"), Kind.HARD),
        (report(diagnostic=""), Kind.HARD),
        (report(status="5.0.0", diagnostic="550 No such user here"), Kind.HARD),
        (report(status="5.2.2", diagnostic="552 5.2.2 Quota exceeded"), Kind.FULL),
        (report(status="4.2.2", diagnostic="452 4.2.2 mailbox full"), Kind.FULL),
        (report(status="4.4.7", told="delivery time expired"), Kind.SOFT),
        (report(status="4.1.1", diagnostic="450 4.1.1 unverified address: User unknown"), Kind.SOFT),
        (report(status="5.0.0", diagnostic="550 Mailbox unavailable or access denied"), Kind.SOFT),
        (report(status="5.0.0", diagnostic="550 Domain frequency limited [x]"), Kind.BLOCKED),
        (report(status="4.0.0", diagnostic="421 HL:ICC 163 smtp10"), Kind.BLOCKED),
        (report(status="5.7.1", diagnostic="550 5.7.1 likely unsolicited mail"), Kind.BLOCKED),
        (report(status="5.7.1", diagnostic="554 DT:SPM 163 smtp14"), Kind.BLOCKED),
        (report("delayed", "4.4.1", "connect to mx.example[192.0.2.1]:25: Connection timed out"), Kind.DELAYED),
        (report("relayed", "2.0.0", "250 ok"), Kind.RELAYED),
        (report("delivered", "2.1.5", "250 ok"), Kind.DELIVERED),
        (mail("Automatic reply: Hub closed", "I am away", Auto_Submitted="auto-replied"), Kind.OUT_OF_OFFICE),
        (mail("Automatisch antwoord: storing", "Ik ben tot maandag afwezig"), Kind.OUT_OF_OFFICE),
        (mail("自动回复:运输异常", "您好,我正在休假"), Kind.OUT_OF_OFFICE),
        (mail("RE: storing", "Ik ben er tot 3 mei niet.", Auto_Submitted="auto-replied"), Kind.OUT_OF_OFFICE),
        (mail("We got your mail", "Ticket 123 was made.", Auto_Submitted="auto-replied"), Kind.AUTOMATIC),
        (mail("News", "Buy", List_Unsubscribe="<https://x>"), Kind.AUTOMATIC),
        (mail("Re: Hub closed", "Thank you, we have it.", In_Reply_To="<a@b>"), Kind.ORDINARY),
        (mail("延误", "请问什么时候能到?"), Kind.ORDINARY),
        (mail("Delivery failed", "My parcel was not delivered! The driver said: user unknown."), Kind.ORDINARY),
        (mail("Fwd: Undelivered Mail Returned to Sender", "I got this: 550 5.1.1 <x@y.example>: User unknown"), Kind.ORDINARY),
        (mail("Out of stock", "When will it be back?"), Kind.ORDINARY),
        (mail("Re: Automatic reply: Hub closed", "My answer of yesterday was automatic; now by hand: fine."), Kind.ORDINARY),
        (mail("退信:运输异常", "以下收件人不存在:bo@example.org", "postmaster@qq.example"), Kind.HARD),
    ],
)  # fmt: skip
def test_what_came_is_told_apart(raw: bytes, kind: Kind) -> None:
    assert read_arrival(raw, nobody).kind is kind


@pytest.mark.parametrize(
    "sender", ["MAILER-DAEMON@mx.example", "Mail Delivery Subsystem <mailer-daemon@mx.example>", "<>"]
)
def test_a_bounce_without_a_report_is_read_by_its_words(sender: str) -> None:
    words = "I wasn't able to deliver your message to the following addresses.\n\n<bo@example.org>:\n550 5.1.1 no such user\n"
    read = read_arrival(mail("failure notice", words, sender), nobody)
    assert (read.kind, read.addresses) == (Kind.HARD, (BO,))


@pytest.mark.parametrize(
    ("feedback", "kind"),
    [
        ("abuse", Kind.COMPLAINT),
        ("fraud", Kind.COMPLAINT),
        ("not-spam", Kind.AUTOMATIC),
        ("auth-failure", Kind.AUTOMATIC),
    ],
)
def test_only_a_reader_who_calls_it_spam_complains(feedback: str, kind: Kind) -> None:
    raw = (
        "From: fbl@mail.example\nTo: abuse@tidings.example\nSubject: FW: Hub closed\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="x"\n\n--x\nContent-Type: text/plain\n\nA report\n'
        f"--x\nContent-Type: message/feedback-report\n\nFeedback-Type: {feedback}\nVersion: 1\nOriginal-Rcpt-To: {BO}\n\n--x--\n"
    )
    read = read_arrival(raw.encode(), nobody)
    assert (read.kind, read.addresses) == (kind, (BO,))


def by_return_path(delivery: UUID) -> bytes:
    return report(to=TOKENS.carried(delivery).return_path.decode() + "@tidings.example")


def by_returned_message(delivery: UUID) -> bytes:
    return report(returned=f"Message-ID: <{TOKENS.carried(delivery).message_id.decode()}@tidings.example>")


def by_what_it_answers(delivery: UUID) -> bytes:
    named = f"<{TOKENS.carried(delivery).message_id.decode()}@tidings.example>"
    return mail("Undeliverable: x", "User unknown", "postmaster@x.example", In_Reply_To=named)


def by_returned_reply_to(delivery: UUID) -> bytes:
    named = TOKENS.carried(delivery).reply_to.decode()
    return report(returned=f"Message-ID: <of-the-service@mail.example>\nReply-To: {named}@tidings.example")


def by_rewritten_return_path(delivery: UUID) -> bytes:
    return report(
        to=f"SRS0=x1=ab=tidings.example={TOKENS.carried(delivery).return_path.decode()}@forwarder.example"
    )


def by_reply_to(delivery: UUID) -> bytes:
    return mail(
        "Re: x", "Thank you", Delivered_To=TOKENS.carried(delivery).reply_to.decode() + "@tidings.example"
    )


@pytest.mark.parametrize(
    "how",
    [
        by_return_path,
        by_returned_message,
        by_what_it_answers,
        by_reply_to,
        by_returned_reply_to,
        by_rewritten_return_path,
    ],
)
def test_the_delivery_is_found_by_a_valid_key_alone(how: Callable[[UUID], bytes]) -> None:
    delivery = new_id()
    assert read_arrival(how(delivery), TOKENS.delivery_of).delivery_id == delivery
    assert read_arrival(how(delivery), Tokens(b"another key").delivery_of).delivery_id is None
    assert (
        read_arrival(how(delivery), Tokens(b"new", older=(b"our key",)).delivery_of).delivery_id == delivery
    )


def test_the_address_it_was_handed_in_for_names_the_delivery_too() -> None:
    delivery = new_id()
    came_to = f"bounces+{TOKENS.carried(delivery).return_path.decode()}@tidings.example"
    read = read_arrival(report(), TOKENS.delivery_of, [came_to])
    assert (read.delivery_id, read.known_by) == (delivery, "address")


def test_a_forwarding_that_fails_elsewhere_blames_no_address_of_ours() -> None:
    assert read_arrival(report(), nobody).blames("Bo@Example.org")
    assert not read_arrival(report(recipient="old@elsewhere.example"), nobody).blames(BO)
    assert not read_arrival(report(status="5.2.2", diagnostic="552 quota exceeded"), nobody).blames(BO)


def test_a_server_that_writes_nonsense_is_read_to_the_end() -> None:
    for raw in (
        b"",
        b"\n\n",
        b"\xff\xfe\x00" * 50,
        b"Subject: =?utf-9?B?!!!?=\n\nx",
        report()[:300],
        report().replace(b"--x", b"--y"),
    ):
        assert read_arrival(raw, TOKENS.delivery_of).delivery_id is None


def test_real_bounces_are_read_as_a_person_reads_them() -> None:
    folder: Path = sample("mail/bounces")
    expected = {name: (kind, addresses) for name, kind, addresses in _labels()}
    for path in sorted(folder.glob("*.eml")):
        kind, addresses = expected[path.name]
        read = read_arrival(path.read_bytes(), nobody)
        assert read.kind == kind, path.name
        assert read.kind not in BOUNCES or addresses <= set(read.addresses), path.name


def test_no_reply_of_a_person_is_taken_for_a_bounce() -> None:
    for path in sorted(sample("mail/replies").glob("*.eml")):
        assert read_arrival(path.read_bytes(), nobody).kind is Kind.ORDINARY, path.name
