"""Names of places, for lists and forms."""

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
