"""What the worker does for messaging, beside what the kernel does for every partitioned table."""

import pytest

from tidings.kernel.partitions import ensure_ahead, partitioned_tables, rows_in_default
from tidings.messaging import jobs

pytestmark = pytest.mark.django_db


def test_months_for_results_are_made_ahead_with_every_other_tables() -> None:
    assert "messaging_result" in partitioned_tables()
    ensure_ahead()
    assert ensure_ahead() == 0
    assert rows_in_default("messaging_result") == 0


def test_emptying_an_empty_catcher_is_no_work() -> None:
    jobs.emptying()
