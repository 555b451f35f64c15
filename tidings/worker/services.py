"""The channels other than mail, as the sender's engine sees them: what a person's message is, and what a service said of it.

A channel is made once per service and set of settings, and kept. The catcher keeps what goes in drills, as a mail that
says by which channel it would have gone.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, NamedTuple
from uuid import UUID

from tidings.kernel.errors import Refused, TryLater
from tidings.messaging.channels.base import (
    Answer,
    Channel,
    InDoubt,
    Net,
    OurFault,
    Outgoing,
    Receipt,
    Registered,
    Undeliverable,
)
from tidings.messaging.channels.making import channel_kinds, channel_of
from tidings.messaging.engine.compile import Identity, Values
from tidings.messaging.engine.ledger import Lease, RelayAccess, Row
from tidings.messaging.engine.service import Came, Speak, Word
from tidings.messaging.engine.smtp import Server
from tidings.messaging.engine.text import TextProblem
from tidings.messaging.engine.trying import TAKEN, try_relay
from tidings.messaging.rules.delivery import RelayKind, taken_as
from tidings.messaging.rules.freezing import FrozenWords, said_to, words_of_json
from tidings.messaging.rules.refusals import Reason

_LONGEST_SAID = 300


class Spoken(NamedTuple):
    """A service in use: its row, its channel and that channel's settings as JSON."""

    id: UUID
    service: str
    settings: str


Hear = Callable[[UUID, Receipt | Answer], Awaitable[None]]


class ChannelServices:
    """What `engine.service.Services` asks for. `gateway` is the address that callbacks begin with, "" where we have none."""

    def __init__(
        self,
        net: Net,
        identity: Identity,
        gateway: str,
        values: Callable[[Lease], Callable[[Row], Values]],
        *,
        demo: bool,
    ) -> None:
        self._net, self._identity, self._gateway, self._values, self._demo = (
            net,
            identity,
            gateway,
            values,
            demo,
        )
        self._channels: dict[Spoken, Channel] = {}
        self._listening: dict[Spoken, asyncio.Task[None]] = {}
        self._closing: list[asyncio.Future[None]] = []

    def words(self, lease: Lease) -> Callable[[Row], Outgoing]:
        """See `Services`."""
        kept = json.loads(lease.text)
        if "paragraphs" not in kept:
            raise TextProblem("no_text")
        frozen, values = words_of_json(lease.language, kept), self._values(lease)
        callback = f"{self._gateway}{lease.relay.id}/" if self._gateway else ""
        registered = kept.get("registered", {}).get(lease.relay.service)
        return lambda row: _outgoing(lease, row, frozen, values(row), callback, registered)

    def speak(self, access: RelayAccess) -> Speak:
        """See `Services`."""
        if access.kind == RelayKind.CATCHER:
            return lambda message: self._keep(access, _known(message))
        channel = self._channel(Spoken(access.id, access.service, access.settings))
        return lambda message: spoken(channel, _known(message))

    def listen(self, services: Iterable[Spoken], hear: Hear) -> None:
        """From now on hears those services that speak over a channel's own connection, and no other; called again and again."""
        wanted = {one for one in services if channel_kinds()[one.service].events is not Channel.events}
        for gone in self._listening.keys() - wanted:
            self._listening.pop(gone).cancel()
        for one in wanted:
            if one not in self._listening or self._listening[one].done():
                self._listening[one] = asyncio.create_task(_listen(self._channel(one), one.id, hear))

    def _channel(self, wanted: Spoken) -> Channel:
        """One channel per service, kept; one with settings of yesterday is closed."""
        channel = self._channels.get(wanted)
        if channel is None:
            for old in [old for old in self._channels if old.id == wanted.id]:
                self._closing.append(asyncio.ensure_future(self._channels.pop(old).close()))
            channel = self._channels[wanted] = channel_of(wanted.service, wanted.settings, self._net)
        return channel

    async def close(self) -> None:
        """Ends what the channels keep open."""
        for task in self._listening.values():
            task.cancel()
        ending = [*self._closing, *(channel.close() for channel in self._channels.values())]
        await asyncio.gather(*ending)

    async def _keep(self, access: RelayAccess, outgoing: Outgoing) -> Word:
        server = Server(access.host, access.port, access.security)
        content = _kept_mail(outgoing, self._identity)
        tried = await try_relay(server, self._identity.from_address, self._identity.from_address, content)
        if tried.outcome != TAKEN:
            return Word(Came.UNSENT)
        return Word(Came.TAKEN, outcome=taken_as(access.kind, demo=self._demo, drill=outgoing.drill))


