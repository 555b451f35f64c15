"""What the worker does that needs the outbound door: a test message by a service."""

import asyncio
from uuid import UUID, uuid4

from django.utils.translation import gettext as _
from django.utils.translation import override

from tidings.kernel.clock import now
from tidings.kernel.jobs import job
from tidings.messaging import queries
from tidings.messaging.actions.services import TRY_SERVICE, kept_settings
from tidings.messaging.actions.trying import note_tried
from tidings.messaging.channels.base import Outgoing
from tidings.messaging.channels.making import channel_of
from tidings.messaging.engine.service import Came
from tidings.worker.net import net
from tidings.worker.services import spoken


@job(TRY_SERVICE, priority=5)
def trying_service(relay: str, to: str) -> None:
    """One message to an address that somebody gave, by one service."""
    service, settings = kept_settings(UUID(relay))
    with override("en"):
        said = _("This is a test message of %(firm)s. Nobody else got it.") % {"firm": queries.voice().firm}
    outgoing = Outgoing(uuid4(), to, "", "en", said, said, short=said)
    came = asyncio.run(_try(service, settings, outgoing))
    note_tried(UUID(relay), came.value, None, now())


async def _try(service: str, settings: str, outgoing: Outgoing) -> Came:
    async with net() as door:
        channel = channel_of(service, settings, door)
        try:
            return (await spoken(channel, outgoing)).came
        finally:
            await channel.close()
