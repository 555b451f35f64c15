"""What servers have proven of addresses."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from tidings.messaging import sql


def taken_since(tried: Sequence[tuple[UUID, str, str, datetime]]) -> set[tuple[str, str]]:
    """Of (contact, channel, address, since): the (channel, address) whose own server has taken mail for it since then.

    What a relay of ours took proves nothing, nor does a drill.
    """
    if not tried:
        return set()
    contacts, channels, addresses, sinces = (list(column) for column in zip(*tried, strict=True))
    values = {"contacts": contacts, "channels": channels, "addresses": addresses, "sinces": sinces}
    with connection.cursor() as cursor:
        cursor.execute(sql.TAKEN_SINCE, values)
        return {(channel, address) for channel, address in cursor.fetchall()}
