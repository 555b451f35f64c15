"""`tidings demo` as a process of its own: the main job on real input, and figures that add up."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.processes import database_url, free_port
from tests.samples import sample

KEYS = {
    "shipments",
    "customers",
    "rejected_rows",
    "incident",
    "affected_shipments",
    "affected_customers",
    "messages",
    "reach",
    "seconds",
}
PARTS = ("in_time", "late", "under_way", "overdue", "unreachable")


def demo(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """The command on the test's database, with a folder and a catcher's port of its own."""
    own = {
        "DATABASE_URL": database_url(),
        "TIDINGS_HOME": str(home / "home"),
        "TIDINGS_KEY_FILE": str(home / "master.key"),
        "TIDINGS_CATCHER_PORT": str(free_port()),
    }
    return subprocess.run(
        [sys.executable, "-m", "tidings", "demo", *words],
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def told(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    assert done.returncode == 0, done.stderr[-3000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    assert set(answer) == KEYS
    return answer


def adds_up(answer: dict[str, Any]) -> None:
    assert set(answer["reach"]) == {"first_notice", "update", "restored", "closing"}
    for phase, reach in answer["reach"].items():
        assert sum(reach[part] for part in PARTS) == reach["total"]
        assert sum(answer["messages"][phase].values()) <= reach["total"]
        assert reach["overdue"] == reach["late"] == 0
    assert 0 < answer["affected_shipments"] <= answer["shipments"]
    assert 0 < answer["affected_customers"] <= answer["customers"]
    assert {"import", "find", "plan", "hand_over"} <= set(answer["seconds"])


def test_the_sample_that_ships_goes_all_the_way(own_database: str, tmp_path: Path) -> None:
    answer = told(demo(tmp_path, "--shipments", "1500", "--json"))
    adds_up(answer)
    assert answer["shipments"] == 1499
    assert answer["rejected_rows"] > 0
    assert set(answer["messages"]["first_notice"]) == {"en", "nl", "zh-hans"}


def test_the_real_delivery_history_goes_all_the_way_beside_what_is_there(
    own_database: str, tmp_path: Path
) -> None:
    path = sample("shipments/scms_delivery_history.csv")
    told(demo(tmp_path, "--shipments", "3000", "--to", "first_notice", "--json"))
    answer = told(demo(tmp_path, "--file", str(path), "--profile", "scms", "--json"))
    adds_up(answer)
    assert (answer["shipments"], answer["customers"]) == (7_030, 142 + 43)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--file", "nowhere.csv", "--profile", "scms"), "There is no file nowhere.csv."),
        (("--file", "nowhere.csv"), "A file needs its profile"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    own_database: str, tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    done = demo(tmp_path, *words)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
