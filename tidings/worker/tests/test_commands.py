"""What a command says at the terminal when it cannot do what was asked: one sentence, exit code 1, no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import database_url


def refused(*arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tidings", *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr.strip()


@pytest.mark.usefixtures("own_database")
def test_a_folder_that_cannot_be_made_is_named_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    said = refused("sample", str(tmp_path / "file" / "sample"), DATABASE_URL=database_url())
    assert said.startswith(f"{tmp_path}/file/sample cannot be used: Not a directory.")


def test_a_restore_without_a_key_says_how_to_give_one(tmp_path: Path) -> None:
    said = refused("db", "restore", str(tmp_path / "backup.tar"), TIDINGS_HOME=str(tmp_path / "home"))
    assert "--identity-file" in said
    assert "--recipient" not in said
