"""What came back in the firm of the pictures: answers in three languages, a bounce, one that bears no key, and the doors."""

ANSWERS = {
    "en": "Thank you, we saw it. Two pallets are urgent: can they come on Monday before 10:00?",
    "nl": "Dank u. Wilt u de zending naar ons nieuwe afleveradres brengen? Ons rekeningnummer is ook gewijzigd.",
    "zh-hans": "好的，收到。请问预计什么时候能送到？",
}
_QUOTE = "\n\nOn Tue, Dec 1, 2026 at 10:03, Noordster <news@noordster.example> wrote:\n\n> Dear customer,\n> there was a fire."


def come_in() -> None:
    """Everything by the road that mail takes, without the mailbox."""
    from tidings.conversations.actions import decide, keep_arrival
    from tidings.conversations.actions.bring import AT_THE_DOOR

    door = _doors()
    for raw in _mails():
        arrival, _new = keep_arrival(AT_THE_DOOR, door, raw)
        decide(AT_THE_DOOR, arrival)


def _mails() -> list[bytes]:
    from tidings.messaging.models import Message, Recipient
    from tidings.messaging.queries import tokens

    about = Message.objects.filter(phase="first_notice").earliest("id")
    told = Recipient.objects.filter(message_id=about.pk, channel="email")
    mails = []
    for language, words in ANSWERS.items():
        row = told.filter(language=language).order_by("id").first()
        if row is not None:
            where = f"{tokens().carried(row.delivery_id).reply_to.decode()}@noordster.example"
            mails.append(_mail(row.address or "", where, "Re: Fire in the Venlo hub", words + _QUOTE))
    row = told.order_by("-id").first()
    if row is not None:
        path = f"{tokens().carried(row.delivery_id).return_path.decode()}@noordster.example"
        mails.append(_bounce(path, row.address or ""))
    mails.append(_bounce("postmaster@noordster.example", "purchasing@old-customer.example"))
    mails.append(
        _mail("ann@example.org", "news@noordster.example", "Where is my parcel?", "Hello, where is it? Ann")
    )
    return mails


def _mail(sender: str, to: str, subject: str, words: str) -> bytes:
    head = f"From: {sender}\nTo: {to}\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n"
    return (head + words).encode()


def _bounce(to: str, about: str) -> bytes:
    return (
        f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: {to}\nSubject: Undelivered Mail Returned to Sender\n"
        'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="x"\n\n'
        "--x\nContent-Type: text/plain\n\nI'm sorry to have to inform you that your message could not be delivered.\n\n"
        f"--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; {about}\n"
        "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown in virtual mailbox table\n\n--x--\n"
    ).encode()


def _doors() -> "object":
    """Two doors as they stand in a firm that sends: a demo may open none, so they are rows."""
    import json
    from datetime import timedelta

    from tidings.conversations.models import Door
    from tidings.conversations.queries import SECRET
    from tidings.kernel import secrets
    from tidings.kernel.clock import now

    imap = {
        "host": "imap.163.com",
        "port": 993,
        "security": "tls",
        "user": "news",
        "folder": "INBOX",
        "moves_to": "Tidings",
    }
    lmtp = {"host": "127.0.0.1", "port": 2424, "networks": "127.0.0.0/8"}
    at = now()
    made = Door.objects.create(
        code="imap",
        name="Answers and bounces",
        settings=secrets.seal(SECRET, json.dumps(imap).encode()),
        state="open",
        looked_at=at,
    )
    Door.objects.create(
        code="lmtp",
        name="Our own server",
        settings=secrets.seal(SECRET, json.dumps(lmtp).encode()),
        state="unreachable",
        said="door.no_answer",
        looked_at=at,
        broken_since=at - timedelta(minutes=40),
    )
    return made.pk
