"""How soon an incident knows whom it touches: found and written down among many, and kept true as events stream in.

usage: python -m bench.scope [shipments] [open incidents] [minutes of events]   (10,000,000, 50 and 1 by default)

Three events a shipment; one in a hundred shipments is at the hub that is asked about. Then a million events an hour come in, in
batches of three seconds as the job that follows them takes them, and each batch is timed from the event to the changed scope.
"""

import os
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.database import fresh_database

SLICE = 250_000
HUBS, CLIENTS = 100, 2_000
EVENTS_AN_HOUR, TURN_SECONDS = 1_000_000, 3
_ID = "(lpad(to_hex({0}), 12, '0') || '70008000' || lpad(to_hex({0}), 12, '0'))::uuid"
_S = _ID.format("n")
_FILL = (
    f"""
    INSERT INTO shipments_shipment (id, waybill, waybill_key, started_on, destination_id, estimated_at)
    SELECT {_S}, w, w, %(day)s::date, 1 + (n * 7) %% {HUBS}, %(now)s::timestamptz + interval '2 days'
    FROM generate_series(%(s0)s, %(s1)s) n, LATERAL (SELECT 'TB' || lpad(n::text, 9, '0') || 'NL' AS w) x
    """,
    f"""
    INSERT INTO shipments_party (shipment_id, role, customer_id)
    SELECT {_S}, 'account', {_ID.format(f"(n %% {CLIENTS})")} FROM generate_series(%(s0)s, %(s1)s) n
    """,
    f"""
    INSERT INTO shipments_event (happened_at, natural_hash, shipment_id, place_id, kind, code, source)
    SELECT %(now)s::timestamptz - (e.hours * interval '1 hour') - (n %% 3600) * interval '1 second', md5(n || e.code)::uuid, {_S},
           1 + (n * e.step) %% {HUBS}, e.kind, e.code, 'bench'
    FROM generate_series(%(s0)s, %(s1)s) n,
         LATERAL (VALUES (30, 3, 'actual', 'collected'), (2, 1, 'actual', 'arrived'), (-20, 7, 'planned', 'arrived2'))
             AS e (hours, step, kind, code)
    """,
    f"""
    INSERT INTO shipments_position (shipment_id, place_id, happened_at, code)
    SELECT {_S}, 1 + n %% {HUBS}, %(now)s::timestamptz - interval '2 hours' - (n %% 3600) * interval '1 second', 'arrived'
    FROM generate_series(%(s0)s, %(s1)s) n
    """,
)
_NEWS = f"""
    WITH came AS (
        SELECT {_ID.format("(random() * %(most)s)::bigint")} AS shipment_id, 1 + (random() * {HUBS - 1})::integer AS place_id
        FROM generate_series(1, %(events)s)
    ), added AS (
        INSERT INTO shipments_event (happened_at, natural_hash, shipment_id, place_id, kind, code, source)
        SELECT %(now)s, gen_random_uuid(), shipment_id, place_id, 'actual', 'arrived', 'bench' FROM came
    ), moved AS (
        UPDATE shipments_position p SET place_id = came.place_id, happened_at = %(now)s
        FROM came WHERE p.shipment_id = came.shipment_id
    )
    SELECT array_agg(DISTINCT shipment_id) FROM came
"""


def main(shipments: int, incidents: int, minutes: float) -> None:
    with fresh_database():
        from django.db import connection

        began = time.monotonic()
        with connection.cursor() as cursor:
            _fill(cursor, shipments)
            cursor.execute("VACUUM ANALYZE")
        print(
            f"{shipments:,} shipments, {3 * shipments:,} events, filled in {time.monotonic() - began:.0f} s",
            flush=True,
        )
        opened = _open(incidents)
        _find(opened[0])
        _follow(shipments, len(opened), minutes)


