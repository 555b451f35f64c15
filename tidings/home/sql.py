"""What the demo asks of the whole database: how much there is, where most goods are, what has not been handed over yet."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection


@dataclass(frozen=True, slots=True)
class Busy:
    """A place and a window in which many shipments stood or were planned there."""

    place: str
    from_at: datetime
    until_at: datetime | None
    shipments: int


def counts() -> tuple[int, int]:
    """How many shipments and customers there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM shipments_shipment), (SELECT count(*) FROM customers_customer)"
        )
        shipments, customers = cursor.fetchone()
    return int(shipments), int(customers)


def is_begun() -> bool:
    """Whether anybody works here: a firm with a name, somebody of the staff, a customer or a shipment."""
    with connection.cursor() as cursor:
        cursor.execute(_IS_BEGUN)
        return bool(cursor.fetchone()[0])


_IS_BEGUN = """
SELECT EXISTS (SELECT FROM kernel_installation) OR EXISTS (SELECT FROM people_user)
    OR EXISTS (SELECT FROM customers_customer) OR EXISTS (SELECT FROM shipments_shipment)
"""


def clock() -> datetime:
    """The database's own time, which its moments of arrival are compared with."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def customers_since(began: datetime) -> int:
    """How many customers stand on shipments of which events arrived since."""
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS_SINCE, {"began": began})
        return int(cursor.fetchone()[0])


_CUSTOMERS_SINCE = """
SELECT count(DISTINCT party.customer_id) FROM shipments_party party
 WHERE party.shipment_id IN (SELECT shipment_id FROM shipments_event WHERE received_at >= %(began)s)
"""


def busiest(now: datetime, began: datetime | None = None) -> Busy | None:
    """Where most undelivered goods were seen in the last days, or else the busiest month of the past; None without events.

    With `began` only goods count of which events arrived since.
    """
    asked = {"now": now, "began": began}
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, asked)
        found = cursor.fetchone()
        if not found:
            cursor.execute(_BUSIEST_MONTH, asked)
            found = cursor.fetchone()
    return Busy(*found) if found else None


_STANDING = """
SELECT place.code, %(now)s::timestamptz - interval '2 hours', NULL::timestamptz, count(*)
  FROM shipments_position seen JOIN shipments_location place ON place.id = seen.place_id
 WHERE (%(began)s::timestamptz IS NULL
        OR seen.shipment_id IN (SELECT shipment_id FROM shipments_event WHERE received_at >= %(began)s::timestamptz))
   AND seen.delivered_at IS NULL AND seen.happened_at > %(now)s::timestamptz - interval '7 days'
   AND seen.happened_at <= %(now)s AND seen.code <> ALL (ARRAY['departed', 'delivered'])
 GROUP BY place.code ORDER BY count(*) DESC, place.code LIMIT 1
"""

_BUSIEST_MONTH = """
SELECT place.code, date_trunc('month', event.happened_at), date_trunc('month', event.happened_at) + interval '1 month',
       count(DISTINCT event.shipment_id)
  FROM shipments_event event JOIN shipments_location place ON place.id = event.place_id
 WHERE %(began)s::timestamptz IS NULL OR event.received_at >= %(began)s::timestamptz
 GROUP BY place.code, date_trunc('month', event.happened_at) ORDER BY 4 DESC, 1, 2 LIMIT 1
"""


def not_handed_over(about: str) -> int:
    """How many recipients of the messages about one thing still wait for the sender."""
    with connection.cursor() as cursor:
        cursor.execute(_NOT_HANDED_OVER, {"about": about})
        return int(cursor.fetchone()[0])


_NOT_HANDED_OVER = """
SELECT coalesce(sum(chunk.size - chunk.recorded), 0)
  FROM messaging_chunk chunk JOIN messaging_broadcast broadcast ON broadcast.id = chunk.broadcast_id
  JOIN messaging_message message ON message.id = broadcast.message_id
 WHERE message.about = %(about)s
"""
