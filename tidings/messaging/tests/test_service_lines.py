"""Services other than mail on both ledgers: each message once, what came of it, the next rung, and another service instead."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from tidings.kernel.clock import now
from tidings.messaging.engine.ledger import Lease, RelayAccess, Row
from tidings.messaging.engine.service import Came, Speak, Word
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Reason
from tidings.messaging.tests.sinks import Sink, serving
from tidings.messaging.tests.test_sender import sending, settings, until
from tidings.messaging.tests.worlds import Person, World, add_relay, outcomes, plan, states

Says = Callable[[Row, RelayAccess], Word | Awaitable[Word]]
TAKEN = Word(Came.TAKEN)


class Spoken:
    """Services that answer as told; a message is the row that it is for."""

    def __init__(self, says: Says) -> None:
        self._says = says
        self.heard: list[tuple[str, UUID]] = []
        self.most = self._now = 0

    def words(self, lease: Lease) -> Callable[[Row], object]:
        return lambda row: row

    def speak(self, access: RelayAccess) -> Speak:
        async def speak(message: object) -> Word:
            assert isinstance(message, Row)
            self.heard.append((access.code, message.delivery_id))
            self._now += 1
            self.most = max(self.most, self._now)
            await asyncio.sleep(0.01)
            self._now -= 1
            said = self._says(message, access)
            return said if isinstance(said, Word) else await said

        return speak


def phones(count: int, **rest: object) -> list[Person]:
    return [Person(f"+3161234{at:04}", f"Zoë {at}", channel="sms", **rest) for at in range(count)]  # type: ignore[arg-type]


def sms(world: World, **given: object) -> UUID:
    return add_relay(world, kind="relay", channel="sms", service="test", **{"code": "sms", **given})  # type: ignore[arg-type]


async def test_everybody_gets_one_message_and_it_can_be_found_again(world: World, tmp_path: Path) -> None:
    sms(world, connections=3)
    services = Spoken(lambda row, _: Word(Came.TAKEN, reference=f"ref {row.address}"))
    async with world.ledger() as ledger:
        plan(world, phones(40), chunk_size=15)
        async with sending(ledger, settings(tmp_path), services):
            await until(lambda: outcomes(world)["handed_over"] == 40)
    assert len({delivery for _, delivery in services.heard}) == len(services.heard) == 40
    assert 1 < services.most <= 4, "the service's connections hold"
    found = dict(world.rows("SELECT reference, delivery_id FROM reference"))
    assert len(found) == 40
    assert str(found["ref +31612340007"]) in {str(delivery) for _, delivery in services.heard}


async def test_mail_and_text_messages_go_by_their_own_services(world: World, tmp_path: Path) -> None:
    sms(world)
    services = Spoken(lambda *_: TAKEN)
    async with serving(Sink()) as sink, world.ledger() as ledger:
        add_relay(world, sink.port)
        plan(world, [*phones(5), Person("ilse@example.org")])
        async with sending(ledger, settings(tmp_path), services):
            await until(lambda: outcomes(world).total() == 6)
    assert [took.to for took in sink.took] == [b"ilse@example.org"]
    assert len(services.heard) == 5


async def test_a_number_that_is_refused_gives_way_to_the_next_rung(world: World, tmp_path: Path) -> None:
    sms(world)
    services = Spoken(lambda *_: Word(Came.REFUSED, "no such number", reason=Reason.UNKNOWN_NUMBER))
    mail = [{"channel": "email", "address": "ilse@example.org"}]
    async with serving(Sink()) as sink, world.ledger() as ledger:
        add_relay(world, sink.port)
        plan(world, phones(1, further=mail))
        async with sending(ledger, settings(tmp_path), services):
            await until(lambda: outcomes(world)["refused"] == 1)
            await ledger.settle(1, now())
            await until(lambda: outcomes(world)["accepted"] == 1)
    assert [took.to for took in sink.took] == [b"ilse@example.org"]
    said = world.rows("SELECT reply, refusal FROM result WHERE outcome = 'refused'")
    assert said == [("unknown_number: no such number", "address")]


async def test_a_message_that_a_service_cannot_carry_gives_way_and_blames_no_number(
    world: World, tmp_path: Path
) -> None:
    sms(world)
    services = Spoken(lambda *_: Word(Came.REFUSED, "21408", reason=Reason.NO_ROUTE))
    async with world.ledger() as ledger:
        plan(world, phones(1))
        async with sending(ledger, settings(tmp_path), services):
            await until(lambda: outcomes(world)["refused"] == 1)
    assert world.rows("SELECT reply, refusal FROM result") == [("no_route: 21408", "not_now")]


async def test_one_that_refuses_us_is_stopped_and_another_stands_in(world: World, tmp_path: Path) -> None:
    broke = sms(world, code="broke", position=0)
    sms(world, code="second", position=1)
    services = Spoken(
        lambda _, access: (
            Word(Came.OURS, "no credit", reason=Reason.NO_CREDIT) if access.code == "broke" else TAKEN
        )
    )
    async with world.ledger() as ledger:
        broadcast = plan(world, phones(30), chunk_size=10)
        async with sending(ledger, settings(tmp_path, settle_every_seconds=0.1), services):
            await until(lambda: outcomes(world)["handed_over"] >= 20)
            await ledger.settle(1, now() + timedelta(minutes=2))
            await until(lambda: outcomes(world)["handed_over"] == 30)
    hands = world.rows("SELECT scope, thing, reason FROM pause")
    assert [(scope, str(thing), reason) for scope, thing, reason in hands] == [
        ("relay", str(broke), "no_credit")
    ]
    assert states(world, broadcast).total() == 30
    assert sum(code == "broke" for code, _ in services.heard) <= 12, "two windows at most"


async def test_what_gave_no_answer_is_in_doubt_and_what_never_left_is_not(
    world: World, tmp_path: Path
) -> None:
    sms(world, connections=1, reserved=1)
    tries: dict[str, int] = {}

    def says(row: Row, _: RelayAccess) -> Word:
        tries[row.address] = tries.get(row.address, 0) + 1
        if row.address.endswith("0"):
            return Word(Came.DOUBT)
        return Word(Came.UNSENT) if tries[row.address] == 1 else TAKEN

    async with world.ledger() as ledger:
        plan(world, phones(2))
        async with sending(ledger, settings(tmp_path), Spoken(says)):
            await until(lambda: outcomes(world).total() == 2)
    assert outcomes(world) == {Outcome.UNCERTAIN: 1, Outcome.HANDED_OVER: 1}
    assert tries == {"+31612340000": 1, "+31612340001": 2}


async def test_a_channel_that_breaks_stops_itself_and_nothing_else(world: World, tmp_path: Path) -> None:
    sms(world, connections=1)

    def says(row: Row, _: RelayAccess) -> Word:
        raise RuntimeError("a fault of the channel")

    async with serving(Sink()) as sink, world.ledger() as ledger:
        add_relay(world, sink.port)
        plan(world, [*phones(5), Person("ilse@example.org")])
        async with sending(ledger, settings(tmp_path), Spoken(says)):
            await until(lambda: len(sink.took) == 1 and world.rows("SELECT 1 FROM pause") != [])
    assert world.rows("SELECT scope, reason FROM pause") == [("relay", "broke")]
    assert outcomes(world)[Outcome.UNCERTAIN] <= 2
