"""The whole road on both ledgers: lease, render, send, journal, record; stops, refusals, outages and kills on the way."""

import asyncio
import email
import email.policy
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tidings.messaging.engine.ledger import Fenced, Pause, Unavailable
from tidings.messaging.engine.sender import SenderSettings, run_sender
from tidings.messaging.engine.service import Services
from tidings.messaging.engine.text import Paragraph, Slot, Text
from tidings.messaging.tests.sender_process import IDENTITY, TOKENS, values_of
from tidings.messaging.tests.sinks import Conversation, Sink, serving
from tidings.messaging.tests.worlds import Person, World, add_relay, outcomes, people, plan, states

CHECKOUT = Path(__file__).resolve().parents[3]


def settings(folder: Path, **given: object) -> SenderSettings:
    quick = {"poll_seconds": 0.02, "settle_every_seconds": 30.0, "reply_seconds": 5.0, "content_seconds": 5.0}
    return SenderSettings(IDENTITY, folder / "journal", 1, **{**quick, **given})  # type: ignore[arg-type]


@asynccontextmanager
async def sending(
    ledger: object, given: SenderSettings, services: Services | None = None
) -> AsyncIterator[asyncio.Event]:
    """A sender at work; it is stopped, and its errors rise, at the end."""
    stop = asyncio.Event()
    task = asyncio.create_task(run_sender(ledger, given, values_of, stop, services))  # type: ignore[arg-type]
    try:
        yield stop
    finally:
        stop.set()
        async with asyncio.timeout(10):
            await task


async def until(condition: object, seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.01)


def arrived(sink: Sink) -> Counter[UUID | None]:
    """Deliveries by the Message-ID that the sink saw."""
    parsed = [email.message_from_bytes(took.content, policy=email.policy.default) for took in sink.took]
    return Counter(TOKENS.delivery_of(str(message["Message-ID"])) for message in parsed)


async def test_everybody_gets_one_mail_of_their_own(world: World, tmp_path: Path) -> None:
    async with serving(Sink()) as sink, world.ledger() as ledger:
        add_relay(world, sink.port, connections=4)
        broadcast = plan(
            world, [*people(50), *people(30, language="zh-hans", destination="qq")], chunk_size=20
        )
        single = plan(world, [Person("answer@example.org", "Bo")], lane="single")
        async with sending(ledger, settings(tmp_path)):
            await until(lambda: outcomes(world)["accepted"] == 81)
        tallies = await ledger.tallies(broadcast)
    assert (tallies.total, tallies.accepted, tallies.pending) == (80, 80, 0)
    assert (await_counts := arrived(sink)) and set(await_counts.values()) == {1}
    assert len(await_counts) == 81
    assert None not in await_counts
    assert single != broadcast
    assert sink.most <= 5, "the relay's four connections and the one reserved"
    assert not sink.faults
    first = next(took for took in sink.took if took.to == b"p7@example.org")
    message = email.message_from_bytes(first.content, policy=email.policy.default)
    assert message["To"] == "Zoë 7 <p7@example.org>"
    assert TOKENS.delivery_of(first.sender.decode()) == TOKENS.delivery_of(str(message["Message-ID"]))
    assert TOKENS.delivery_of(str(message["Reply-To"])) is not None
    assert "Dear Zoë 7," in message.get_body(("plain",)).get_content()


async def test_each_refusal_does_what_its_kind_asks(world: World, tmp_path: Path) -> None:
    replies = {
        b"p0@example.org": b"550 5.1.1 no such user\r\n",
        b"p1@example.org": b"452 4.2.2 mailbox full\r\n",
        b"p2@example.org": b"550 5.7.1 we do not like you\r\n",
    }

    def answer(line: bytes, conversation: Conversation) -> bytes | None:
        return replies.get(line[9:-1]) if line[:4] == b"RCPT" else None

    async with serving(Sink(answer=answer)) as sink, world.ledger() as ledger:
        add_relay(world, sink.port)
        broadcast = plan(world, people(6))
        async with sending(ledger, settings(tmp_path)):
            await until(lambda: sum(outcomes(world).values()) == 6)
        tallies = await ledger.tallies(broadcast)
    assert (tallies.refused, tallies.later, tallies.accepted) == (1, 2, 3)
    assert sorted(world.rows("SELECT refusal FROM result WHERE refusal IS NOT NULL")) == [
        ("address",),
        ("not_now",),
        ("ours",),
    ]
    assert world.rows("SELECT count(*) FROM pause") == [(0,)], "one of thousands of others stops nothing"


