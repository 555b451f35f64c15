"""A full disk is told apart from every other fault, however deep it lies."""

import errno

import psycopg
import pytest
from django.db import OperationalError

from tidings.kernel.disk import told


def _caused(outer: BaseException, inner: BaseException) -> BaseException:
    outer.__cause__ = inner
    return outer


FULL = OSError(errno.ENOSPC, "No space left on device", "/srv/x")
REFUSED = psycopg.OperationalError(
    "connection failed: FATAL: could not write init file: No space left on device"
)


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (FULL, "No space left on device /srv/x"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "Disk quota exceeded"),
        (_caused(RuntimeError("could not"), FULL), "No space left on device /srv/x"),
        (
            _caused(OperationalError(), psycopg.errors.DiskFull("could not extend file")),
            "could not extend file",
        ),
        (_caused(OperationalError(), REFUSED), str(REFUSED)),
        (OSError(errno.EACCES, "Permission denied"), None),
        (psycopg.OperationalError("the server is away"), None),
        (None, None),
    ],
)
def test_a_full_disk_is_told_and_nothing_else_is(problem: BaseException | None, reason: str | None) -> None:
    found = told(problem)
    assert (found.facts["reason"] if found else None) == reason
