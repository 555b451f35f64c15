"""What a server or a person says of an address: it is taken out of every ladder, or put back."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from tidings.customers import sql
from tidings.customers.rules import COMPLAINED, REFUSES_CALLS, TELEPHONES, address_key
from tidings.kernel import audit
from tidings.kernel.actor import Actor


def mark_address_dead(actor: Actor, channel: str, value: str, why: str, at: datetime) -> int:
    """Takes an address out of every ladder it stands in, with a reason code; gives how many rungs that were.

    Only for refusals that blame the address itself; a full lane or a wrong password of ours never marks one. A number
    that was called is taken out of every channel that uses it, or, where they only refuse calls, is never called again. Who calls
    our mail spam is told by another rung; an address that is alone on its ladder stays, and bears the reason.
    """
    actor.require("address.mark")
    key = address_key(channel, value)
    values: dict[str, Any] = {"at": at, "why": why, "channel": channel, "key": key, "value": value}
    statement = sql.MARK_COMPLAINED if why == COMPLAINED else sql.MARK_DEAD
    if channel == "call":
        statement = sql.CLOSE_CALLS if why == REFUSES_CALLS else sql.MARK_NUMBER_DEAD
        values["telephones"] = sorted(TELEPHONES)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        marked = int(cursor.rowcount)
        if marked:
            audit.record(actor, "address.mark", "address", channel, {"why": why, "rungs": marked})
    return marked


def revive_address(actor: Actor, channel: str, value: str) -> int:
    """Puts an address marked dead back into its ladders, after somebody made sure that it works."""
    actor.require("address.mark")
    key = address_key(channel, value)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.REVIVE, {"channel": channel, "key": key})
        revived = int(cursor.rowcount)
        if revived:
            audit.record(actor, "address.revive", "address", channel, {"rungs": revived})
    return revived
