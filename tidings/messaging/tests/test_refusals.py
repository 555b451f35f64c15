"""Refusals of three kinds, by the texts that servers really send."""

from datetime import timedelta

import pytest

from tidings.messaging.rules.refusals import Reason, Stage, Stop, StopScope, stop_after, verdict_of

REAL = [
    ("550 Domain frequency limited [MExKOVFmNnpi 1.2.3.4].", "ours", "rate"),
    ("550 Ip frequency limited. http://service.mail.qq.com/", "ours", "rate"),
    ("550 Mailbox not found. http://service.mail.qq.com/cgi-bin/help?subtype=1", "address", "unknown_mailbox"),
    ("550 Mailbox unavailable or access denied [x]", "not_now", "busy"),
    ("550 Sender frequency limited", "ours", "rate"),
    ("550 Connection frequency limited", "ours", "rate"),
    ("550 Mail is rejected by recipients", "address", "disabled"),
    ("550 DMARC check failed", "ours", "authentication"),
    ("451 DT:SPM ,please try again 163 smtp8", "ours", "content"),
    ("450 DT:RBL 163 smtp8", "ours", "reputation"),
    ("450 RP:DRC 126 smtp2", "ours", "rate"),
    ("421 4.7.28 Gmail has detected an unusual rate of mail originating from your SPF domain", "ours", "rate"),
    ("550 Mail content denied. http://service.mail.qq.com/", "ours", "content"),
    ("550 SPF check failed [x]", "ours", "authentication"),
    ("421 HL:ICC 163 smtp10,D8CowAB 1.2.3.4", "ours", "rate"),
    ("421 HL:REP 163 smtp1,C8 1.2.3.4", "ours", "reputation"),
    ("451 MI:DMC 163 smtp1,C8 http://mail.163.com/help/help_spam_16.htm", "ours", "rate"),
    ("451 MI:SFQ 126 smtp4,jdKowAD", "ours", "rate"),
    ("554 DT:SPM 163 smtp14,EsCowEA", "ours", "content"),
    ("554 MI:SPF 163 smtp1", "ours", "authentication"),
    ("550 Invalid User: nobody", "address", "unknown_mailbox"),
    ("550 User suspended: somebody", "address", "disabled"),
    ("421 4.7.28 [1.2.3.4] Our system has detected an unusual rate of unsolicited mail", "ours", "rate"),
    ("450 4.2.1 The user you are trying to contact is receiving mail too quickly.", "not_now", "busy"),
    ("452 4.2.2 The email account that you tried to reach is over quota.", "not_now", "mailbox_full"),
    ("550 5.1.1 The email account that you tried to reach does not exist.", "address", "unknown_mailbox"),
    ("550 5.2.1 The email account that you tried to reach is disabled.", "address", "disabled"),
    ("550 5.7.26 Unauthenticated email from x is not accepted", "ours", "authentication"),
    ("550 5.7.1 [1.2.3.4] Our system has detected that this message is likely unsolicited mail.", "ours", "reputation"),
    ("421 4.7.0 [TSS04] Messages from 1.2.3.4 temporarily deferred due to unexpected volume", "ours", "rate"),
    ("553 5.7.1 [BL21] Connections will not be accepted from 1.2.3.4", "ours", "reputation"),
    ("554 delivery error: dd This user doesn't have a yahoo.com account (x@yahoo.com) [0]", "address", "unknown_mailbox"),
    ("550 5.7.1 Unfortunately, messages from [1.2.3.4] weren't sent. (S3150).", "ours", "reputation"),
    ("451 4.7.650 The mail server [1.2.3.4] has been temporarily rate limited due to IP reputation.", "ours", "rate"),
    ("550 5.7.606 Access denied, banned sending IP [1.2.3.4]", "ours", "reputation"),
    ("550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", "address", "unknown_mailbox"),
    ("550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).", "address", "unknown_mailbox"),
    ("450 4.7.1 <x@example.org>: Recipient address rejected: Greylisted", "not_now", "greylisted"),
    ("550 5.1.1 <x@example.org>: Recipient address rejected: User unknown in virtual mailbox table", "address", "unknown_mailbox"),
    ("552 5.2.2 <x@example.org>: Quota exceeded (mailbox for user is full)", "not_now", "mailbox_full"),
    ("554 5.7.1 <x@example.org>: Relay access denied", "ours", "no_access"),
    ("530 5.7.0 Must issue a STARTTLS command first", "ours", "no_access"),
    ("554 5.7.1 Service unavailable; Client host [1.2.3.4] blocked using zen.spamhaus.org", "ours", "reputation"),
    ("552 5.3.4 Message size exceeds fixed limit", "ours", "too_big"),
    ("550 No such user here", "address", "unknown_mailbox"),
    ("450 4.1.1 <x@example.org>: unverified address: User unknown", "not_now", "busy"),
    ("451 4.3.0 Temporary lookup failure", "not_now", "busy"),
    ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "address", "unknown_mailbox"),
    ("550 5.1.1 <spam@example.org>: Recipient address rejected: User unknown", "address", "unknown_mailbox"),
    ("553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", "not_now", "busy"),
    ("550 <x@web.example> Benutzer hat zuviele Mails auf dem Server.", "not_now", "mailbox_full"),
    ("554 5.7.1 Message Rejected Class=size limit=15728640 Subclass=reject", "ours", "too_big"),
    ("550 Host or domain name not found. type=A: Host not found", "address", "unknown_mailbox"),
    ("450 Host or domain name not found. type=MX: Host not found, try again", "not_now", "busy"),
    ("550 Requested action not taken: mailbox unavailable", "address", "unknown_mailbox"),
    ("450 Requested mail action not taken: mailbox unavailable", "not_now", "busy"),
    ("554 5.4.6 Too many hops", "not_now", "busy"),
    ("550", "address", "unknown_mailbox"),
    ("450", "not_now", "busy"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "refusal", "reason"), REAL, ids=[said[:40] for said, _, _ in REAL])
