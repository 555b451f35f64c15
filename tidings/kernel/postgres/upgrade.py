"""Moves the embedded cluster to the current major version: both servers run, the data is copied and compared, the old
folder is kept. Old data is started with its own old programs.
"""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tidings.kernel.postgres.cluster import DATABASE, MAJOR, OWNER_ROLE, Cluster, PostgresFailed
from tidings.kernel.postgres.copying import Loading, Place, dump, finish_dump, row_counts
from tidings.kernel.postgres.server import is_running, start, stop

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What was done: versions, tables and rows compared, and where the old data lies."""

    before: int
    after: int
    tables: int
    rows: int
    kept: Path


def upgrade(cluster: Cluster, now: datetime, progress: Callable[[int], None] = lambda _: None) -> Upgraded:
    """Copies, compares, swaps. `progress` is told the bytes copied so far. The cluster must be stopped.

    Raises PostgresFailed, with the old data as it was, when there is nothing to do or anything goes wrong.
    """
    before = cluster.major
    if before >= MAJOR:
        raise PostgresFailed(f"The database is PostgreSQL {before} already; there is nothing to upgrade.")
    if is_running(cluster):
        raise PostgresFailed("The database is running: stop Tidings first, then upgrade.")
    _require_room(cluster)
    new = replace(cluster, data_name=f"data-{MAJOR}.new", socket=_second_socket(cluster), new_major=MAJOR)
    shutil.rmtree(new.data, ignore_errors=True)
    old_server = start(cluster)
    try:
        new_server = start(new)
        try:
            counts = _copy(cluster, new, progress)
        finally:
            stop(new_server)
    except BaseException:
        shutil.rmtree(new.data, ignore_errors=True)
        raise
    finally:
        stop(old_server)
        shutil.rmtree(new.socket, ignore_errors=True)
    kept = cluster.root / f"data-{before}-kept-{now:%Y%m%d-%H%M%S}"
    cluster.data.rename(kept)
    new.data.rename(cluster.data)
    return Upgraded(before, MAJOR, len(counts), sum(counts.values()), kept)


def _copy(cluster: Cluster, new: Cluster, progress: Callable[[int], None]) -> dict[str, int]:
    old_place, new_place = _place(cluster), _place(new)
    loading, copying, done = Loading(new_place), dump(old_place), 0
    try:
        while copying.stdout and (part := copying.stdout.read(_CHUNK)):
            loading.stdin.write(part)
            progress(done := done + len(part))
        finish_dump(copying, old_place.dumper)
        loading.finish()
    except (BrokenPipeError, subprocess.SubprocessError, PostgresFailed):
        copying.kill()
        copying.wait()
        loading.finish()
        raise
    with old_place.connect() as here, new_place.connect() as there:
        expected, arrived = row_counts(here), row_counts(there)
        there.execute("ANALYZE")
    if expected != arrived:
        odd = sorted(name for name in expected | arrived if expected.get(name) != arrived.get(name))
        raise PostgresFailed(f"The copy differs in {', '.join(odd[:5])}; the old data was left as it is.")
    return arrived


def _place(cluster: Cluster) -> Place:
    words = {"host": str(cluster.socket), "user": OWNER_ROLE, "dbname": DATABASE}
    return Place(words, cluster.binaries, cluster.binaries_of(MAJOR))


def _second_socket(cluster: Cluster) -> Path:
    return (
        cluster.socket.with_name("s2")
        if cluster.socket.parent == cluster.root
        else cluster.socket.with_suffix(".2")
    )


def _require_room(cluster: Cluster) -> None:
    needed = sum(path.stat().st_size for path in cluster.data.rglob("*") if path.is_file())
    free = shutil.disk_usage(cluster.root).free
    if free < needed * 1.2:
        raise PostgresFailed(
            f"The upgrade needs about {needed * 1.2 / 1e6:.0f} MB more on the disk of {cluster.root}; {free / 1e6:.0f} MB are free."
        )
