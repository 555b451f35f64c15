"""What the worker does for messaging: it empties the catcher, forgets account mail, asks the next for an approval, tries a relay.

What a delivery itself needs (retries, settling, the next rung) the sender does, where the ledger is; months ahead for the
results the kernel makes, as for every partitioned table.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from uuid import UUID

from django.utils.translation import gettext as _

from tidings.kernel.clock import now
from tidings.kernel.jobs import every, job
from tidings.messaging import queries
from tidings.messaging.actions import unsealed
from tidings.messaging.actions.account import forget_account_mail
from tidings.messaging.actions.ask import MOVE_ON, move_approval_on, move_approvals_on
from tidings.messaging.actions.catcher import empty_catcher
from tidings.messaging.actions.gateway import (
    READ_CAME_IN,
    Request,
    apply_receipt,
    forget_came_in,
    hear,
    note_read,
    take_in,
)
from tidings.messaging.actions.services import kept_settings
from tidings.messaging.actions.trying import TRY_RELAY, note_tried
from tidings.messaging.actions.unsaved import forget_unsaved
from tidings.messaging.channels.base import Answer, Forged, Incoming, Receipt
from tidings.messaging.channels.heard import HEARD, body_of, heard_of
from tidings.messaging.channels.making import channel_of
from tidings.messaging.engine.smtp import Server
from tidings.messaging.engine.trying import try_relay
from tidings.messaging.models import CameIn, Relay
from tidings.messaging.rules.unsaved import KEPT
from tidings.people.queries import system_actor


@every(timedelta(hours=1), "messaging.empty_catcher")
def emptying() -> None:
    """A caught mail is kept for a week."""
    empty_catcher(now() - timedelta(days=7))


@every(timedelta(hours=6), "messaging.forget_account_mail")
def forgetting() -> None:
    """Account mail holds links and codes: a week after it was planned nobody needs its words any more."""
    forget_account_mail(now() - timedelta(days=7))


@every(timedelta(hours=6), "messaging.forget_unsaved")
def forgetting_unsaved() -> None:
    """What somebody typed and did not save is offered to them for a week."""
    forget_unsaved(now() - KEPT)


@job(MOVE_ON, whole=True, priority=5)
def moving_on(freeze: str) -> None:
    """One approval at the moment when somebody is to be reminded, or the next asked. The minute's turn would find it too."""
    move_approval_on(system_actor("approval clock"), UUID(freeze), now())


@every(timedelta(minutes=1), "messaging.move_approvals_on")
def moving_all_on() -> None:
    """Every approval of which something is due: a job may have been lost, a deadline is never."""
    move_approvals_on(system_actor("approval clock"), now())


@job(READ_CAME_IN, priority=5)
def reading(came_in: str) -> None:
    """What a service told us: receipts are applied, answers handed on; what bears no valid signature is kept and shown only."""
    found = CameIn.objects.filter(pk=came_in, state="new").first()
    if found is None:
        return
    try:
        said = _said_in(found)
    except Forged:
        note_read(found, "forged")
        return
    matched = [hear_from(found.relay_id, one) for one in said]
    note_read(found, "nothing" if not said else "applied" if all(matched) else "unmatched")


def _said_in(found: CameIn) -> Sequence[Receipt | Answer]:
    if found.method == HEARD:
        return [heard_of(bytes(found.body))]
    service, settings = kept_settings(found.relay_id)
    came = Incoming(found.method, found.url, found.headers, found.query, bytes(found.body), found.came_at)
    return channel_of(service, settings, None).receive(came)


def take_in_heard(relay_id: UUID, said: Receipt | Answer) -> None:
    """Keeps what a service said over a connection of its channel's own; it is read like what comes in at its address. Raises
    Missing("messaging.no_such_service").
    """
    take_in(relay_id, Request(HEARD, "", {}, {}, body_of(said)))


def hear_from(relay_id: UUID, said: Receipt | Answer) -> bool:
    """Applies one thing that a service said; False where no delivery of ours is meant."""
    if isinstance(said, Answer):
        hear(
            relay_id,
            said.delivery_id,
            said.address,
            said.text,
            said.at,
            said.reference,
            confirms=said.confirms,
        )
        return True
    named = said.delivery_id, said.reference, said.outcome
    return apply_receipt(relay_id, *named, said.at, said.said, said.reason)


@every(timedelta(hours=6), "messaging.forget_came_in")
def forgetting_came_in() -> None:
    """What services told us stays as facts; the requests themselves a month."""
    forget_came_in(now() - timedelta(days=30))


@job(TRY_RELAY, priority=5)
def trying(relay: str, to: str) -> None:
    """A mail to whoever asked, by one relay."""
    one = Relay.objects.filter(pk=relay, enabled=True).first()
    if one is None:
        return
    voice = queries.voice()
    server = Server(
        host=one.host,
        port=one.port,
        security=one.security,
        user=one.user,
        password=unsealed(bytes(one.secret)) if one.secret else "",
        hello=voice.from_address.rpartition("@")[2],
        reply_seconds=20,
        content_seconds=20,
    )
    found = asyncio.run(
        try_relay(server, voice.from_address, to, _test_mail(voice.from_address, to, one.code))
    )
    note_tried(one.pk, found.outcome, found.speaks_dsn, now())


def _test_mail(sender: str, to: str, code: str) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Date"] = sender, to, format_datetime(now())
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    mail["Subject"] = _("Test mail of the relay %(name)s") % {"name": code}
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_("This mail shows that the relay takes our mail. Nobody else got it."), cte="base64")
    return mail.as_bytes()
