"""The test run's own PostgreSQL. A plug-in (`-p tests.database`), as it must stand before Django reads its settings.

Several workers have a home, a server and a key each, in the folder of the whole run; the process that only hands out the
tests starts none. DATABASE_URL names another server; the workers then have a database each.
"""

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
"""What this worker is called; empty where one process runs all tests."""
own_server = "DATABASE_URL" not in os.environ
if WORKER:
    home = Path(os.environ["TIDINGS_HOME"]) / WORKER
    home.mkdir()
else:
    home = Path(tempfile.mkdtemp(prefix="tidings-test-")).resolve()
home.chmod(0o755)  # the server's system account must reach its cluster inside
os.environ["TIDINGS_HOME"] = str(home)
os.environ["TIDINGS_KEY_FILE"] = f"{home}.key"
_server = None


def pytest_configure(config: pytest.Config) -> None:
    """Starts an embedded server before Django opens its first connection, unless DATABASE_URL names one."""
    global _server
    if not own_server or _only_hands_out(config):
        return
    from tidings.kernel import postgres

    cluster = postgres.cluster_of(home)
    if "TIDINGS_TEST_POSTGRES" in os.environ:  # an older major version, from Debian's programs
        cluster = replace(cluster, new_major=int(os.environ["TIDINGS_TEST_POSTGRES"]))
    postgres.prepare(cluster)
    with (cluster.data / "postgresql.conf").open("a") as settings:
        settings.write(
            "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 200\n"
        )
    _server = postgres.start(cluster)


def _only_hands_out(config: pytest.Config) -> bool:
    return not WORKER and bool(config.getoption("tx", None))


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if _server is not None:
        from tidings.kernel import postgres

        postgres.stop(_server)
    shutil.rmtree(home, ignore_errors=True)
    Path(f"{home}.key").unlink(missing_ok=True)
