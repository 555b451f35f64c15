"""The network as channels see it: the kernel's one outbound door, with its connections kept, in the channels' own terms."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from tidings.kernel.errors import Refused
from tidings.kernel.outbound import Door, Unanswered, checked_addresses
from tidings.messaging.channels.base import HttpAnswer, InDoubt

_UNREADABLE = frozenset({"outbound.too_large", "outbound.packed"})


class OutboundNet:
    """See `channels.base.Net`. `allow` are the in-house targets, by default those of the environment; `patience` is the longest
    that any request waits, whatever it asks for. Belongs to one event loop.
    """

    def __init__(self, *, allow: Sequence[str] | None = None, patience: float | None = None) -> None:
        self._door = Door(allow=allow)
        self._allow, self._patience = allow, patience

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        seconds: float = 15.0,
    ) -> HttpAnswer:
        """See `Net`. An answer too large or compressed is none: the message may have been taken."""
        wait = seconds if self._patience is None else min(seconds, self._patience)
        try:
            answer = await self._door.request(method, url, headers=headers, content=content, seconds=wait)
        except Unanswered:
            raise InDoubt("messaging.no_answer", said="no answer") from None
        except Refused as refused:
            if refused.code in _UNREADABLE:
                raise InDoubt("messaging.no_answer", said=refused.code) from None
            raise
        return HttpAnswer(answer.status, answer.headers, answer.body)

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """See `Net`."""
        return await checked_addresses(host, port, allow=self._allow)

    async def close(self) -> None:
        """Ends every connection."""
        await self._door.close()


@asynccontextmanager
async def net() -> AsyncIterator[OutboundNet]:
    """The network for as long as a process sends."""
    opened = OutboundNet()
    try:
        yield opened
    finally:
        await opened.close()
