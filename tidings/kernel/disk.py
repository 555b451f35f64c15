"""A full disk: told apart from every other fault, ours or the database's, so that the edges can say so in one sentence."""

import errno
import os

import psycopg

from tidings.kernel.errors import TryLater

_FULL = (errno.ENOSPC, errno.EDQUOT)
_DATABASE_FULL = "53100"  # PostgreSQL, appendix A, error codes: disk_full


def told(problem: BaseException | None) -> TryLater | None:
    """TryLater("disk.full") when an error, or what caused it, is a disk without room, ours or the database's; else None."""
    while problem is not None:
        if isinstance(problem, OSError) and problem.errno in _FULL:
            where = problem.filename2 or problem.filename or ""
            return TryLater("disk.full", reason=f"{problem.strerror} {where}".strip())
        if getattr(problem, "sqlstate", None) == _DATABASE_FULL or _is_refusal_for_room(problem):
            return TryLater("disk.full", reason=str(problem).strip().splitlines()[0])
        problem = problem.__cause__ or problem.__context__
    return None


def _is_refusal_for_room(problem: BaseException) -> bool:
    """A server without room refuses connections too, and such a refusal carries no code."""
    return isinstance(problem, psycopg.OperationalError) and os.strerror(errno.ENOSPC) in str(problem)
