"""The one place that reads the wall clock. Rules take `now` as an argument; edges ask here."""

from datetime import UTC, datetime


def now() -> datetime:
    """The moment, aware, in UTC."""
    return datetime.now(UTC)
