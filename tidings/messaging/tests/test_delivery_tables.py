"""What the delivery tables guard by themselves."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from tidings.kernel.ids import new_id


def _result(cursor: object, delivery_id: object) -> None:
    cursor.execute(  # type: ignore[attr-defined]
        "INSERT INTO messaging_result (delivery_id, attempt, outcome, recipient_id, broadcast_id, at)"
        " VALUES (%s, 1, 'accepted', %s, %s, now())",
        [delivery_id, delivery_id, new_id()],
    )


@pytest.mark.django_db
@pytest.mark.parametrize("months", [0, 2])
def test_a_result_finds_its_month_and_default_stays_empty(months: int) -> None:
    now = datetime.now(UTC)
    at = now.replace(
        year=now.year + (now.month - 1 + months) // 12, month=(now.month - 1 + months) % 12 + 1, day=1
    )
    with connection.cursor() as cursor:
        _result(cursor, new_id(int(at.timestamp() * 1000)))
        cursor.execute("SELECT count(*) FROM messaging_result_default")
        assert cursor.fetchone() == (0,)
        cursor.execute(f"SELECT count(*) FROM messaging_result_y{at:%Y}m{at:%m}")
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db
def test_an_id_made_by_the_database_is_a_uuid_of_version_7_from_now() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tidings_new_id()")
        made = cursor.fetchone()[0]
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert abs((made.int >> 80) / 1000 - datetime.now(UTC).timestamp()) < 60
