"""Mails per second of our whole path beside two others, in the same run, to the same `smtp-sink`; and CPU time per mail,
which a busy machine blurs less than mails per second.

usage: python -m bench.send_mail [mails] [rounds] [connections] [tls]        (20,000, 3 and 200 by default)

Ours: two sender processes that lease, render real texts in three languages with three shipments each, send, journal and
record on PostgreSQL with fsync. `smtp-source -s 20 -d` is Postfix's own C program sending one fixed message of the same
size: the ceiling. With `tls` ours goes over STARTTLS (stunnel before the sink, since smtp-sink speaks none) and to six groups
of servers, each a lane of its own. django-post_office runs with its two processes as its documentation advises; it needs an
environment of its own, and is left out where there is none:

    python3 -m venv /tmp/bench && /tmp/bench/bin/pip install django-post_office "Django<5.3" "psycopg[binary]"
    POST_OFFICE_PYTHON=/tmp/bench/bin/python python -m bench.send_mail

`smtp-sink` and `smtp-source` come with Debian's postfix package; the daemon need not run.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from bench.database import fresh_database
from bench.mails import (
    HERE,
    ONE_DOMAIN,
    Senders,
    cpu_seconds,
    database_process,
    handed_over,
    plan,
    set_lanes,
    set_relay,
    sink,
    starttls,
)

PROCESSES = 2
PEER_MAILS = 2_000
SIZE = 5_300
"""What ours has on average: 4 KB of words, and what quoted-printable and headers make of them."""
LIMITS = {"smtp-source": 1.0, "django-post_office": 25.0}
TLS_LIMIT = 0.7


def ours(
    count: int, number: int, connections: int, sink_process: int, domains: tuple[str, ...], trust: str
) -> dict[str, float]:
    """Mails per second from the start of the senders' work to the last recorded result, rows planned per second, and the
    CPU seconds per mail of senders, database and sink."""
    from tidings.messaging.models import Result

    seconds = plan(count, number, domains)
    before = Result.objects.count()
    with Senders(PROCESSES, connections, trust) as senders:
        database = database_process()
        used = {"database": cpu_seconds(database), "sink": cpu_seconds(sink_process)}
        began = time.perf_counter()
        senders.go()
        while handed_over() < before + count:
            time.sleep(0.1)
        took = time.perf_counter() - began
        used = {
            "database": cpu_seconds(database) - used["database"],
            "sink": cpu_seconds(sink_process) - used["sink"],
        }
    assert Result.objects.count() == before + count
    return {
        "ours": count / took,
        "planned": count / seconds,
        "CPU of senders": senders.spent / count,
        "CPU of the database": used["database"] / count,
        "CPU of the sink": used["sink"] / count,
    }


def smtp_source(count: int, port: int, sink_process: int) -> dict[str, float]:
    """Postfix's C program, 20 sessions, one message of the same size over and over."""
    command = ["smtp-source", "-s", "20", "-d", "-m", str(count), "-l", str(SIZE), "-f", "a@example.org"]
    used, own, began = cpu_seconds(sink_process), os.times(), time.perf_counter()
    subprocess.run([*command, "-t", "b@example.org", f"127.0.0.1:{port}"], check=True)
    took, after = time.perf_counter() - began, os.times()
    spent = after.children_user + after.children_system - own.children_user - own.children_system
    return {
        "smtp-source": count / took,
        "CPU of smtp-source": spent / count,
        "CPU of its sink": (cpu_seconds(sink_process) - used) / count,
    }


def post_office(port: int) -> dict[str, float]:
    """django-post_office with two processes, on the same database server and sink."""
    python = os.environ.get("POST_OFFICE_PYTHON")
    if not python:
        return {}
    from tidings.worker.connections import own_conninfo

    command = [python, str(HERE / "peer_post_office.py"), own_conninfo(), str(port), str(PEER_MAILS)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)
        return {}
    return {"django-post_office": float(done.stdout.split()[-1])}


def main(count: int, rounds: int, connections: int, *, tls: bool) -> None:
    figures: dict[str, list[float]] = defaultdict(list)
    with fresh_database(), ExitStack() as opened:
        port, process = opened.enter_context(sink())
        trust, domains = "", ONE_DOMAIN
        if tls:
            folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="tidings-bench-tls-")))
            secret, certificate = opened.enter_context(starttls(port, folder))
            trust, domains = str(certificate), set_lanes()
        set_relay(secret if tls else port, connections, security="starttls" if tls else "none")
        for number in range(rounds):
            for measured in (
                ours(count, number, connections, process, domains, trust),
                smtp_source(count, port, process),
                {} if tls else post_office(port),
            ):
                for name, figure in measured.items():
                    figures[name].append(figure)
    print(
        f"{count} mails, {rounds} rounds, {PROCESSES} processes, {connections} connections, {SIZE} bytes, ",
        end="",
    )
    print("STARTTLS and six lanes, medians:" if tls else "medians:")
    report(figures, {"smtp-source": TLS_LIMIT} if tls else LIMITS)


def report(figures: dict[str, list[float]], limits: dict[str, float]) -> None:
    median = {name: statistics.median(values) for name, values in figures.items()}
    print(f"  planned                {median['planned']:10,.0f} recipients/s in one transaction")
    print(f"  ours, the whole path   {median['ours']:10,.0f} mails/s")
    for name, figure in median.items():
        if name.startswith("CPU"):
            print(f"  {name:<22} {figure * 1e6:10,.0f} microseconds per mail")
    for name, limit in limits.items():
        if name in figures:
            times = statistics.median(
                one / other for one, other in zip(figures["ours"], figures[name], strict=True)
            )
            print(
                f"  {name:<22} {median[name]:10,.0f} mails/s   ours is {times:.2f} times   at least {limit}"
            )
    print(f"  load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    given = [int(value) for value in sys.argv[1:4] if value != "tls"]
    main(*(given + [20_000, 3, 200][len(given) :]), tls="tls" in sys.argv)
