"""A worker of its own for tests that kill it: `python -m tidings.kernel.tests.worker_process`."""

import sys
import time

import django
from django.db import connection

from tidings.kernel import jobs


@jobs.job("test.slow_whole", whole=True)
def slow_whole(n: int, seconds: float) -> None:
    """Writes its row, then takes its time inside the same transaction."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO scratch (n) VALUES (%s)", [n])
    time.sleep(seconds)


@jobs.job("test.quick")
def quick(n: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO scratch (n) VALUES (%s)", [n])


if __name__ == "__main__":
    django.setup()
    from tidings.kernel.workerloop import Loop

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    Loop(threads=2, stalled_seconds=1.2).run()
