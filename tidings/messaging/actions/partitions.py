"""Room for results: one partition per month, made ahead by a function that the database's owner lent us."""

from django.db import connection

MONTHS_AHEAD = 18
MAKE_MONTHS = "SELECT messaging_make_result_months((now() - interval '1 month')::date, %s)"


def make_months() -> int:
    """Makes the months up to 18 ahead; gives how many were made."""
    with connection.cursor() as cursor:
        cursor.execute(MAKE_MONTHS, [MONTHS_AHEAD])
        return int(cursor.fetchone()[0])
