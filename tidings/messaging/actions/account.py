"""Mail about somebody's own account (a password, an address): one delivery in the single lane, like any other mail."""

import json
from datetime import datetime

from django.db import connection, transaction

from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.ids import new_id
from tidings.messaging import sql, texts
from tidings.messaging.models import Broadcast, Chunk, Epoch, FrozenText, Recipient
from tidings.messaging.rules.delivery import Lane, destination_of

_AT_ONCE = 500


def send_account_mail(actor: Actor, *, to: str, subject: str, body: str, language: str) -> None:
    """Plans one mail to one address, in the caller's transaction or its own. `body` is plain text."""
    actor.require("message.account")
    chosen = language if language in texts.languages() else "en"
    moment = now()
    own = new_id()
    with transaction.atomic():
        broadcast = Broadcast.objects.create(message_id=own, lane=Lane.SINGLE)
        FrozenText.objects.create(
            broadcast=broadcast, language=chosen, channel="email", source=_frozen(subject, body, moment.year)
        )
        _plan_one(broadcast, to, chosen, moment)


def forget_account_mail(before: datetime) -> int:
    """Removes account mail planned before a moment, once nothing of it is under way; gives how many mails.

    What became of each stays in the results, which name neither address nor words.
    """
    forgotten = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(sql.FORGET_ACCOUNT_MAIL, {"before": before, "most": _AT_ONCE})
            gone = int(cursor.rowcount)
        forgotten += gone
        if gone < _AT_ONCE:
            return forgotten


def _frozen(subject: str, body: str, year: int) -> str:
    words = {
        "subject": [" ".join(subject.split())],
        "paragraphs": [["text", [part.strip()]] for part in body.split("\n\n") if part.strip()],
        "moments": {},
        "year": year,
    }
    return json.dumps(words, ensure_ascii=False)


def _plan_one(broadcast: Broadcast, to: str, language: str, moment: datetime) -> None:
    destination = destination_of(to.rpartition("@")[2])
    chunk = Chunk.objects.create(
        broadcast=broadcast,
        epoch=Epoch.objects.latest("number").number,
        lane=Lane.SINGLE,
        channel="email",
        destination=destination,
        language=language,
        due_by=moment,
        size=1,
    )
    Recipient.objects.create(
        id=broadcast.message_id,
        broadcast=broadcast,
        message_id=broadcast.message_id,
        contact_id=broadcast.message_id,
        language=language,
        channel="email",
        address=to,
        destination=destination,
        due_by=moment,
        delivery_id=broadcast.message_id,
        chunk=chunk,
        place=0,
    )
