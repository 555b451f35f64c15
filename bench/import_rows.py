"""Rows per second and peak memory of an import: a file of shipments, the same again, and a file of events.

usage: python -m bench.import_rows [rows]   (1,000,000 by default)
"""

import os
import random
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench.database import fresh_database

SHIPMENTS = """
name = "Bench shipments"
kind = "shipments"
[shipment]
waybill = "Waybill"
started_on = "Collected"
service = "Service"
origin = "From"
destination = "To"
promised_at = "Promised"
piece_count = "Pieces"
weight = { column = "Weight", unit = "kg" }
cod = "Cash"
cod_currency = { constant = "EUR" }
[parties.account]
number = "Client"
name = "Client name"
language = "Language"
email = "Client mail"
[parties.consignee]
name = "Receiver"
email = "Mail"
sms = "Telephone"
postcode = "Postcode"
house_number = "Number"
language = "Language"
[references]
shop_order = "Order"
"""
EVENTS = """
name = "Bench events"
kind = "events"
[event]
waybill = "Waybill"
code = "Act"
happened_at = "At"
place = "Place"
recorded_at = "Recorded"
"""
CLIENTS, RECEIVERS = 2_000, 200_000
PLACES = [f"NL{chr(65 + i // 26)}{chr(65 + i % 26)}X" for i in range(60)]


def main(rows: int) -> None:
    folder = Path(tempfile.mkdtemp())
    shipments, events = folder / "shipments.csv", folder / "events.csv"
    _write_shipments(shipments, rows)
    _write_events(events, rows)
    profiles = {"shipments": folder / "shipments.toml", "events": folder / "events.toml"}
    profiles["shipments"].write_text(SHIPMENTS)
    profiles["events"].write_text(EVENTS)
    with fresh_database():
        from tidings.kernel.actor import Actor, ActorKind
        from tidings.shipments.actions import import_file

        actor = Actor(ActorKind.COMMAND, "bench", frozenset({"shipment.import"}))
        for kind, path, what in (
            ("shipments", shipments, "new"),
            ("shipments", shipments, "again"),
            ("events", events, "new"),
            ("events", events, "again"),
        ):
            with _Watched() as watched:
                result = import_file(actor, path, kind, str(profiles[kind]))
            print(
                f"{kind:9} {what:6} {result.rows:9,} rows  {watched.seconds:6.1f} s "
                f"{result.rows / watched.seconds:8,.0f} rows/s  peak {watched.peak_mb} MB (server {watched.server_mb} MB) "
                f"processor {watched.ours:.1f} s ours {watched.servers:.1f} s server "
                f"created {result.created:,} changed {result.changed:,} rejected {result.rejected:,}",
                flush=True,
            )
    for path in (shipments, events, *profiles.values()):
        path.unlink()


class _Watched:
    """Seconds, the peak memory of ours and of the process that reads for us, the largest private memory of one server
    process, and the processor's seconds of both sides, while it is open.
    """

    def __enter__(self) -> "_Watched":
        self._stop = threading.Event()
        self.server_mb = 0
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        self._began, self._ours, self._servers = time.monotonic(), _our_seconds(), _server_seconds()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.monotonic() - self._began
        self.ours, self.servers = _our_seconds() - self._ours, _server_seconds() - self._servers
        both = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        self.peak_mb = sum(both) // 1024
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(0.5):
            for process in Path("/proc").glob("[0-9]*/status"):
                try:
                    status = process.read_text()
                except OSError:
                    continue
                if status.startswith("Name:\tpostgres"):
                    for line in status.splitlines():
                        if line.startswith("RssAnon"):
                            self.server_mb = max(self.server_mb, int(line.split()[1]) // 1024)


def _our_seconds() -> float:
    """Of the processor, for this process and those it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _server_seconds() -> float:
    """Of the processor, for all PostgreSQL processes of this machine."""
    ticks = 0
    for process in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = process.read_text().rpartition(")")
        except OSError:
            continue
        if name.endswith("(postgres"):
            fields = rest.split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _write_shipments(path: Path, rows: int) -> None:
    pick = random.Random(1)
    names = ["Jansen", "de Vries", "王小明", "Smith", "李娜", "Bakker", "O'Brien"]
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write(
            "Waybill,Collected,Service,From,To,Promised,Pieces,Weight,Cash,Client,Client name,Client mail,Receiver,"
            "Mail,Telephone,Postcode,Number,Language,Order\r\n"
        )
        for i in range(rows):
            client, receiver = pick.randrange(CLIENTS), pick.randrange(RECEIVERS)
            day = 1 + i * 28 // rows
            out.write(
                f"TB{i:09d}NL,2026-10-{day:02d},{('express', 'standard')[i & 1]},{PLACES[i % 60]},{PLACES[i * 7 % 60]},"
                f"2026-10-{day + 2:02d} 18:00,{1 + i % 3},{i % 30}.5,{i % 500}.95,C{client:05d},Client {client},"
                f"desk{client}@example.org,{names[receiver % 7]} {receiver},r{receiver}@example.org,+3162{receiver:07d},"
                f"{1000 + receiver % 9000} AB,{1 + receiver % 200},{('nl', 'en', 'zh')[receiver % 3]},SO-{i}\r\n"
            )


def _write_events(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write("Waybill,Act,At,Place,Recorded\r\n")
        for i in range(rows):
            shipment, act = i // 4, i % 4
            day = 1 + shipment * 28 // rows
            second = i % 60
            out.write(
                f"TB{shipment:09d}NL,{('collected', 'arrived', 'departed', 'delivered')[act]},"
                f"2026-10-{day + act // 2:02d} {8 + act:02d}:{i // 60 % 60:02d}:{second:02d},{PLACES[(shipment + act) % 60]},"
                f"2026-10-{day + act // 2:02d} {8 + act:02d}:{i // 60 % 60:02d}:59\r\n"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
