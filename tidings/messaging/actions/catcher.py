"""The catcher's keeping: a week, then it is emptied."""

from datetime import datetime

from django.db import connection

from tidings.messaging import sql

_AT_ONCE = 2000


def empty_catcher(before: datetime) -> int:
    """Deletes what was caught before a moment, in short transactions; gives how many."""
    emptied = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(sql.EMPTY_CATCHER, {"before": before, "most": _AT_ONCE})
            gone = int(cursor.rowcount)
        emptied += gone
        if gone < _AT_ONCE:
            return emptied