async def test_a_limit_of_a_large_provider_stops_its_lane_and_only_that(world: World, tmp_path: Path) -> None:
    def answer(line: bytes, conversation: Conversation) -> bytes | None:
        return b"550 Domain frequency limited\r\n" if line[:4] == b"RCPT" and b"@qq.com" in line else None

    async with serving(Sink(answer=answer)) as sink, world.ledger() as ledger:
        relay = add_relay(world, sink.port, connections=2, reserved=0)
        qq = plan(world, [Person(f"p{at}@qq.com", destination="qq") for at in range(30)])
        others = plan(world, people(30))
        async with sending(ledger, settings(tmp_path)):
            await until(lambda: outcomes(world)["accepted"] == 30)
        stopped, reached = await ledger.tallies(qq), await ledger.tallies(others)
    assert reached.accepted == 30
    assert stopped.refused == 0, "no address is marked for what is our fault"
    assert stopped.later + stopped.pending == 30
    assert stopped.later <= 4, "the lane stops at once: only what was under way hears it too"
    [(scope, thing, reason, by)] = world.rows("SELECT scope, thing, reason, paused_by FROM pause")
    assert (scope, thing, reason, by) == ("destination", f"{relay}/qq", "rate", "engine")


async def test_a_wrong_password_stops_the_relay_and_raises_a_hand(world: World, tmp_path: Path) -> None:
    def answer(line: bytes, conversation: Conversation) -> bytes | None:
        return b"535 5.7.8 no\r\n" if line.startswith(b"AUTH") else None

    async with serving(Sink(("AUTH PLAIN",), answer)) as sink, world.ledger() as ledger:
        add_relay(world, sink.port, user="ilse", secret=b"wrong")
        broadcast = plan(world, people(5))
        async with sending(ledger, settings(tmp_path)):
            await until(lambda: world.rows("SELECT scope, reason FROM pause"))
        tallies = await ledger.tallies(broadcast)
    assert world.rows("SELECT scope, reason FROM pause") == [("relay", "no_access")]
    assert tallies.pending == 5
    assert "wrong" not in str(world.rows("SELECT detail FROM pause"))


async def test_a_stop_holds_the_rest_and_nothing_is_lost(world: World, tmp_path: Path) -> None:
    async with serving(Sink(seconds=0.02)) as sink, world.ledger() as ledger:
        add_relay(world, sink.port, connections=2)
        broadcast = plan(world, people(100))
        async with sending(ledger, settings(tmp_path)):
            await until(lambda: len(sink.took) >= 5)
            stop = Pause("broadcast", str(broadcast), "asked", "Ilse")
            await ledger.pause(1, stop)
            at_stop = len(sink.took)
            await until(lambda: world.rows("SELECT state FROM chunk") == [("open",)])
            assert len(sink.took) <= at_stop + 3 * 2, "at most what was released already"
            await ledger.pause(1, Pause("broadcast", str(broadcast), "asked", "Ilse", ended=True))
            await until(lambda: outcomes(world)["accepted"] == 100)
    assert set(arrived(sink).values()) == {1}


async def test_a_sender_that_is_told_to_stop_leaves_nothing_in_doubt(world: World, tmp_path: Path) -> None:
    async with serving(Sink(seconds=0.01)) as sink, world.ledger() as ledger:
        add_relay(world, sink.port)
        plan(world, people(200))
        async with sending(ledger, settings(tmp_path)):
            await until(lambda: len(sink.took) >= 20)
        assert outcomes(world) == {"accepted": len(sink.took)}
        async with sending(ledger, settings(tmp_path)):
            await until(lambda: outcomes(world)["accepted"] == 200)
    assert set(arrived(sink).values()) == {1}


async def test_a_relays_rate_is_kept(world: World, tmp_path: Path) -> None:
    async with serving(Sink()) as sink, world.ledger() as ledger:
        add_relay(world, sink.port, connections=4, reserved=0, rate=40)
        plan(world, people(30))
        began = asyncio.get_running_loop().time()
        async with sending(ledger, settings(tmp_path)):
            await until(lambda: outcomes(world)["accepted"] == 30)
        took = asyncio.get_running_loop().time() - began
    assert 0.6 < took < 2.5


async def test_a_name_with_a_control_character_stops_only_itself(world: World, tmp_path: Path) -> None:
    readers = [
        Person("a@example.org", "Eve\r\nBcc: all@example.org"),
        Person("b@example.org"),
        Person("c d@example.org"),
    ]
    async with serving(Sink()) as sink, world.ledger() as ledger:
        add_relay(world, sink.port)
        broadcast = plan(world, readers)
        async with sending(ledger, settings(tmp_path)):
            await until(lambda: sum(outcomes(world).values()) == 3)
            later = datetime.now(UTC) + timedelta(seconds=1)
            await ledger.settle(1, later)
    assert [took.to for took in sink.took] == [b"b@example.org"]
    assert states(world, broadcast)["unreachable"] == 2


