"""How soon a shipment is found, by each kind of key, among ten million: median, 95th of a hundred, and plans that are slow.

usage: python -m bench.search [shipments] [minutes to fill]   (10,000,000 and 60 by default; less is filled when time is up)
"""

import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from bench.database import fresh_database

TIMES = 100
SLOW_MS = 100
SLICE = 250_000
CLIENTS, UNIT = 2_000, UUID(int=7)
# Two hundred names, each half a percent of the customers, as the commonest of a country are; no two houses have one address.
FAMILIES = [
    start + end
    for start in ("Bakk", "Brouw", "Dijk", "Jans", "Kuip", "Meij", "Muld", "Smit", "Timm", "Viss")
    for end in (
        "aard", "ema", "en", "ens", "er", "ering", "ermans", "ers", "hof", "huis", "ing", "inga", "ink", "je", "kamp", "ma",
        "man", "sma", "stra", "veld",
    )
]  # fmt: skip
_TABLES = (
    "customers_customer", "customers_contact", "customers_address", "shipments_shipment", "shipments_party",
    "shipments_reference",
)  # fmt: skip
# Ids ascend as those of an installation do. A receiver has five shipments, every 50th house hangs under the master
# before it. Receivers stand behind the clients.
_ID = "(lpad(to_hex({0}), 12, '0') || '70008000' || lpad(to_hex({0}), 12, '0'))::uuid"
_FILL = (
    f"""
    INSERT INTO customers_customer (id, number, name, name_words, kind, unit_id)
    SELECT {_ID.format("n")}, 'C' || n, f || ' ' || n, array_to_tsvector(ARRAY[lower(f), n::text]), 'contract',
           CASE WHEN n < 20 THEN '{UNIT}'::uuid END
    FROM generate_series(%(c0)s, %(c1)s) n, LATERAL (SELECT (%(families)s::text[])[1 + n %% 200] AS f) x
    """,
    f"""
    INSERT INTO customers_contact (id, customer_id, name) SELECT {_ID.format("n")}, {_ID.format("n")}, 'Desk'
    FROM generate_series(%(c0)s, %(c1)s) n
    """,
    f"""
    INSERT INTO customers_address (contact_id, channel, value, key, position)
    SELECT {_ID.format("n")}, v.channel, v.value, v.value, v.position
    FROM generate_series(%(c0)s, %(c1)s) n,
         LATERAL (VALUES ('sms', (31600000000 + n)::text, 0), ('email', 'r' || n || '@example.org', 1))
             AS v (channel, value, position)
    """,
    f"""
    INSERT INTO shipments_shipment (id, waybill, waybill_key, started_on, parent_id)
    SELECT {_ID.format("n")}, w, w, date '2024-01-01' + (n / 15000)::integer,
           CASE WHEN n %% 50 = 1 THEN {_ID.format("(n - 1)")} END
    FROM generate_series(%(s0)s, %(s1)s) n, LATERAL (SELECT 'TB' || lpad(n::text, 9, '0') || 'NL' AS w) x
    """,
    f"""
    INSERT INTO shipments_party (shipment_id, role, customer_id) SELECT {_ID.format("n")}, 'account', {_ID.format("n % 2000")}
    FROM generate_series(%(s0)s, %(s1)s) n
    """.replace("n % 2000", f"(n %% {CLIENTS})"),
    f"""
    INSERT INTO shipments_party (shipment_id, role, customer_id, postcode, house_number)
    SELECT {_ID.format("n")}, 'consignee', {_ID.format("c")}, (1000 + c %% 9000) || 'AB', (1 + c / 9000 %% 200)::text
    FROM generate_series(%(s0)s, %(s1)s) n, LATERAL (SELECT %(c0)s + (n::bigint * 7919) %% (%(c1)s - %(c0)s + 1) AS c) x
    """,
    f"""
    INSERT INTO shipments_reference (shipment_id, kind, value, key)
    SELECT {_ID.format("n")}, v.kind, v.key, v.key
    FROM generate_series(%(s0)s, %(s1)s) n,
         LATERAL (VALUES ('shop_order', 'SO' || n), ('container', 'MSKU' || lpad((n / 100)::text, 7, '0')))
             AS v (kind, key)
    """,
)  # fmt: skip


def main(shipments: int, minutes: float) -> None:
    with fresh_database():
        from django.db import connection

        began = time.monotonic()
        with connection.cursor() as cursor, _without_indexes(cursor):
            filled = _fill(cursor, shipments, began + minutes * 60)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("SELECT pg_size_pretty(pg_database_size(current_database()))")
            size = cursor.fetchone()[0]
        print(f"{filled:,} shipments, {size}, filled in {time.monotonic() - began:.0f} s", flush=True)
        _measure(filled)


