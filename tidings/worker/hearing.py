"""Hears, for as long as the sender lives, the services that speak over a connection of their channel's own (SMPP): what they say
is kept first, and acknowledged to them only then.
"""

import asyncio
from uuid import UUID

import structlog
from django.db import DatabaseError

from tidings.kernel.errors import Missing
from tidings.messaging.actions.services import services_in_use
from tidings.messaging.channels.base import Answer, Receipt
from tidings.messaging.jobs import take_in_heard
from tidings.worker.connections import in_thread
from tidings.worker.services import ChannelServices, Spoken

LOOK_SECONDS = 10.0
_AGAIN_SECONDS = 1.0

log = structlog.get_logger("tidings.sender")


async def keep_hearing(services: ChannelServices) -> None:
    """Looks again and again which services there are; ends by being cancelled."""
    while True:
        try:
            found = await in_thread(services_in_use)
        except DatabaseError as away:
            log.warning("hearing.database_away", reason=str(away).strip())
        else:
            services.listen((Spoken(*one) for one in found), hear)
        await asyncio.sleep(LOOK_SECONDS)


async def hear(relay_id: UUID, said: Receipt | Answer) -> None:
    """Keeps it, however long the database is away."""
    while True:
        try:
            await in_thread(lambda: take_in_heard(relay_id, said))
        except Missing:  # the service was taken out of use meanwhile
            return
        except DatabaseError as away:
            log.warning("hearing.database_away", reason=str(away).strip())
            await asyncio.sleep(_AGAIN_SECONDS)
        else:
            return