async def test_a_text_with_a_slot_that_nobody_fills_stops_its_broadcast(world: World, tmp_path: Path) -> None:
    text = Text(("Delay",), (Paragraph("greeting", (Slot("nobody_knows"),)),))
    async with serving(Sink()) as sink, world.ledger() as ledger:
        add_relay(world, sink.port)
        broken, sound = plan(world, people(3), text=text), plan(world, people(3))
        async with sending(ledger, settings(tmp_path)):
            await until(lambda: outcomes(world)["accepted"] == 3)
    assert world.rows("SELECT scope, thing, reason FROM pause") == [
        ("broadcast", str(broken), "slot_missing")
    ]
    assert (await_tallies := outcomes(world)) == {"accepted": 3}
    assert await_tallies and sound != broken


class _Away:
    """A ledger whose database is gone for a while."""

    def __init__(self, ledger: object) -> None:
        self._ledger = ledger
        self.gone = False

    def __getattr__(self, verb: str) -> object:
        async def ask(*given: object, **named: object) -> object:
            if self.gone:
                raise Unavailable("gone")
            return await getattr(self._ledger, verb)(*given, **named)

        return ask


async def test_while_the_ledger_is_away_only_released_mails_go_and_nothing_twice(
    world: World, tmp_path: Path
) -> None:
    async with serving(Sink(seconds=0.005)) as sink, world.ledger() as ledger:
        add_relay(world, sink.port, connections=3)
        plan(world, people(120))
        away = _Away(ledger)
        async with sending(away, settings(tmp_path)):
            await until(lambda: len(sink.took) >= 12)
            away.gone = True
            await asyncio.sleep(0.5)
            stalled = len(sink.took)
            await asyncio.sleep(0.3)
            assert len(sink.took) == stalled < 40, "it waits for the next window"
            away.gone = False
            await until(lambda: outcomes(world)["accepted"] == 120)
    assert set(arrived(sink).values()) == {1}


async def test_a_new_epoch_ends_the_sender(world: World, tmp_path: Path) -> None:
    async with serving(Sink(seconds=0.02)) as sink, world.ledger() as ledger:
        add_relay(world, sink.port)
        plan(world, people(100))
        with pytest.raises(Fenced):
            async with sending(ledger, settings(tmp_path)):
                await until(lambda: len(sink.took) >= 5)
                await ledger.begin_epoch("restored", "Ilse")
                await asyncio.sleep(0.5)
    assert len(sink.took) < 100


async def test_a_sender_killed_three_times_loses_nothing_and_sends_nothing_twice(
    world: World, tmp_path: Path
) -> None:
    count, connections = 250, 5
    draw = random.Random(7)
    sink = Sink(seconds=0.004)
    async with serving(sink), world.ledger() as ledger:
        add_relay(world, sink.port, connections=connections)
        broadcast = plan(world, people(count), chunk_size=150)
        where = str(getattr(world, "path", "")) or world.conninfo  # type: ignore[union-attr]
        command = [
            sys.executable,
            "-m",
            "tidings.messaging.tests.sender_process",
            where,
            str(tmp_path / "journal"),
        ]
        kills = 0
        while True:
            process = subprocess.Popen(command, cwd=CHECKOUT, env={**os.environ, "PYTHONPATH": str(CHECKOUT)})
            before = len(sink.took)
            try:
                if kills < 3:
                    await until(lambda enough=before + 15: len(sink.took) >= enough, 20)
                    await asyncio.sleep(draw.random() * 0.05)
                    process.send_signal(signal.SIGKILL)
                    kills += 1
                else:
                    await until(lambda: sum(outcomes(world).values()) == count, 30)
                    break
            finally:
                with suppress(ProcessLookupError):
                    process.kill()
                process.wait()
        tallies = await ledger.tallies(broadcast)
    seen = arrived(sink)
    doubtful = {
        UUID(str(row[0])) for row in world.rows("SELECT delivery_id FROM result WHERE outcome = 'uncertain'")
    }
    taken = {
        UUID(str(row[0])) for row in world.rows("SELECT delivery_id FROM result WHERE outcome = 'accepted'")
    }
    assert tallies.accepted + tallies.uncertain == tallies.total == count
    assert max(seen.values()) == 1, "nothing twice"
    assert taken <= set(seen), "nothing is recorded that did not arrive"
    assert set(seen) <= taken | doubtful
    assert len(doubtful) <= 3 * connections, "the journal leaves in doubt only what was under way"
