"""The pages' process may be started early; it answers nobody before everything is set up."""

import http.client
import time
from pathlib import Path

from tests.processes import free_port, running
from tests.stack import within
from tidings.worker.home import READY

LOADED_SECONDS = 4  # longer than a worker of the web server needs to load on an idle machine


def _status(port: int) -> int:
    """What /health answers; 0 where no answer comes in time."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def test_no_page_is_answered_before_the_supervisor_has_set_up(own_database: str, tmp_path: Path) -> None:
    port, log, ready = free_port(), tmp_path / "log", tmp_path / "run.ready"
    (tmp_path / "home" / "static").mkdir(parents=True)
    log.touch()
    own = {
        "TIDINGS_HOME": str(tmp_path / "home"),
        "TIDINGS_KEY_FILE": str(tmp_path / "master.key"),
        "TIDINGS_PORT": str(port),
        "TIDINGS_WEB_PROCESSES": "1",
        READY: str(ready),
    }
    with running("web", log=log, **own):
        within(60, lambda: "Spawning worker" in log.read_text())
        give_up = time.monotonic() + LOADED_SECONDS
        while time.monotonic() < give_up:
            assert _status(port) == 0
            time.sleep(0.1)
        ready.touch()
        within(60, lambda: _status(port) == 200)
