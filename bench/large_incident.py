"""How long people wait for the pages of a large incident, and how long planning its messages takes.

usage: python -m bench.large_incident [affected] [open incidents] [times]      (100,000, 50 and 5 by default)

One incident touches that many shipments, each of a customer of its own, whose contact has a mail address, a telephone number
and one of three languages. The other incidents touch 2,000 of the same customers each. Every page is asked for as a manager,
once to warm up and then some times; the median and the number of queries are printed. A first notice and an update are
planned with one address per contact and with two, and taken back.
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.database import fresh_database
from bench.scope import _ID

BIG = "HUB1"
SMALL = 2_000
_S = _ID.format("n")
_PEOPLE = (
    f"INSERT INTO customers_customer (id, number, name) "
    f"SELECT {_S}, 'C' || n, 'Client ' || n FROM generate_series(1, %(affected)s) n",
    f"INSERT INTO customers_contact (id, customer_id, name, language, time_zone) "
    f"SELECT {_S}, {_S}, 'Reader ' || n, (ARRAY['en', 'nl', 'zh-hans'])[1 + n %% 3], 'Europe/Amsterdam' "
    f"FROM generate_series(1, %(affected)s) n",
    f"INSERT INTO customers_address (contact_id, channel, value, key, position) "
    f"SELECT {_S}, 'email', 'k' || n || '@example.org', 'k' || n || '@example.org', 0 "
    f"FROM generate_series(1, %(affected)s) n",
)
_SECOND_RUNG = (
    f"INSERT INTO customers_address (contact_id, channel, value, key, position) "
    f"SELECT {_S}, 'call', '+31970' || lpad(n::text, 7, '0'), '31970' || lpad(n::text, 7, '0'), 1 "
    f"FROM generate_series(1, %(affected)s) n"
)
_SHIPMENTS = (
    f"INSERT INTO shipments_shipment (id, waybill, waybill_key, started_on, destination_id, estimated_at) "
    f"SELECT {_S}, w, w, current_date - 2, 1000, now() + interval '2 days' "
    f"FROM generate_series(%(first)s, %(last)s) n, LATERAL (SELECT 'TB' || lpad(n::text, 9, '0') AS w) x",
    f"INSERT INTO shipments_party (shipment_id, role, customer_id) "
    f"SELECT {_S}, 'account', {_ID.format('(1 + n %% %(affected)s)')} FROM generate_series(%(first)s, %(last)s) n",
    f"INSERT INTO shipments_position (shipment_id, place_id, happened_at, code) "
    f"SELECT {_S}, %(hub)s, now() - interval '5 hours' - (n %% 3600) * interval '1 second', 'arrived' "
    f"FROM generate_series(%(first)s, %(last)s) n",
)
_RESULTS = """
    INSERT INTO messaging_result (delivery_id, attempt, outcome, recipient_id, broadcast_id, at)
    SELECT delivery_id, 1, outcome, id, broadcast_id, now() - interval '1 hour'
    FROM messaging_recipient, LATERAL (VALUES ('handed_over'), ('accepted')) AS x (outcome)
    WHERE hashtext(id::text) %% 50 <> 0
