"""Every line is one JSON object, and what should not have been logged does not come out."""

import json
import subprocess
import sys

import pytest

from tidings.kernel import logs

PROCESS = """
import logging, structlog
from tidings.kernel import logs
logs.configure()
structlog.get_logger("tidings.test").warning("job.given_back", code="a.b", job=7)
try:
    raise ValueError("mail to a@example.org failed")
except ValueError:
    logging.getLogger("django.request").exception("Internal error at %s", "/x")
"""


@pytest.mark.parametrize(
    ("said", "comes_out"),
    [
        ("Key (email)=(o'neil+x@mail.example.org) already exists", "Key (email)=([hidden]) already exists"),
        ("杨@例子.cn wrote", "[hidden] wrote"),
        ("call +31 (0)20 555-0123 now", "call [hidden] now"),
        ("INC-2026-11-0001 took 12345678 ms", "INC-2026-11-0001 took 12345678 ms"),
        ("postgresql://tidings:s3cret@db/x", "postgresql://tidings:[hidden]@db/x"),
        ({"token": "abc", "to": ["a@example.org", 7]}, {"token": "[hidden]", "to": ["[hidden]", 7]}),
        (None, None),
    ],
)
def test_what_should_not_be_in_a_log_is_hidden(said: object, comes_out: object) -> None:
    assert logs.hide_personal(None, "info", {"value": said}) == {"value": comes_out}


def test_our_lines_and_the_libraries_come_out_alike() -> None:
    done = subprocess.run([sys.executable, "-c", PROCESS], capture_output=True, text=True, check=True)
    ours, theirs = map(json.loads, done.stderr.splitlines())
    assert done.stdout == ""
    assert ours.items() >= {"event": "job.given_back", "code": "a.b", "job": 7, "level": "warning"}.items()
    assert theirs["event"] == "Internal error at /x"
    assert "mail to [hidden] failed" in theirs["exception"]
    assert {"timestamp", "logger"} <= ours.keys() & theirs.keys()