def _fill(cursor: Any, shipments: int) -> None:
    from tidings.kernel.partitions import ensure_months

    at = datetime.now(UTC)
    ensure_months("shipments_event", (at - timedelta(days=31)).date(), (at + timedelta(days=31)).date())
    cursor.execute(
        "INSERT INTO shipments_location (id, code, name, country) "
        "SELECT n, 'HUB' || n, 'Hub ' || n, 'NL' FROM generate_series(1, %s) n",
        [HUBS],
    )
    cursor.execute(
        f"INSERT INTO customers_customer (id, number, name) SELECT {_S}, 'C' || n, 'Client ' || n "
        "FROM generate_series(0, %s) n",
        [CLIENTS - 1],
    )
    for first in range(0, shipments, SLICE):
        last = min(first + SLICE, shipments) - 1
        for statement in _FILL:
            day = (at - timedelta(days=3)).date()
            cursor.execute(statement, {"s0": first, "s1": last, "now": at, "day": day})


def _open(incidents: int) -> list[Any]:
    """Each of its own hub: what one open incident finds, another does not."""
    from tidings.incidents.actions import Report, open_incident
    from tidings.kernel.actor import Actor, ActorKind
    from tidings.people.rules import ABILITIES, Role

    actor = Actor(ActorKind.COMMAND, "bench", ABILITIES[Role.DISPATCHER])
    since = datetime.now(UTC) - timedelta(hours=4)
    return [
        open_incident(actor, Report(kind="delay", place=f"HUB{1 + number % HUBS}", window_from=since))
        for number in range(incidents)
    ]


def _find(incident: Any) -> None:
    """Found alone, and found and written down: for the first time, and again without news."""
    from django.db import connection

    from tidings.incidents import sql
    from tidings.incidents.models import Affected, Scope
    from tidings.incidents.rules import question_from
    from tidings.incidents.sql.asked import asked

    question = question_from(Scope.objects.get(incident=incident).question)
    found, taken = asked(incident, question), []
    with connection.cursor() as cursor:
        for _ in range(5):
            began = time.perf_counter()
            cursor.execute(f"SELECT count(*) FROM ({found.sql}) found", dict(found.params))
            (shipments,) = cursor.fetchone()
            taken.append(time.perf_counter() - began)
    print(
        f"found {shipments:,} in median {statistics.median(taken):.2f} s, most {max(taken):.2f} s, {_load()}",
        flush=True,
    )
    Affected.objects.filter(incident=incident).delete()
    at = datetime.now(UTC)
    for what, since in (("found and written down, as when it is reported", at), ("asked again", None)):
        began = time.perf_counter()
        sql.write_affected(incident, question, at=datetime.now(UTC), since=since)
        print(f"{what} in {time.perf_counter() - began:.2f} s, {_load()}", flush=True)


def _load() -> str:
    """How busy the machine is beside this: 1 for each process that waits for a core or runs on it."""
    return f"load {os.getloadavg()[0]:.1f}"


def _follow(shipments: int, incidents: int, minutes: float) -> None:
    """Batches of the events of one turn, each timed until every incident's scope is as they say."""
    from django.db import connection, transaction

    from tidings.incidents.actions import follow_shipments
    from tidings.kernel import feed
    from tidings.people.queries import system_actor

    actor, taken = system_actor("follow"), []
    feed_size = EVENTS_AN_HOUR * TURN_SECONDS // 3600
    for _ in range(max(3, int(minutes * 60 / TURN_SECONDS))):
        with transaction.atomic(), connection.cursor() as cursor:
            values = {"events": feed_size, "most": shipments - 1, "now": datetime.now(UTC)}
            cursor.execute(_NEWS, values)
            feed.put("shipments", cursor.fetchone()[0])
        began = time.perf_counter()
        while follow_shipments(actor):
            pass
        taken.append(time.perf_counter() - began)
        time.sleep(max(0.0, TURN_SECONDS - taken[-1]))
    print(
        f"{EVENTS_AN_HOUR:,} events an hour, {incidents} open incidents: {feed_size} events followed in median "
        f"{statistics.median(taken):.2f} s, most {max(taken):.2f} s; from event to scope at most {max(taken) + TURN_SECONDS:.1f} s, {_load()}",
        flush=True,
    )


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        int(given[0]) if given else 10_000_000,
        int(given[1]) if len(given) > 1 else 50,
        float(given[2]) if len(given) > 2 else 1,
    )
