"""What a test run must do when a test hangs, or leaves something running: say so, fail, and clean up."""

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
LEAVES = "import subprocess\ndef test_leaves():\n    subprocess.Popen(['sleep', '61.5'], stdin=subprocess.DEVNULL)\n"
HANGS = "import time\ndef test_hangs():\n    wait_for_ever()\ndef wait_for_ever():\n    time.sleep(62)\n"


def run(folder: Path, source: str, *options: str) -> "subprocess.CompletedProcess[str]":
    """A run of its own, with these plug-ins only: no Django, no database."""
    (folder / "test_it.py").write_text(source)
    plain = ["-c", "/dev/null", "--rootdir", str(folder), "-p", "no:cacheprovider", "-p", "tests.leftovers"]
    kept = {name: value for name, value in os.environ.items() if name != "TIDINGS_TEST_RUN"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plain, *options, str(folder)],
        cwd=CHECKOUT,
        env={**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_process_that_outlives_its_test_is_named_and_ended_and_fails_the_run(tmp_path: Path) -> None:
    done = run(tmp_path, LEAVES, "-o", "filterwarnings=ignore")
    assert "1 passed" in done.stdout
    assert done.returncode == 1
    [told] = [line for line in done.stderr.splitlines() if "left behind" in line]
    process = int(told.split(": ")[1].split()[0])
    assert "sleep 61.5" in told
    assert not (Path("/proc") / str(process) / "exe").exists()


def test_a_test_that_hangs_fails_with_the_place_where_it_hung(tmp_path: Path) -> None:
    done = run(tmp_path, HANGS, "-p", "pytest_timeout", "-p", "xdist", "--timeout", "1", "-n", "1")
    assert done.returncode == 1
    assert "Timeout" in done.stdout
    assert "wait_for_ever" in done.stdout
    assert not done.stderr
