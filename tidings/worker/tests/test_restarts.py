"""The pauses between restarts."""

import pytest

from tidings.worker.restarts import FIRST_PAUSE, LONGEST_PAUSE, next_pause


@pytest.mark.parametrize(
    ("last", "lived", "expected"),
    [
        (FIRST_PAUSE, 0.1, 2 * FIRST_PAUSE),
        (8.0, 3.0, 16.0),
        (20.0, 3.0, LONGEST_PAUSE),
        (LONGEST_PAUSE, 59.0, LONGEST_PAUSE),
        (LONGEST_PAUSE, 60.0, FIRST_PAUSE),
    ],
)
def test_a_process_that_dies_at_once_is_waited_for_longer_each_time(
    last: float, lived: float, expected: float
) -> None:
    assert next_pause(last, lived) == expected
