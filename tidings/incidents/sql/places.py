"""Names of places, for lists and forms; and the lock by which a report is taken once."""

from uuid import UUID

from django.db import connection


def place_names(codes: list[str]) -> dict[str, str]:
    """Code to the name people know a place by."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT upper(code), name FROM shipments_location WHERE upper(code) = ANY(%s)", [codes]
        )
        return dict(cursor.fetchall())


def places(limit: int) -> list[tuple[str, str]]:
    """Codes and names of hubs first, then other places, by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, name FROM shipments_location ORDER BY kind <> 'hub', name, code LIMIT %s", [limit]
        )
        return list(cursor.fetchall())


def place_of_name(name: str) -> str:
    """The code of the one place of this name; empty where none or several have it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code FROM shipments_location WHERE lower(name) = lower(%s) LIMIT 2", [name])
        found = cursor.fetchall()
    return str(found[0][0]) if len(found) == 1 else ""


def one_at_a_time(key: UUID) -> None:
    """Waits until no other transaction works under this key; held until the caller's ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(key)])


def place_countries(codes: list[str]) -> dict[str, str]:
    """Code to the country of a place, in two letters; the beginning of its code where the place is not known."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, country FROM shipments_location WHERE code = ANY(%s)", [codes])
        known = dict(cursor.fetchall())
    return {code: known.get(code) or code[:2] for code in codes}
