"""The database away for 4 and for 40 seconds under a running installation: what readers get, and how soon all is back.

.venv/bin/python -m bench.outage
"""

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import LiteralString

import psycopg

from tests.stack import Stack, stack, within
from tidings.kernel import postgres


def main() -> None:
    home = Path(tempfile.mkdtemp(prefix="tidings-bench-")).resolve()
    home.chmod(0o755)
    cluster = postgres.cluster_of(home)
    server = postgres.start(cluster)
    urls = {"DATABASE_URL": cluster.conninfo(), "DATABASE_OWNER_URL": cluster.conninfo(postgres.OWNER_ROLE)}
    try:
        with stack(**urls) as firm:
            firm.start()
            for seconds in (4, 40):
                before = firm.processes()
                postgres.stop(server)
                statuses, slowest = _ask(firm, seconds)
                server = postgres.start(cluster)
                worker = _Worker(cluster)
                back = within(60, lambda: firm.get("/account/login/")[0] == 200)
                print(
                    json.dumps(
                        {
                            "gone_seconds": seconds,
                            "answers": statuses,
                            "slowest_answer_seconds": round(slowest, 2),
                            "page_back_after_seconds": round(back, 2),
                            "worker_back_after_seconds": round(worker.back_after(), 2),
                            "same_processes": firm.processes() == before,
                        }
                    ),
                    flush=True,
                )
            firm.end()
    finally:
        postgres.stop(server)
        shutil.rmtree(home)


class _Worker:
    """Waits for the first turn of the worker's periodic work, from the moment it is made."""

    def __init__(self, cluster: postgres.Cluster) -> None:
        self._connection = psycopg.connect(cluster.conninfo(), autocommit=True)
        self._began = self._connection.execute("SELECT clock_timestamp()").fetchone()

    def back_after(self) -> float:
        """The database's own clock tells, however late this asks."""
        turn = "SELECT min(extract(epoch FROM due_at - every - %(began)s)) FROM kernel_beat WHERE due_at - every > %(began)s"
        given = {"began": self._began[0] if self._began else None}
        within(60, lambda: self._turn(turn, given) is not None)
        seconds = float(self._turn(turn, given) or 0)
        self._connection.close()
        return seconds

    def _turn(self, statement: LiteralString, given: dict[str, object]) -> float | None:
        row = self._connection.execute(statement, given).fetchone()
        return row[0] if row else None


def _ask(firm: Stack, seconds: float) -> tuple[dict[int, int], float]:
    """Asks for a page until the time is over: how often each status came, and the slowest answer."""
    statuses: dict[int, int] = {}
    slowest, until = 0.0, time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        status = firm.get("/account/login/")[0]
        slowest = max(slowest, time.monotonic() - began)
        statuses[status] = statuses.get(status, 0) + 1
        time.sleep(0.2)
    return statuses, slowest


if __name__ == "__main__":
    sys.exit(main())
