"""What a UUIDv7 of ours promises."""

import time
from runpy import run_path

from tidings.kernel import ids
from tidings.kernel.ids import new_id


def test_ids_of_one_process_are_in_the_order_of_their_making() -> None:
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_an_id_is_a_version_7_of_the_present_millisecond() -> None:
    anew = run_path(ids.__file__)  # another test's travels left this process with ids of their own day
    made = anew["new_id"]()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert abs((made.int >> 80) - time.time() * 1000) < 2000


def test_an_id_for_a_moment_carries_that_moment() -> None:
    assert new_id(1_700_000_000_000).int >> 80 == 1_700_000_000_000
