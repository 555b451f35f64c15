"""Mails per second of our whole path beside two others, in the same run, to the same `smtp-sink`; and CPU time per mail,
which a busy machine blurs less than mails per second.

usage: python -m bench.send_mail [mails] [rounds]        (20,000 and 3 by default)

Ours: two sender processes that lease, render real texts in three languages with three shipments each, send, journal and
record on PostgreSQL with fsync. `smtp-source -s 20 -d` is Postfix's own C program sending one fixed message of the same
size: the ceiling. django-post_office runs with its two processes as its documentation advises; it needs an environment
of its own, and is left out where there is none:

    python3 -m venv /tmp/bench && /tmp/bench/bin/pip install django-post-office "Django<5.3" "psycopg[binary]"
    POST_OFFICE_PYTHON=/tmp/bench/bin/python python -m bench.send_mail

`smtp-sink` and `smtp-source` come with Debian's postfix package; the daemon need not run.
"""

import asyncio
import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.database import fresh_database

PROCESSES = 2
CONNECTIONS = 50
PEER_MAILS = 2_000
HERE = Path(__file__).resolve().parent

MAKE_AUDIENCE = """
    CREATE TABLE bench_audience AS
    SELECT tidings_new_id() AS contact_id, 'Zoë ' || n AS name,
           (ARRAY['en', 'nl', 'zh-hans'])[1 + n %% 3] AS language, 'Europe/Amsterdam' AS time_zone,
           'email' AS channel, 'k' || n || '@example.org' AS address, now() + interval '4 hours' AS due_by,
           ARRAY[gen_random_uuid()] AS shipment_ids,
           (SELECT jsonb_agg(jsonb_build_object('waybill', 'JJD' || n || k, 'effect', 'delayed', 'place', 'Venlo',
                                                'expected_at', now() + make_interval(hours => n %% 97)))
            FROM generate_series(1, 3) k) AS lines
    FROM generate_series(1, %(size)s) AS n
"""
AUDIENCE = "SELECT * FROM bench_audience"
"""Made beforehand: planning is what it costs to plan, not to invent people."""


@contextmanager
def sink() -> Iterator[int]:
    """Postfix's smtp-sink on a free port."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port = int(opened.getsockname()[1])
    server = subprocess.Popen(["smtp-sink", "-u", "nobody", "-m", "2000", f"127.0.0.1:{port}", "1000"])
    time.sleep(0.5)
    try:
        yield port
    finally:
        server.terminate()
        server.wait()


def plan(count: int, number: int) -> float:
    """Writes, freezes and plans one message; gives the seconds that planning took."""
    from uuid import uuid4

    from django.db import connection

    from tidings.kernel.actor import Actor, ActorKind
    from tidings.messaging import actions, queries
    from tidings.messaging.rules.content import Audience

    writer = Actor(ActorKind.PERSON, str(uuid4()), frozenset({"message.write", "message.send"}))
    approver = Actor(ActorKind.PERSON, str(uuid4()), frozenset({"message.approve"}))
    facts = {
        "*": {"place": "Venlo", "began_at": "2026-11-22T05:55+01:00", "next_by": "2026-11-22T12:00+01:00"}
    }
    message = actions.write_message(
        writer, about=f"BENCH-{number}", kind="weather", phase="first_notice", facts=facts
    )
    actions.freeze_message(writer, message)
    frozen = queries.current_freeze(message)
    assert frozen is not None
    actions.approve_message(approver, message, frozen.digest)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_audience")
        cursor.execute(MAKE_AUDIENCE, {"size": count})
        cursor.execute("ANALYZE bench_audience")
    began = time.perf_counter()
    planned = actions.send_message(writer, message, Audience(AUDIENCE, {}))
    assert planned == count, planned
    return time.perf_counter() - began


def set_relay(port: int) -> None:
    from tidings.messaging.models import Relay, RelaySlot

    RelaySlot.objects.all().delete()
    Relay.objects.all().delete()
    relay = Relay.objects.create(code="sink", kind="relay", host="127.0.0.1", port=port, security="none")
    RelaySlot.objects.bulk_create(RelaySlot(relay=relay, lane="bulk") for _ in range(CONNECTIONS))


def ours(count: int, number: int, folder: Path) -> dict[str, float]:
    """Mails per second from the start of the senders' work to the last recorded result, rows planned per second, and the
    senders' and the database's CPU seconds per mail."""
    from django.db import connection

    from tidings.messaging.models import Result
    from tidings.worker.connections import own_conninfo

    seconds = plan(count, number)
    before = Result.objects.count()
    conninfo = own_conninfo()
    command = [sys.executable, "-m", "bench.send_mail", "--sender", conninfo]
    ready = folder / "go"
    ready.unlink(missing_ok=True)
    senders = [
        subprocess.Popen([*command, str(folder / f"journal{at}"), str(ready)], cwd=HERE.parent)
        for at in range(PROCESSES)
    ]
    waiting = [Path(f"{folder / f'journal{at}'}.ready") for at in range(PROCESSES)]
    while not all(path.exists() for path in waiting):
        time.sleep(0.05)
    for path in waiting:
        path.unlink()
    database = _postmaster()
    used = cpu_seconds(database)
    began = time.perf_counter()
    ready.touch()
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(sum(handed_over), 0) FROM messaging_chunk")
            done = int(cursor.fetchone()[0])
        if done >= before + count:
            break
        time.sleep(0.1)
    took = time.perf_counter() - began
    used = cpu_seconds(database) - used
    for sender in senders:
        sender.terminate()
    for sender in senders:
        sender.wait()
    assert Result.objects.count() == before + count
    spent = sum(float(Path(f"{folder / f'journal{at}'}.cpu").read_text()) for at in range(PROCESSES))
    return {
        "ours": count / took,
        "planned": count / seconds,
        "sender's CPU": spent / count,
        "database's CPU": used / count,
    }


def _postmaster() -> int:
    """The process that all of the database's others descend from."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return _stat(int(cursor.fetchone()[0]))[1]