def _fill(cursor: Any, shipments: int, until: float) -> int:
    """Slice by slice, until the rows or the time are up; gives how many shipments there are."""
    filled, customers = 0, 0
    while filled < shipments and (not filled or time.monotonic() < until):
        last = min(filled + SLICE, shipments) - 1
        more = (CLIENTS if not customers else 0) + (last - filled + 1) // 5
        params = {
            "s0": filled, "s1": last, "c0": customers, "c1": customers + more - 1, "families": FAMILIES,
        }  # fmt: skip
        for statement in _FILL:
            cursor.execute(statement, params)
        filled, customers = last + 1, customers + more
    return filled


@contextmanager
def _without_indexes(cursor: Any) -> Iterator[None]:
    """Takes the indexes that guard nothing off while the tables are filled, and makes them anew afterwards."""
    cursor.execute(
        "SELECT x.indexrelid::regclass::text, pg_get_indexdef(x.indexrelid) FROM pg_index x "
        "WHERE x.indrelid = ANY(%s::regclass[]) AND NOT x.indisunique",
        [list(_TABLES)],
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for _, definition in found:
        cursor.execute(definition)


def _measure(shipments: int) -> None:
    from django.db import connection

    from tidings.kernel.actor import Actor, ActorKind
    from tidings.shipments.queries.search import find

    everyone = Actor(ActorKind.COMMAND, "bench", frozenset({"shipment.read", "customer.read"}))
    of_unit = replace(everyone, units=frozenset({UNIT}))
    pick = random.Random(1)
    for name, text in _keys(shipments).items():
        for who, actor in (("all units", everyone), ("one unit", of_unit)):
            taken, found, slowest, plan_of = [], 0, 0.0, ("", None)
            for _ in range(TIMES):
                asked = text(pick)
                seen: list[tuple[str, Any]] = []
                with connection.execute_wrapper(_watch(seen)):
                    began = time.perf_counter()
                    found += bool(find(asked, actor))
                    taken.append((time.perf_counter() - began) * 1000)
                if taken[-1] > slowest:
                    slowest, plan_of = taken[-1], seen[-1]
            p95 = statistics.quantiles(taken, n=20)[-1]
            print(
                f"{name:18} {who:9} median {statistics.median(taken):8.1f} ms  p95 {p95:8.1f} ms  "
                f"most {slowest:8.1f} ms  found {found}/{TIMES}",
                flush=True,
            )
            if p95 > SLOW_MS:
                with connection.cursor() as cursor:
                    cursor.execute("EXPLAIN (ANALYZE, BUFFERS) " + plan_of[0], plan_of[1])
                    print("\n".join("    " + line for (line,) in cursor.fetchall()), flush=True)


def _keys(shipments: int) -> dict[str, Callable[[random.Random], str]]:
    def some(pick: random.Random) -> int:
        return pick.randrange(shipments)

    def receiver(pick: random.Random) -> int:
        return CLIENTS + pick.randrange(max(1, shipments // 5 - 1))

    def lives(pick: random.Random) -> str:
        c = receiver(pick)
        return f"{1000 + c % 9000} AB {1 + c // 9000 % 200}"

    def name(pick: random.Random) -> str:
        c = receiver(pick)
        return f"{FAMILIES[c % 200]} {c}"

    return {
        "waybill": lambda pick: f"TB{some(pick):09d}NL",
        "waybill's start": lambda pick: f"TB{some(pick):09d}"[:9],
        "master": lambda pick: f"TB{some(pick) // 50 * 50:09d}NL",
        "container": lambda pick: f"MSKU{some(pick) // 100:07d}",
        "shop order": lambda pick: f"SO-{some(pick)}",
        "no such number": lambda pick: f"XX{some(pick):09d}",
        "telephone": lambda pick: f"+{31600000000 + receiver(pick)}",
        "e-mail": lambda pick: f"r{receiver(pick)}@example.org",
        "postcode and house": lives,
        "name, whole": name,
        "name, shared": lambda pick: pick.choice(FAMILIES),
    }


def _watch(seen: list[tuple[str, Any]]) -> Callable[..., Any]:
    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    return watch


if __name__ == "__main__":
    given = sys.argv[1:]
    main(int(given[0]) if given else 10_000_000, float(given[1]) if len(given) > 1 else 60)
