"""What was tried for the people of a list, rung by rung. A server's own words stay on the recipient's page: they may name an address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from tidings.messaging.rules.calling import CallOutcome
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.sql.tried import TRIED


@dataclass(frozen=True, slots=True)
class Said:
    """One fact about an attempt. `code` is the label's code of what was said: whose fault, how it was confirmed, what came of a
    call; empty where the outcome says it all."""

    at: datetime
    attempt: int
    outcome: str
    code: str


@dataclass(frozen=True, slots=True)
class TriedOn:
    """One rung of somebody's ladder with what came of it, oldest first; no fact yet: it waits or is on its way."""

    channel: str
    facts: Sequence[Said]


def tried_for(recipients: Sequence[UUID]) -> dict[UUID, list[TriedOn]]:
    """The rungs that were tried for each of some recipients, the first one first."""
    with connection.cursor() as cursor:
        cursor.execute(TRIED, {"recipients": list(recipients)})
        rows = cursor.fetchall()
    found: dict[UUID, dict[int, tuple[str, list[Said]]]] = {}
    for recipient_id, nth, channel, at, attempt, outcome, refusal, reply in rows:
        _, facts = found.setdefault(recipient_id, {}).setdefault(nth, (channel, []))
        if outcome:
            facts.append(Said(at, attempt, outcome, _code(outcome, refusal, reply)))
    return {one: [TriedOn(*rung) for rung in rungs.values()] for one, rungs in found.items()}


def _code(outcome: str, refusal: str, reply: str) -> str:
    if outcome == Outcome.CONFIRMED:
        return f"message.how.{reply}" if reply else ""
    if reply in frozenset(CallOutcome):
        return f"message.call.{reply}"
    return f"message.refusal.{refusal}" if refusal and refusal != "address" else ""
