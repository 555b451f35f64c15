"""Addresses that servers said are at fault: told upwards once, to whoever knows whose they are."""

from django.db import connection

from tidings.messaging import sql
from tidings.messaging.rules.refusals import BlamedAddress, reason_said


def take_refused_addresses(limit: int = 500) -> list[BlamedAddress]:
    """Up to `limit` of them, oldest first, each once. Call it inside the transaction that marks them.

    Rolled back, they are there again. Only what blames the address itself is among them, never a refusal that is our own
    fault or only for now.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("take_refused_addresses outside a transaction would lose what it takes")
    with connection.cursor() as cursor:
        cursor.execute(sql.TAKE_REFUSED, {"most": limit})
        taken = [
            BlamedAddress(channel, address, at, reason_said(reply))
            for channel, address, at, reply in cursor.fetchall()
        ]
    return sorted(taken, key=lambda one: one.at)
