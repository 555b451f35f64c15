"""Mails that come in, for tests: with the keys of a message that was really sent, or without."""

from uuid import UUID

from tidings.conversations.actions import decide, keep_arrival
from tidings.conversations.actions.bring import AT_THE_DOOR
from tidings.conversations.models import Arrival
from tidings.incidents.models import Incident
from tidings.incidents.tests.cast import make_told, readers
from tidings.kernel.actor import Actor
from tidings.messaging.models import Recipient, Result
from tidings.messaging.queries import tokens
from tidings.messaging.tests.test_bounces import mail, report

DOMAIN = "noordster.example"


def told_one(language: str = "en") -> tuple[Actor, Incident, Recipient]:
    """An incident whose first notice went to one reader's own server, which took it."""
    actor, incident, message = make_told()
    row = readers(message)[f"Reader C-{language}"]
    accepted(row)
    return actor, incident, row


def accepted(row: Recipient, outcome: str = "accepted") -> None:
    Result.objects.create(
        delivery_id=row.delivery_id,
        attempt=1,
        outcome=outcome,
        recipient_id=row.pk,
        broadcast_id=row.broadcast_id,
        at=row.broadcast.created_at,
    )
    Recipient.objects.filter(pk=row.pk).update(
        state="reached", standing=outcome, reached_at=row.broadcast.created_at
    )


def return_path(row: Recipient) -> str:
    return f"{tokens().carried(row.delivery_id).return_path.decode()}@{DOMAIN}"


def reply_to(row: Recipient) -> str:
    return f"{tokens().carried(row.delivery_id).reply_to.decode()}@{DOMAIN}"


def bounce(
    row: Recipient,
    diagnostic: str = "550 5.1.1 no such user",
    *,
    action: str = "failed",
    keyed: bool = True,
    to: str = "",
) -> bytes:
    """A report about this delivery, by the address that it came to."""
    status = diagnostic.split()[1] if diagnostic.count(".") >= 2 else "5.0.0"
    where = return_path(row) if keyed else "postmaster@noordster.example"
    return report(action, status, diagnostic, recipient=to or row.address or "", to=where)


def reply(row: Recipient, words: str = "Thank you, we have it.", **headers: str) -> bytes:
    """What its reader answers."""
    return mail("Re: Hub closed", words, row.address or "", Delivered_To=reply_to(row), **headers)


def came(raw: bytes, *, door: UUID | None = None, envelope: tuple[str, ...] = ()) -> Arrival:
    """A mail that came in and was decided."""
    arrival, _new = keep_arrival(AT_THE_DOOR, door, raw, envelope)
    decide(AT_THE_DOOR, arrival)
    return Arrival.objects.get(pk=arrival)
