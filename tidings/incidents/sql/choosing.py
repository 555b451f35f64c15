"""Whether a time to choose that a message tells its readers has passed since."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tidings.messaging.queries import LINES_OF
from tidings.messaging.rules.content import Audience


def choice_passed(audience: Audience, frozen_at: datetime, at: datetime) -> bool:
    """Whether one of these readers could choose when the words were frozen, until a moment that has passed at `at`."""
    return _passed(audience.sql, {**audience.params, "at_now": frozen_at}, at)


def told_choice_passed(message_id: UUID, at: datetime) -> bool:
    """Whether a message that went told one of its readers of a time to choose that has passed at `at`."""
    return _passed(LINES_OF, {"lines_of": message_id}, at)


def _passed(lines: str, values: Mapping[str, Any], at: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_PASSED.format(lines=lines), {**values, "passed_at": at})
        return bool(cursor.fetchone()[0])


_PASSED = """
SELECT EXISTS (
    SELECT FROM ({lines}) reader CROSS JOIN jsonb_array_elements(reader.lines) line
     WHERE (line ->> 'choose_by')::timestamptz <= %(passed_at)s
)
"""