def test_a_servers_own_words_tell_whose_fault_it_is(said: str, refusal: str, reason: str) -> None:
    code, _, text = said.partition(" ")
    verdict = verdict_of(int(code), text)
    assert (verdict.refusal, verdict.reason) == (refusal, reason)


@pytest.mark.parametrize(
    ("stage", "refusal", "reason"),
    [
        (Stage.SIGN_IN, "ours", "no_access"),
        (Stage.CONNECT, "ours", "protocol"),
        (Stage.SENDER, "ours", "protocol"),
        (Stage.RECIPIENT, "address", "unknown_mailbox"),
        (Stage.CONTENT, "ours", "content"),
    ],
)
def test_a_bare_550_means_what_was_being_said(stage: Stage, refusal: str, reason: str) -> None:
    verdict = verdict_of(550, "", stage)
    assert (verdict.refusal, verdict.reason) == (refusal, reason)


@pytest.mark.parametrize("code", range(400, 500))
def test_no_temporary_answer_ever_marks_an_address(code: int) -> None:
    for text in ("user unknown", "5.1.1 no such user", "mailbox not found", ""):
        assert verdict_of(code, text).refusal != "address"


@pytest.mark.parametrize(
    ("reason", "destination", "so_far", "stop"),
    [
        (Reason.RATE, "qq", 1, Stop(StopScope.DESTINATION, timedelta(minutes=15))),
        (Reason.REPUTATION, "gmail", 1, Stop(StopScope.DESTINATION, None)),
        (Reason.REPUTATION, "others", 1, None),
        (Reason.REPUTATION, "others", 5, Stop(StopScope.DESTINATION, None)),
        (Reason.NO_ACCESS, "others", 1, Stop(StopScope.RELAY, None)),
        (Reason.TOO_BIG, "others", 1, Stop(StopScope.BROADCAST, None)),
    ],
)
def test_our_own_fault_stops_as_much_as_it_must(
    reason: Reason, destination: str, so_far: int, stop: Stop | None
) -> None:
    assert stop_after(reason, destination, so_far) == stop
