"""The folder of state is one supervisor's at a time."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tidings.kernel.errors import Refused
from tidings.worker import home


def test_a_second_start_on_the_same_folder_is_refused_and_told_where_the_first_is(tmp_path: Path) -> None:
    with home.claimed(tmp_path, "http://127.0.0.1:8000/"):
        with pytest.raises(Refused) as refused, home.claimed(tmp_path, "http://127.0.0.1:8001/"):
            pass
        assert refused.value.code == "run.running"
        assert refused.value.facts["address"] == "http://127.0.0.1:8000/"
        assert refused.value.facts["process"] == str(os.getpid())
    with home.claimed(tmp_path, "http://127.0.0.1:8001/"):
        pass


def test_a_folder_below_a_file_cannot_be_claimed(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match=r"run\.home_closed"), home.claimed(tmp_path / "file" / "home", ""):
        pass


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Refused) as refused:
            home.require_port("127.0.0.1", port)
    assert refused.value.code == "run.port_taken"
    assert refused.value.facts["port"] == port
    home.require_port("127.0.0.1", port)


def test_a_full_disk_is_named_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "_ROOM", 1 << 60)
    with pytest.raises(Refused, match=r"run\.disk_full"):
        home.require_room(tmp_path)


def test_leftovers_of_this_folder_end_and_those_of_another_stay(tmp_path: Path) -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    ours = subprocess.Popen(sleep, env={**os.environ, home.MARK: str(tmp_path)})
    other = subprocess.Popen(sleep, env={**os.environ, home.MARK: str(tmp_path / "other")})
    try:
        time.sleep(0.1)
        assert home.end_leftovers(tmp_path) == 1
        assert ours.wait(5) != 0
        assert other.poll() is None
    finally:
        ours.kill()
        other.kill()
        ours.wait()
        other.wait()
