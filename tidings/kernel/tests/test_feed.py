"""The feed under several writers and takers at once: nothing lost, nothing twice."""

import threading
import time
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from tidings.kernel import feed


def test_what_is_put_is_taken_once_and_in_order(db: None) -> None:
    ids = [uuid4() for _ in range(5)]
    for one in ids:
        feed.put("shipment", [one])
    feed.put("other", [uuid4()])
    assert feed.take("shipment", 3) == ids[:3]
    assert feed.take("shipment", 10) == ids[3:]
    assert feed.take("shipment", 10) == []


def test_a_thing_changed_twice_is_handed_over_once(db: None) -> None:
    thing = uuid4()
    feed.put("shipment", [thing])
    feed.put("shipment", [thing])
    assert feed.take("shipment", 10) == [thing]
    assert feed.take("shipment", 10) == []


def test_what_was_put_together_is_taken_by_whole_lines_and_comes_out_in_its_order(db: None) -> None:
    ids = [uuid4() for _ in range(2 * feed.A_LINE + 5)]
    feed.put("shipment", ids)
    assert feed.take("shipment", 1) == ids[: feed.A_LINE]
    assert feed.take("shipment", feed.A_LINE + 1) == ids[feed.A_LINE :]
    assert feed.take("shipment", 1) == []


def test_what_nobody_needs_is_dropped_unread_and_only_of_its_topic(db: None) -> None:
    feed.put("shipment", [uuid4() for _ in range(5)])
    feed.put("other", [uuid4()])
    assert [feed.drop("shipment"), feed.drop("shipment")] == [5, 0]
    assert len(feed.take("other", 10)) == 1


def test_what_a_failed_taker_took_is_there_again(own_database: str) -> None:
    thing = uuid4()
    feed.put("shipment", [thing])
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        assert feed.take("shipment", 10) == [thing]
        raise ZeroDivisionError
    with transaction.atomic():
        assert feed.take("shipment", 10) == [thing]


def test_taking_outside_a_transaction_is_a_bug(own_database: str) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        feed.take("shipment", 1)


def test_four_writers_and_three_takers_lose_nothing_and_double_nothing(own_database: str) -> None:
    """Writers commit in another order than they wrote: just there a remembered id passes over rows for good."""
    per_writer, batches = 40, 12
    written: list[list[UUID]] = [[] for _ in range(4)]
    taken: list[list[UUID]] = [[] for _ in range(3)]
    writing_over = threading.Event()

    def write(mine: list[UUID], pause: float) -> None:
        for _ in range(batches):
            ids = [uuid4() for _ in range(per_writer)]
            with transaction.atomic():
                feed.put("shipment", ids)
                time.sleep(pause)
            mine.extend(ids)
        connection.close()

    def take(mine: list[UUID]) -> None:
        while True:
            over = writing_over.is_set()
            with transaction.atomic():
                got = feed.take("shipment", 25)
            mine.extend(got)
            if over and not got:
                connection.close()
                return

    writers = [threading.Thread(target=write, args=(mine, n * 0.004)) for n, mine in enumerate(written)]
    takers = [threading.Thread(target=take, args=(mine,)) for mine in taken]
    for thread in [*writers, *takers]:
        thread.start()
    for thread in writers:
        thread.join()
    writing_over.set()
    for thread in takers:
        thread.join()
    everything = [thing for mine in taken for thing in mine]
    assert len(everything) == 4 * per_writer * batches
    assert set(everything) == {thing for mine in written for thing in mine}
    assert sum(bool(mine) for mine in taken) > 1
