"""An answer is given once per key of the caller: the same request again gets the kept answer, and nothing is done twice.

The answer is kept in the action's own transaction, so that an action without its answer, or an answer without its action,
cannot be. A request still under way holds a lock of the database; one that dies leaves nothing behind.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction

from tidings.kernel.errors import Conflict, Refused

LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 7))"
FIND = "SELECT digest, status, body FROM kernel_keptanswer WHERE caller = %s AND route = %s AND key = %s"
KEEP = """
    INSERT INTO kernel_keptanswer (caller, route, key, digest, status, body) VALUES (%s, %s, %s, %s, %s, %s)
"""
FORGET = "DELETE FROM kernel_keptanswer WHERE at < now() - interval '24 hours'"
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """A status code and a body; `again` says that it was given before and nothing was done now."""

    status: int
    body: bytes
    again: bool = False

    @property
    def done(self) -> bool:
        return self.status < 400


def once(caller: str, route: str, key: str, body: bytes, do: Callable[[], Answer]) -> Answer:
    """Runs `do` and keeps its answer, or gives the answer that this caller, route and key got before. What was refused is
    not kept, and leaves nothing behind: the caller may mend the request and send it under the same key.

    Raises Refused("api.idempotency_unusable") for a key that is empty or longer than 200 characters,
    Refused("api.idempotency_reused") when it came with another body, Conflict("api.in_progress") while the first still runs.
    """
    if not key.isprintable() or not 1 <= len(key) <= LONGEST_KEY:
        raise Refused("api.idempotency_unusable", longest=LONGEST_KEY)
    digest = hashlib.sha256(body).digest()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK, [f"{caller} {route} {key}"])
        if not cursor.fetchone()[0]:
            raise Conflict("api.in_progress")
        cursor.execute(FIND, [caller, route, key])
        if kept := cursor.fetchone():
            if bytes(kept[0]) != digest:
                raise Refused("api.idempotency_reused")
            return Answer(kept[1], bytes(kept[2]), again=True)
        answer = do()
        if answer.done:
            cursor.execute(KEEP, [caller, route, key, digest, answer.status, answer.body])
        else:
            transaction.set_rollback(True)
    return answer


def forget_old() -> int:
    """Drops what is older than 24 hours; gives how many."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET)
        return int(cursor.rowcount)
