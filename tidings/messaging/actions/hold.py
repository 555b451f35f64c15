"""Holding everything after a restore: nobody knows what was sent since the backup, so nothing goes by itself."""

from dataclasses import dataclass

from django.db import connection, transaction

from tidings.kernel import audit, sealer
from tidings.kernel.actor import Actor, ActorKind
from tidings.messaging import sql
from tidings.messaging.ledger import statements
from tidings.messaging.models import Epoch, Pause

RESTORED = "restored"
OLDER = "database_older_than_home"
BEHIND = "database_behind_seal"
_SENDER = Actor(ActorKind.SYSTEM, "sender", frozenset({"message.stop"}))


@dataclass(frozen=True, slots=True)
class Hold:
    """The epoch that began, and how many recipients are uncertain in it."""

    epoch: int
    uncertain: int


def hold_after_restore(actor: Actor, reason: str, *, detail: str = "", seen: int = 0) -> Hold:
    """Begins a new epoch, takes what is planned and not settled as uncertain, and pauses everything until a person resumes.

    The epoch's number is above every one that the database holds and above `seen`, the newest that this machine worked in.
    A recipient with proof (our relay or their server took it, or their address is at fault) is left as it stands.
    """
    actor.require("message.stop")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.ONE_EPOCH_AT_A_TIME)
        epoch = max(_newest(), seen) + 1
        Epoch.objects.create(number=epoch, reason=reason, begun_by=actor.ref)
        cursor.execute(statements.DOUBT_EVERYTHING, [epoch])
        uncertain = cursor.rowcount
        cursor.execute(statements.DOUBT_HELD_BACK)
        uncertain += cursor.rowcount
        cursor.execute(statements.CLOSE_OLD_CHUNKS, [epoch])
        cursor.execute(statements.CLEAR_OLD_DOUBTS, [epoch])
        cursor.execute(statements.FREE_ALL_SLOTS)
        Pause.objects.create(scope="everything", reason=reason, detail=detail, paused_by=actor.ref)
        told = {"reason": reason, "detail": detail, "seen": seen, "uncertain": uncertain}
        audit.record(actor, "message.stop", "epoch", epoch, told)
    return Hold(epoch, uncertain)


def enter_epoch(seen: int | None) -> int:
    """The epoch to work in, given the newest one that `TIDINGS_HOME` has seen (None: none yet).

    A database that was put back behind our back holds as unsent what may have gone out: then everything is held first.
    """
    reason, detail = older_than_home(seen)
    if reason:
        return hold_after_restore(_SENDER, reason, detail=detail, seen=seen or 0).epoch
    return _newest()


def older_than_home(seen: int | None) -> tuple[str, str]:
    """Why this database is older than what this machine knows, and by what: a newer epoch, or a seal that it does not hold.

    Both empty where it is not. A seal for which it was held once does not hold it again: the old seal stays where it is,
    as proof for the audit, until a person sets it aside.
    """
    newest = _newest()
    if seen is not None and seen > newest:
        return OLDER, f"{newest} < {seen}"
    known = sealer.newest_known()
    if known is None or sealer.holds(known):
        return "", ""
    detail = f"{known.seq} {known.chain}"
    if Pause.objects.filter(reason=BEHIND, detail=detail).exists():
        return "", ""
    return BEHIND, detail


def _newest() -> int:
    return Epoch.objects.latest("number").number
