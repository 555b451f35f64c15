"""What the statements of the PostgreSQL ledger are given. Lists go as PostgreSQL reads them: psycopg's own took a fifth of the
sender's time (tried 2026-11)."""

from collections.abc import Sequence
from typing import Any, LiteralString

from tidings.messaging.engine.ledger import Ask, Fact, Lease
from tidings.messaging.ledger import statements as sql
from tidings.messaging.rules.delivery import Outcome, RelayKind

_TAKEN = (Outcome.ACCEPTED, Outcome.HANDED_OVER)


def of_ask(ask: Ask) -> dict[str, Any]:
    """Those of the statements that lease."""
    return {
        "life": ask.life,
        "epoch": ask.epoch,
        "journals": list(ask.journals),
        "connections": ask.connections,
        "seconds": ask.seconds,
    }


def of_release(
    lease: Lease, facts: Sequence[Fact], *, give_back: bool
) -> tuple[LiteralString, dict[str, Any]]:
    """The statement that records these facts, and its values: where all were taken in time, a shorter one does."""
    values = {
        "chunk": lease.chunk_id,
        "life": lease.life,
        "epoch": lease.epoch,
        "broadcast": lease.broadcast_id,
        "relay": lease.relay.id,
        "window": lease.window,
        "seconds": lease.seconds,
        "give_back": give_back,
        "deliveries": _array([fact.delivery_id.hex for fact in facts]),
        "attempts": _array([str(fact.attempt) for fact in facts]),
        "recipients": _array([fact.recipient_id.hex for fact in facts]),
        "replies": _array([_quoted(fact.reply) for fact in facts]),
        "ats": _array([fact.at.isoformat() for fact in facts]),
    }
    outcome = _all_taken_as(facts)
    if outcome is not None:
        return sql.RELEASE_TAKEN, values | {"outcome": outcome}
    return sql.RELEASE, values | {
        "blames": not lease.drill and lease.relay.kind != RelayKind.CATCHER,
        "outcomes": _array([str(fact.outcome) for fact in facts]),
        "refusals": _array([fact.refusal or "NULL" for fact in facts]),
        "next_ats": _array([fact.next_at.isoformat() if fact.next_at else "NULL" for fact in facts]),
        "lates": _array(["t" if fact.late else "f" for fact in facts]),
    }


def _all_taken_as(facts: Sequence[Fact]) -> str | None:
    """What they were all taken as, in time and with nothing to follow; None where one was not."""
    first = facts[0].outcome if facts else _TAKEN[0]
    if first not in _TAKEN or any(fact.late or fact.next_at or fact.outcome != first for fact in facts):
        return None
    return str(first)


def _array(words: list[str]) -> str:
    return "{" + ",".join(words) + "}"


def _quoted(text: str) -> str:
    text = text.replace("\0", "").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
