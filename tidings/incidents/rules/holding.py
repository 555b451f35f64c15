"""When a holding notice may go: a text approved beforehand that a dispatcher sends while no approver answers. Pure."""

from datetime import datetime, timedelta


def holding_from(
    *, second_person: bool, asked_at: datetime | None, first_by: datetime, detected_at: datetime
) -> datetime:
    """The moment from which a holding notice may go.

    At once where the grade asks for no second person. Otherwise an approver who was asked at `asked_at` has a quarter of the
    time that was left until the first notice is due; where nobody was asked, only what is late already may be held.
    """
    if not second_person:
        return detected_at
    if asked_at is None:
        return first_by
    return min(first_by, asked_at + max(first_by - asked_at, timedelta(0)) / 4)
