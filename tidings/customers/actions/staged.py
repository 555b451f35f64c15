"""What an import merges of customers and their contacts, as a set: staged first, then identified, then merged."""

from typing import Any
from uuid import UUID

from django.db import connection

from tidings.customers import sql
from tidings.kernel.actor import Actor


def stage_customers() -> None:
    """Makes the staging tables `staged_customer` and `staged_address` of this session, empty."""
    with connection.cursor() as cursor:
        cursor.execute(sql.DROP)
        cursor.execute(sql.STAGE)


def drop_staged() -> None:
    """Drops what `stage_customers` and the merge made in this session."""
    with connection.cursor() as cursor:
        cursor.execute(sql.DROP)


def identify_staged() -> None:
    """Says in `identified` which customer is meant by each thing staged since the last time. New ones have an id, and no row yet."""
    with connection.cursor() as cursor:
        cursor.execute(sql.LAST_SAID)
        identified, staged = cursor.fetchone()
        after, grown = {"after": identified}, staged >= 2 * identified
        if grown:  # what is known of the values holds until they are twice as many
            cursor.execute("ANALYZE staged_customer (said, number)")
        cursor.execute(sql.IDENTIFY, after)
        if grown:
            cursor.execute("ANALYZE one_number")
        cursor.execute(sql.IDENTIFY_SAID, after)
        if grown:
            cursor.execute("ANALYZE identified")


def merge_staged(actor: Actor, unit: UUID | None = None) -> dict[str, dict[str, int]]:
    """Merges what was staged and identified within the caller's transaction; gives created and changed by thing.

    The caller writes the audit line, since one import is one action. `unit` is given to new customers. What is said of
    customers whom the actor does not see is left out; their numbers stand in `of_others` then.
    """
    actor.require("shipment.import")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE staged_address (said)")
        cursor.execute(sql.ONE_CUSTOMER)
        if actor.units is not None:
            cursor.execute(sql.LEAVE_OTHERS, {"units": list(actor.units)})
        cursor.execute(sql.ONE_CONTACT)

        def count(statement: str, **params: Any) -> int:
            cursor.execute(statement, params or None)
            return int(cursor.rowcount)

        return {
            "customers": {
                "changed": count(sql.CHANGE_CUSTOMERS),
                "created": count(sql.ADD_CUSTOMERS, unit=unit),
            },
            "contacts": {"changed": count(sql.CHANGE_CONTACTS), "created": count(sql.ADD_CONTACTS)},
            "addresses": {
                "changed": count(sql.CHANGE_ADDRESSES),
                "created": count(sql.ADD_FIRST_ADDRESSES) + count(sql.ADD_ADDRESSES),
            },
            "bases": {"changed": 0, "created": count(sql.ADD_BASES)},
            "services": {"changed": 0, "created": count(sql.ADD_SERVICES)},
        }
