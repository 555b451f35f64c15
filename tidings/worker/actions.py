"""What a restore changes so that nothing is sent by itself."""

from django.db import connection, transaction

from tidings.worker import sql


def begin_again(made_at: str, seen: int = 0) -> int:
    """Begins a new epoch and pauses everything, after the backup of `made_at` was read in; gives the epoch's number.

    It is above every number that the database holds and above `seen`, the newest that this machine worked in.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.BEGIN_EPOCH, {"reason": f"restored from the backup of {made_at}", "seen": seen})
        epoch = int(cursor.fetchone()[0])
        cursor.execute(sql.PAUSE_EVERYTHING, {"detail": made_at})
    return epoch