def cpu_seconds(parent: int) -> float:
    """User and system time of a process and its children, those that have ended included."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = sum(_stat(parent)[11:15])
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            found = _stat(int(folder.name))
            total += sum(found[11:13]) if found[1] == parent else 0
    return total / ticks


def _stat(process: int) -> list[int]:
    """The numbers of /proc/<process>/stat after its name and state: [0] stands for the state, [1] is the parent."""
    words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return [0, *map(int, words[1:20])]


def sender(conninfo: str, journal: str, ready: str) -> None:
    """One sender process with the renderer of `tidings sender`."""
    import resource
    import signal

    import django
    import uvloop

    django.setup()
    from tidings.messaging.engine.compile import Identity
    from tidings.messaging.engine.sender import SenderSettings, run_sender
    from tidings.messaging.engine.tokens import Tokens
    from tidings.messaging.ledger import PostgresLedger
    from tidings.worker.sender import values_of

    identity = Identity(
        "Parcel", "status@example.org", "bounce.example.org", "reply.example.org", Tokens(b"k")
    )
    settings = SenderSettings(identity, Path(journal), 1, connections=CONNECTIONS // PROCESSES)

    async def work() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        async with PostgresLedger(conninfo, bytes.decode) as ledger:
            Path(f"{journal}.ready").touch()
            while not Path(ready).exists() and not stop.is_set():
                await asyncio.sleep(0.005)
            before = resource.getrusage(resource.RUSAGE_SELF)
            await run_sender(ledger, settings, values_of, stop)
            after = resource.getrusage(resource.RUSAGE_SELF)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            Path(f"{journal}.cpu").write_text(str(spent))

    uvloop.run(work())


def smtp_source(count: int, port: int, size: int) -> float:
    """Postfix's C program, 20 sessions, one message of the same size over and over."""
    command = ["smtp-source", "-s", "20", "-d", "-m", str(count), "-l", str(size), "-f", "a@example.org"]
    began = time.perf_counter()
    subprocess.run([*command, "-t", "b@example.org", f"127.0.0.1:{port}"], check=True)
    return count / (time.perf_counter() - began)


def post_office(port: int) -> float | None:
    """django-post_office with two processes, on the same database server and sink."""
    python = os.environ.get("POST_OFFICE_PYTHON")
    if not python:
        return None
    from tidings.worker.connections import own_conninfo

    command = [python, str(HERE / "peer_post_office.py"), own_conninfo(), str(port), str(PEER_MAILS)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)
        return None
    return float(done.stdout.split()[-1])


def main(count: int, rounds: int) -> None:
    if shutil.which("smtp-sink") is None:
        sys.exit("This needs smtp-sink and smtp-source: apt-get install postfix")
    folder = Path(tempfile.mkdtemp(prefix="tidings-bench-send-"))
    figures: dict[str, list[float]] = defaultdict(list)
    with fresh_database(), sink() as port:
        set_relay(port)
        for number in range(rounds):
            for name, figure in ours(count, number, folder).items():
                figures[name].append(figure)
            figures["smtp-source"].append(smtp_source(count, port, 4096))
            peer = post_office(port)
            if peer:
                figures["django-post_office"].append(peer)
    shutil.rmtree(folder)
    report(figures, count, rounds)


def report(figures: dict[str, list[float]], count: int, rounds: int) -> None:
    median = {name: statistics.median(values) for name, values in figures.items()}
    print(f"{count} mails, {rounds} rounds, {PROCESSES} processes, {CONNECTIONS} connections, medians:")
    print(f"  planned                {median['planned']:10,.0f} recipients/s in one transaction")
    print(f"  ours, the whole path   {median['ours']:10,.0f} mails/s")
    for name in ("sender's CPU", "database's CPU"):
        print(f"  {name:<22} {median[name] * 1e6:10,.0f} microseconds per mail")
    for name in ("smtp-source", "django-post_office"):
        if name in median:
            print(
                f"  {name:<22} {median[name]:10,.0f} mails/s   ours is {median['ours'] / median[name]:.2f} times"
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--sender"]:
        sender(*sys.argv[2:5])
    else:
        given = [int(value) for value in sys.argv[1:3]]
        main(*(given + [20_000, 3][len(given) :]))
