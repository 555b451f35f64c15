"""Starts and stops a cluster's server, and deals with what a killed one left behind."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tidings.kernel.postgres.cluster import Cluster, PostgresFailed, as_account, failure
from tidings.kernel.postgres.setup import make_database, prepare

Server = subprocess.Popen[bytes]
STOP, KILL, TERM = signal.SIGINT, signal.SIGQUIT, signal.SIGTERM
_PR_SET_PDEATHSIG = 1
_LARGE_LOG = 10_000_000
_libc = ctypes.CDLL(None)


def is_running(cluster: Cluster) -> bool:
    """Whether a server answers on the cluster's socket."""
    ready = cluster.binaries / "pg_isready"
    if not cluster.exists or not ready.exists():
        return False
    return subprocess.run([ready, "-q", "-h", cluster.socket]).returncode == 0


def start(
    cluster: Cluster,
    wait_seconds: float = 30,
    *,
    outlives_us: bool = False,
) -> "subprocess.Popen[bytes]":
    """Starts the server as our own child and returns when it answers. Raises PostgresFailed in one sentence.

    It stops when we die, however we die, unless `outlives_us`. Its log is `server.log`.
    """
    prepare(cluster)
    _clear_stale_lock(cluster, wait_seconds)
    log = cluster.root / "server.log"
    if log.exists() and log.stat().st_size > _LARGE_LOG:
        log.replace(log.with_suffix(".log.1"))
    began_at = log.stat().st_size if log.exists() else 0
    with log.open("ab") as own_log:
        server = subprocess.Popen(
            [cluster.binaries / "postgres", "-D", cluster.data, "-k", cluster.socket],
            stdout=own_log,
            stderr=own_log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            preexec_fn=None if outlives_us else dies_with_parent(signal.SIGINT),
            **as_account(cluster.user),
        )
    give_up = time.monotonic() + wait_seconds
    while not is_running(cluster):
        if server.poll() is not None or time.monotonic() > give_up:
            told = log.read_bytes()[began_at:].decode(errors="replace")
            raise PostgresFailed(failure("The database did not start", told, cluster.root))
        time.sleep(0.02)
    make_database(cluster)
    return server


def stop(server: "subprocess.Popen[bytes]", wait_seconds: float = 20) -> None:
    """A fast shutdown: open transactions are rolled back, everything committed is kept."""
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
        server.wait(wait_seconds)


def stop_by_data(cluster: Cluster, wait_seconds: float = 20) -> bool:
    """Stops a server that is not our child, found by its lock file. Gives whether there was one."""
    pid = _postmaster(cluster)
    if pid is None:
        return False
    os.kill(pid, signal.SIGINT)
    give_up = time.monotonic() + wait_seconds
    while _postmaster(cluster) is not None:
        if time.monotonic() > give_up:
            raise PostgresFailed(
                f"The database (process {pid}) did not stop within {wait_seconds:.0f} seconds."
            )
        time.sleep(0.02)
    return True


def stop_leftover(cluster: Cluster, mark: dict[str, str]) -> None:
    """Stops a server whose environment carries `mark`: one that a killed supervisor left behind."""
    pid = _postmaster(cluster)
    if pid is None:
        return
    carried = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    if all(f"{name}={value}".encode() in carried for name, value in mark.items()):
        stop_by_data(cluster)


def dies_with_parent(sign: signal.Signals) -> Callable[[], None]:
    """For subprocess' preexec_fn: the kernel sends `sign` to the child once our main thread is gone, kill -9 included."""
    parent = os.getpid()

    def ask() -> None:
        die_with_parent(sign)
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return ask


def die_with_parent(sign: signal.Signals) -> None:
    """Has the kernel send `sign` to this process once the thread that started it is gone."""
    _libc.prctl(_PR_SET_PDEATHSIG, int(sign))


def _postmaster(cluster: Cluster) -> int | None:
    """The process that holds the data, going by the lock file and by what that process really is."""
    try:
        pid = int((cluster.data / "postmaster.pid").read_text().split()[0])
        return pid if Path(f"/proc/{pid}/cwd").readlink() == cluster.data.resolve() else None
    except (OSError, ValueError, IndexError):
        return None


def _clear_stale_lock(cluster: Cluster, wait_seconds: float) -> None:
    """A killed server's lock file names a number that an unrelated process may have by now; PostgreSQL would refuse.

    A server that is still shutting down is waited for.
    """
    lock = cluster.data / "postmaster.pid"
    give_up = time.monotonic() + wait_seconds
    while _postmaster(cluster) is not None:
        if is_running(cluster):
            raise PostgresFailed("The database of this folder is already running.")
        if time.monotonic() > give_up:
            raise PostgresFailed(
                "The database of this folder is still shutting down; start again in a minute."
            )
        time.sleep(0.05)
    if lock.exists():
        lock.unlink(missing_ok=True)