async def _listen(channel: Channel, relay_id: UUID, hear: Hear) -> None:
    async with aclosing(channel.events()) as events:
        async for said in events:
            await hear(relay_id, said)


async def spoken(channel: Channel, outgoing: Outgoing) -> Word:
    """Sends, and puts into a word what the channel said or raised."""
    try:
        receipt = await channel.send(outgoing)
    except Undeliverable as refused:
        return Word(Came.REFUSED, _said(refused.facts), reason=_reason(refused.facts, Reason.UNSENDABLE))
    except OurFault as ours:
        return Word(Came.OURS, _said(ours.facts), reason=_reason(ours.facts, Reason.PROTOCOL))
    except InDoubt as doubt:
        return Word(Came.DOUBT, _said(doubt.facts))
    except Refused as forbidden:  # the outbound door: a target that settings may not name
        return Word(Came.OURS, forbidden.code, reason=Reason.NO_ACCESS)
    except TryLater as later:
        if later.code == "outbound.no_answer":
            return Word(Came.UNSENT)
        seconds = later.facts.get("seconds")
        wait = timedelta(seconds=float(str(seconds))) if seconds else None
        return Word(Came.LATER, _said(later.facts), reason=_reason(later.facts, Reason.BUSY), wait=wait)
    return Word(Came.TAKEN, receipt.said[:_LONGEST_SAID], receipt.outcome, reference=receipt.reference)


def _known(message: object) -> Outgoing:
    assert isinstance(message, Outgoing)  # noqa: S101 - `words` made it
    return message


def _said(facts: Mapping[str, object]) -> str:
    return str(facts.get("said") or facts.get("why") or "")[:_LONGEST_SAID]


def _reason(facts: Mapping[str, object], default: Reason) -> Reason:
    named = str(facts.get("reason", ""))
    return Reason(named) if named in set(Reason) else default


def _outgoing(
    lease: Lease,
    row: Row,
    frozen: FrozenWords,
    values: Values,
    callback: str,
    registered: Mapping[str, Any] | None,
) -> Outgoing:
    subject, short, paragraphs = said_to(frozen, values.slots, values.rows)
    return Outgoing(
        delivery_id=row.delivery_id,
        address=row.address,
        name=row.name,
        language=lease.language,
        subject=subject,
        text="\n\n".join(paragraphs),
        drill=lease.drill,
        short=short,
        link=values.slots.get("link", ""),
        code=values.slots.get("code", ""),
        callback=callback,
        registered=_registered(registered, lease.language, _of_first(values)) if registered else None,
        shipments=values.rows,
    )


def _of_first(values: Values) -> Mapping[str, str]:
    """What a field may hold of a reader: the slots outside the rows, and those of the first shipment."""
    return {**(values.rows[0] if values.rows else {}), **values.slots}


def _registered(form: Mapping[str, Any], language: str, slots: Mapping[str, str]) -> Registered:
    filled = {name: _fill(pieces, slots) for name, pieces in form["fields"].items()}
    return Registered(form["template"], form.get("signature", ""), form.get("language") or language, filled)


def _fill(pieces: Sequence[Any], slots: Mapping[str, str]) -> str:
    return "".join(one if isinstance(one, str) else slots.get(one["slot"], "") for one in pieces)


def _kept_mail(outgoing: Outgoing, identity: Identity) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = mail["To"] = identity.from_address
    mail["Subject"] = f"{outgoing.address}: {outgoing.subject}"
    mail["Message-ID"] = f"<{outgoing.delivery_id}@{identity.return_domain}>"
    mail["Content-Language"] = outgoing.language
    mail.set_content(f"{outgoing.short}\n\n{outgoing.text}\n", cte="base64")
    return mail.as_bytes()
