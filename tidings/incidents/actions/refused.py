"""Where messages and customers meet: an address that its server refuses is marked, and unmarked when it takes mail again."""

from datetime import datetime

from django.db import transaction

from tidings.customers.actions import mark_address_dead, revive_address
from tidings.customers.queries import lately_refused
from tidings.kernel.actor import Actor
from tidings.messaging.actions import take_refused_addresses
from tidings.messaging.queries.proof import taken_since
from tidings.messaging.rules.refusals import Reason

_WHY = {
    Reason.UNKNOWN_MAILBOX: "no_such_address",
    Reason.WRONG_NUMBER: "wrong_person",
    Reason.REFUSES_CALLS: "refuses_calls",
    Reason.COMPLAINED: "complained",
}


def mark_refused_addresses(actor: Actor, limit: int = 500) -> int:
    """Marks up to `limit` addresses that servers said are at fault; gives how many were told of."""
    actor.require("address.mark")
    with transaction.atomic():
        refused = take_refused_addresses(limit)
        for one in refused:
            mark_address_dead(actor, one.channel, one.address, _WHY.get(one.reason, "refused"), one.at)
    return len(refused)


def revive_taken_addresses(actor: Actor, since: datetime) -> int:
    """Takes the mark away where the same server has taken mail for an address that it refused after `since`."""
    actor.require("address.mark")
    taken = sorted(taken_since(lately_refused(since)))
    for channel, address in taken:
        revive_address(actor, channel, address)
    return len(taken)
