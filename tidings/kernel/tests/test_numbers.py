"""Numbers without gaps, however many ask and however many of them fail."""

import random
import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from tidings.kernel.numbers import month_series, next_number, written


@pytest.mark.parametrize(
    ("prefix", "at", "zone", "series"),
    [
        ("INC", datetime(2026, 11, 30, 22, 59, tzinfo=UTC), "Europe/Amsterdam", "INC-2026-11"),
        ("INC", datetime(2026, 11, 30, 23, 1, tzinfo=UTC), "Europe/Amsterdam", "INC-2026-12"),
        ("", datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "Asia/Shanghai", "2027-01"),
    ],
)
def test_the_month_is_the_firms_own(prefix: str, at: datetime, zone: str, series: str) -> None:
    assert month_series(prefix, at, zone) == series


@pytest.mark.parametrize(
    ("number", "text"), [(1, "INC-2026-11-0001"), (9999, "INC-2026-11-9999"), (10000, "INC-2026-11-10000")]
)
def test_a_number_has_at_least_four_digits(number: int, text: str) -> None:
    assert written("INC-2026-11", number) == text


def test_each_series_starts_at_one(db: None) -> None:
    assert [next_number("A"), next_number("A"), next_number("B")] == [1, 2, 1]


def test_a_number_outside_a_transaction_is_a_bug(own_database: str) -> None:
    with pytest.raises(RuntimeError, match="gap"):
        next_number("A")


def test_fifty_clients_of_whom_some_fail_leave_no_gap_and_no_double(own_database: str) -> None:
    """A sequence would pass every other test here, and leave a hole for each of the failures."""
    each, failures = 6, []
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE numbered (n bigint)")

    def ask(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(each):
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute("INSERT INTO numbered VALUES (%s)", [next_number("INC-2026-11")])
                    if chance.random() < 0.25:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                failures.append(seed)
        connection.close()

    clients = [threading.Thread(target=ask, args=(seed,)) for seed in range(50)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    with connection.cursor() as cursor:
        cursor.execute("SELECT n FROM numbered ORDER BY n")
        numbers = [n for (n,) in cursor.fetchall()]
    assert len(failures) > 10
    assert numbers == list(range(1, 50 * each - len(failures) + 1))