"""

_SAID: dict[str, dict[str, str]] = {
    "first_notice": {},
    "update": dict.fromkeys(("status", "what_changed", "measures"), "We are unloading."),
}


def main(affected: int, incidents: int, times: int) -> None:
    with fresh_database():
        _fill(affected, incidents)
        opened = _open(incidents)
        _analyze()
        print(f"{affected:,} affected, {incidents} open incidents", flush=True)
        _plan(opened[0], "first_notice", "one address each")
        _run(_SECOND_RUNG, affected=affected)
        _analyze()
        _plan(opened[0], "first_notice", "two addresses each")
        pages = _Pages(opened[0], times)
        pages.composer("first_notice")
        _send(opened[0], "first_notice")
        _plan(opened[0], "update", "two addresses each")
        pages.all()


def _run(statement: str, **values: Any) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _analyze() -> None:
    _run("VACUUM ANALYZE")


def _fill(affected: int, incidents: int) -> None:
    _run(
        "INSERT INTO shipments_location (id, code, name, country) "
        "SELECT n, 'HUB' || n, 'Hub ' || n, 'NL' FROM generate_series(1, %(hubs)s) n UNION ALL SELECT 1000, 'END', 'End', 'NL'",
        hubs=incidents,
    )
    for statement in _PEOPLE:
        _run(statement, affected=affected)
    first = 1
    for hub in range(1, incidents + 1):
        last = first + (affected if hub == 1 else SMALL) - 1
        for statement in _SHIPMENTS:
            _run(statement, first=first, last=last, hub=hub, affected=affected)
        first = last + 1
    _analyze()


def _actor() -> Any:
    from tidings.kernel.actor import Actor, ActorKind
    from tidings.people.rules import ABILITIES, Role

    return Actor(ActorKind.COMMAND, "bench", ABILITIES[Role.MANAGER] | ABILITIES[Role.DISPATCHER])


def _open(incidents: int) -> list[Any]:
    from tidings.incidents.actions import Report, open_incident

    since = datetime.now(UTC) - timedelta(hours=4)
    return [
        open_incident(_actor(), Report(kind="delay", place=f"HUB{1 + at}", window_from=since))
        for at in range(incidents)
    ]


def _plan(incident_id: Any, phase: str, how: str) -> None:
    """Written, frozen, approved and planned in a transaction that is taken back; only the planning is timed."""
    from django.db import transaction

    from tidings.incidents import queries
    from tidings.messaging.actions import send_message

    taken = []
    for _ in range(3):
        with transaction.atomic():
            message = _written(incident_id, phase)
            incident = queries.incident(_actor(), incident_id)
            began = time.perf_counter()
            planned = send_message(_actor(), message, queries.audience(incident, phase, datetime.now(UTC)))
            taken.append(time.perf_counter() - began)
            transaction.set_rollback(True)
    print(f"{phase}, {how}: {planned:,} recipients planned in {statistics.median(taken):.2f} s", flush=True)


def _written(incident_id: Any, phase: str) -> Any:
    """The id of a message of this phase, written, frozen and approved."""
    from tidings.incidents import queries
    from tidings.incidents.actions import write_phase
    from tidings.kernel.actor import Actor, ActorKind
    from tidings.messaging import actions as messaging
    from tidings.messaging.queries import current_freeze
    from tidings.people.rules import ABILITIES, Role

    incident = queries.incident(_actor(), incident_id)
    said = {code: _SAID[phase] for code in ("en", "nl", "zh-hans")}
    message = write_phase(_actor(), incident_id, phase, said)
    audience = queries.audience(incident, phase, datetime.now(UTC))
    messaging.freeze_message(_actor(), message, audience=audience)
    freeze = current_freeze(message)
    assert freeze is not None
    approver = Actor(ActorKind.PERSON, "a5b2f6a8-3c1e-7000-8000-000000000001", ABILITIES[Role.APPROVER])
    messaging.approve_message(approver, message, freeze.digest)
    return message


def _send(incident_id: Any, phase: str) -> None:
    """Sent, and taken by the servers of all but one reader in fifty."""
    from tidings.incidents.actions import send_phase

    began = time.perf_counter()
    sent = send_phase(_actor(), incident_id, _written(incident_id, phase))
    print(f"{phase}: written and sent to {sent:,} in {time.perf_counter() - began:.2f} s", flush=True)
    _run(_RESULTS)
    _analyze()


class _Pages:
    """Asks for pages as a signed-in manager."""

    def __init__(self, incident_id: Any, times: int) -> None:
        from django.conf import settings

        from tests.cast import make_manager, signed_in
        from tidings.incidents import queries

        settings.ALLOWED_HOSTS = ["testserver"]
        settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
        self.client = signed_in(make_manager())
        self.number = queries.incident(_actor(), incident_id).number
        self.times = times

    def composer(self, phase: str) -> None:
        self.page(f"composer of {phase}", f"/incidents/{self.number}/?phase={phase}")

    def all(self) -> None:
        affected = f"/incidents/{self.number}/affected/"
        self.composer("update")
        self.page("incident", f"/incidents/{self.number}/")
        self.page("affected, first page", affected)
        self.page("affected, last page", f"{affected}?page=2000")
        for name, value in (("why", "there_now"), ("certainty", "seen"), ("effect", "delayed")):
            self.page(f"affected by {name}", f"{affected}?{name}={value}")
        for text in ("TB000001234", "C77", "client 777", "nobody"):
            self.page(f"affected by text {text!r}", f"{affected}?text={text}")
        self.page("reach card", f"/incidents/{self.number}/reach/")
        for part in ("", "in_time", "unreachable", "under_way"):
            self.page(f"reach people {part}", f"/incidents/{self.number}/reach/first_notice/?part={part}")
        self.page("reach people, last page", f"/incidents/{self.number}/reach/first_notice/?page=1900")
        self.page("incidents", "/incidents/")
        self.page("worklist", "/")

    def page(self, what: str, address: str) -> None:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        def ask() -> int:
            answer = self.client.get(address)
            assert answer.status_code == 200, (address, answer.status_code)
            return len(answer.content)

        with CaptureQueriesContext(connection) as made:
            ask()
        queries = len(made)
        slowest = max((float(one["time"]) for one in made.captured_queries), default=0.0)
        middle = _median(ask, self.times)
        print(
            f"{what:<34} {middle * 1000:7.0f} ms {queries:4d} queries, slowest {slowest * 1000:.0f} ms",
            flush=True,
        )


def _median(work: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:4]]
    main(*(given + [100_000, 50, 5][len(given) :]))
