"""What the measurements of mail share: sinks, a planned broadcast, sender processes and what they cost."""

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent

MAKE_AUDIENCE = """
    CREATE TABLE bench_audience AS
    SELECT tidings_new_id() AS contact_id, 'Zoë ' || n AS name,
           (ARRAY['en', 'nl', 'zh-hans'])[1 + n %% 3] AS language, 'Europe/Amsterdam' AS time_zone,
           'email' AS channel, 'k' || n || '@' || (%(domains)s::text[])[1 + n / 3 %% cardinality(%(domains)s::text[])] AS address,
           now() + interval '4 hours' AS due_by, ARRAY[gen_random_uuid()] AS shipment_ids,
           (SELECT jsonb_agg(jsonb_build_object('waybill', 'JJD' || n || k, 'effect', 'delayed', 'place', 'Venlo',
                                                'expected_at', now() + make_interval(hours => n %% 97)))
            FROM generate_series(1, 3) k) AS lines
    FROM generate_series(1, %(size)s) AS n
"""
AUDIENCE = "SELECT * FROM bench_audience"
"""Made beforehand: planning is what it costs to plan, not to invent people."""
ONE_DOMAIN = ("example.org",)
LANES = {
    "gmail.example": "gmail",
    "outlook.example": "microsoft",
    "yahoo.example": "yahoo",
    "qq.example": "qq",
    "netease.example": "netease",
    "example.org": "others",
}


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


@contextmanager
def sink() -> Iterator[tuple[int, int]]:
    """Postfix's smtp-sink; gives its port and process."""
    if shutil.which("smtp-sink") is None:
        sys.exit("This needs smtp-sink and smtp-source: apt-get install postfix")
    port = free_port()
    server = subprocess.Popen(["smtp-sink", "-u", "nobody", "-m", "2000", f"127.0.0.1:{port}", "1000"])
    time.sleep(0.5)
    try:
        yield port, server.pid
    finally:
        server.terminate()
        server.wait()


@contextmanager
def starttls(onward: int, folder: Path) -> Iterator[tuple[int, Path]]:
    """Stunnel, which says STARTTLS and passes on to the port of a sink; gives its port and whom to trust."""
    if shutil.which("stunnel") is None:
        sys.exit("This needs stunnel, since smtp-sink speaks no TLS: apt-get install stunnel4")
    from tidings.messaging.tests.sinks import make_certificate

    certificate, key = make_certificate(folder)
    port, told = free_port(), folder / "stunnel.conf"
    told.write_text(
        f"foreground = yes\ndebug = 3\npid =\n[smtp]\naccept = 127.0.0.1:{port}\nconnect = 127.0.0.1:{onward}\n"
        f"protocol = smtp\ncert = {certificate}\nkey = {key}\n"
    )
    server = subprocess.Popen(["stunnel", str(told)])
    time.sleep(0.5)
    try:
        yield port, certificate
    finally:
        server.terminate()
        server.wait()


def set_relay(port: int, connections: int, *, security: str = "none", reserved: int = 0) -> Any:
    """One relay, with its slots; gives its id."""
    from tidings.messaging.models import Relay, RelaySlot

    RelaySlot.objects.all().delete()
    Relay.objects.all().delete()
    host = "127.0.0.1" if security == "none" else "localhost"
    relay = Relay.objects.create(code="sink", kind="relay", host=host, port=port, security=security)
    lanes = ["bulk"] * connections + ["single"] * reserved
    RelaySlot.objects.bulk_create(RelaySlot(relay=relay, lane=lane) for lane in lanes)
    return relay.pk


def set_lanes() -> tuple[str, ...]:
    """Domains of each group of servers; gives them."""
    from tidings.messaging.models import MailDomain

    for domain, destination in LANES.items():
        MailDomain.objects.update_or_create(domain=domain, defaults={"destination": destination})
    return tuple(LANES)


def plan(count: int, number: int, domains: tuple[str, ...] = ONE_DOMAIN) -> float:
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
        cursor.execute(MAKE_AUDIENCE, {"size": count, "domains": list(domains)})
        cursor.execute("ANALYZE bench_audience")
    began = time.perf_counter()
    planned = actions.send_message(writer, message, Audience(AUDIENCE, {}))
    assert planned == count, planned
    return time.perf_counter() - began


def handed_over() -> int:
    """How many the ledger has as taken by a relay."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(handed_over), 0) FROM messaging_chunk")
        return int(cursor.fetchone()[0])


class Senders:
    """Sender processes that wait until they may begin, and end with the `with` that they are used in. Then `spent` are their seconds
    of CPU, and `peak` is the most memory that one of them used, in bytes."""

    def __init__(self, processes: int, connections: int, trust: str = "") -> None:
        from tidings.worker.connections import own_conninfo

        self.folder = Path(tempfile.mkdtemp(prefix="tidings-bench-send-"))
        self.spent, self.peak = 0.0, 0
        command = [sys.executable, "-m", "bench.mails", own_conninfo(), str(self.folder)]
        self.processes = [
            subprocess.Popen([*command, str(at), str(-(-connections // processes)), trust], cwd=HERE.parent)
            for at in range(processes)
        ]
        while len(list(self.folder.glob("ready*"))) < processes:
            if any(process.poll() is not None for process in self.processes):
                sys.exit("A sender did not start.")
            time.sleep(0.05)

    def go(self) -> None:
        (self.folder / "go").touch()

    def __enter__(self) -> "Senders":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()
        for path in self.folder.glob("spent*"):
            spent, peak = path.read_text().split()
            self.spent, self.peak = self.spent + float(spent), max(self.peak, int(peak))
        shutil.rmtree(self.folder)


def database_process() -> int:
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


def sender(conninfo: str, folder: Path, at: str, connections: int, trust: str) -> None:
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
    from tidings.worker.sender import look_for_garbage_less, values_of

    identity = Identity(
        "Parcel", "status@example.org", "bounce.example.org", "reply.example.org", Tokens(b"k")
    )
    settings = SenderSettings(
        identity, folder / f"journal{at}", 1, connections=connections, trust=trust, hello="bench.example.org"
    )

    async def work() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        async with PostgresLedger(conninfo, bytes.decode) as ledger:
            (folder / f"ready{at}").touch()
            while not (folder / "go").exists() and not stop.is_set():
                await asyncio.sleep(0.005)
            before = resource.getrusage(resource.RUSAGE_SELF)
            await run_sender(ledger, settings, values_of, stop)
            after = resource.getrusage(resource.RUSAGE_SELF)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            (folder / f"spent{at}").write_text(f"{spent} {after.ru_maxrss * 1024}")

    look_for_garbage_less()
    uvloop.run(work())


if __name__ == "__main__":
    sender(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5])
