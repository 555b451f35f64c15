"""What a ledger promises, tried on PostgreSQL and on SQLite alike."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tidings.kernel.ids import new_id
from tidings.messaging.engine.ledger import Ask, Fact, Fenced, Lease, Pause, Row
from tidings.messaging.tests.worlds import Person, World, add_relay, outcomes, people, plan, states

NOW = datetime.now(UTC)
ME = new_id()


def ask(**given: object) -> Ask:
    return Ask(**{"life": ME, "epoch": 1, **given})  # type: ignore[arg-type]


def fact(lease: Lease, row: Row, outcome: str = "accepted", **given: object) -> Fact:
    known = Fact(
        row.delivery_id, row.attempt, outcome, NOW, row.recipient_id, lease.broadcast_id, lease.relay.id
    )
    return known._replace(**given)  # type: ignore[arg-type]


async def leased(ledger: object, **given: object) -> Lease:
    lease = await ledger.lease(ask(**given))  # type: ignore[attr-defined]
    assert lease is not None
    return lease


async def test_a_worker_may_send_two_windows_and_gets_the_next_for_recorded_ones(world: World) -> None:
    add_relay(world, connections=5)
    plan(world, people(30))
    async with world.ledger() as ledger:
        lease = await leased(ledger)
        assert (lease.window, lease.released, len(lease.rows)) == (5, 0, 30)
        assert (await ledger.release(lease, [])).upto == 10
        done = [fact(lease, row) for row in lease.rows[:5]]
        assert (await ledger.release(lease, done)).upto == 15
        assert (await ledger.release(lease, done)).upto == 15, "the same results again open nothing"
        rest = [fact(lease, row) for row in lease.rows[5:]]
        assert (await ledger.release(lease, rest)).upto == 30
        tallies = await ledger.tallies(lease.broadcast_id)
    assert (tallies.total, tallies.accepted, tallies.pending) == (30, 30, 0)
    assert world.rows("SELECT state, owner FROM chunk") == [("done", None)]


async def test_a_stop_takes_effect_at_the_next_window_and_its_end_lets_go_on(world: World) -> None:
    add_relay(world)
    broadcast = plan(world, people(30))
    async with world.ledger() as ledger:
        lease = await leased(ledger)
        await ledger.release(lease, [])
        stop = Pause("broadcast", str(broadcast), "asked", "Ilse")
        await ledger.pause(1, stop)
        await ledger.pause(1, stop)
        released = await ledger.release(lease, [fact(lease, row) for row in lease.rows[:10]], give_back=True)
        assert (released.upto, released.held) == (10, "paused")
        assert await ledger.lease(ask()) is None
        await ledger.pause(1, replace(stop, ended=True))
        again = await leased(ledger)
        assert [row.recipient_id for row in again.rows] == [row.recipient_id for row in lease.rows[10:]]
        assert (await ledger.release(again, [])).upto == 20


@pytest.mark.parametrize("scope", ["everything", "lane", "relay", "destination"])
async def test_each_scope_of_a_stop_holds_its_own_and_nothing_else(world: World, scope: str) -> None:
    relay = add_relay(world)
    plan(world, [Person(destination="gmail")])
    things = {"everything": "", "lane": "broadcast", "relay": str(relay), "destination": f"{relay}/gmail"}
    others = {"everything": None, "lane": "urgent", "relay": str(new_id()), "destination": f"{relay}/qq"}
    async with world.ledger() as ledger:
        if others[scope] is not None:
            await ledger.pause(1, Pause(scope, others[scope], "asked", "Ilse"))
        lease = await leased(ledger)
        await ledger.release(lease, [], give_back=True)
        await ledger.pause(1, Pause(scope, things[scope], "asked", "Ilse"))
        assert await ledger.lease(ask()) is None


async def test_a_pause_with_an_end_ends_by_itself(world: World) -> None:
    add_relay(world)
    plan(world, people(1))
    async with world.ledger() as ledger:
        until = datetime.now(UTC) + timedelta(seconds=0.3)
        await ledger.pause(1, Pause("everything", "", "rate", "engine", until=until))
        assert await ledger.lease(ask()) is None
        await asyncio.sleep(0.4)
        assert await ledger.lease(ask()) is not None


async def test_single_mails_go_first_then_urgent_then_by_deadline(world: World) -> None:
    add_relay(world, connections=6, reserved=1)
    late = plan(world, people(1, due_by=NOW + timedelta(hours=9)))
    soon = plan(world, people(1, due_by=NOW + timedelta(hours=1)))
    urgent = plan(world, people(1), lane="urgent")
    single = plan(world, people(1), lane="single")
    async with world.ledger() as ledger:
        order = [(await leased(ledger, connections=1)).broadcast_id for _ in range(4)]
    assert order == [single, urgent, soon, late]


async def test_a_broadcast_never_takes_the_connections_reserved_for_single_mails(world: World) -> None:
    add_relay(world, connections=3, reserved=2)
    plan(world, people(10))
    async with world.ledger() as ledger:
        broadcast = await leased(ledger)
        assert broadcast.connections == 3
        plan(world, people(5), lane="single")
        single = await leased(ledger)
        assert (single.lane, single.connections) == ("single", 2)


async def test_a_relays_limit_holds_over_all_workers(world: World) -> None:
    add_relay(world, connections=5, rate=60)
    for _ in range(3):
        plan(world, people(3))
    async with world.ledger() as one, world.ledger() as other:
        first = await leased(one, connections=3)
        second = await leased(other, life=new_id(), connections=20)
        assert (first.connections, second.connections) == (3, 2)
        assert first.rate == pytest.approx(30)
        assert await one.lease(ask(life=new_id())) is None, "no connection is left"
        await one.release(first, [fact(first, row) for row in first.rows])
        third = await leased(one, life=first.life)
        assert third.connections == 3


async def test_a_destination_with_slots_of_its_own_uses_only_those(world: World) -> None:
    add_relay(world, connections=5, kept={"qq": 2})
    plan(world, people(9, destination="qq"))
    plan(world, people(9, destination="gmail"))
    async with world.ledger() as ledger:
        connections = {
            lease.destination: lease.connections for lease in [await leased(ledger) for _ in range(2)]
        }
    assert connections == {"qq": 2, "gmail": 5}


async def test_a_drill_goes_to_the_catcher_and_nothing_else_does_while_a_relay_stands(world: World) -> None:
    relay = add_relay(world, code="relay", kind="relay", connections=1, reserved=0)
    catcher = add_relay(world, code="catcher", kind="catcher")
    drill = plan(world, people(1), drill=True)
    plan(world, people(1))
    plan(world, people(1))
    async with world.ledger() as ledger:
        leases = [await leased(ledger), await leased(ledger)]
        assert {lease.broadcast_id: lease.relay.id for lease in leases}[drill] == catcher
        assert {lease.relay.id for lease in leases if not lease.drill} == {relay}
        assert await ledger.lease(ask()) is None, "a busy relay sends nothing into the catcher"


async def test_an_ended_lease_is_taken_over_and_what_was_released_is_in_doubt(world: World) -> None:
    add_relay(world)
    plan(world, people(30))
    async with world.ledger() as ledger:
        first = await leased(ledger, seconds=0)
        await ledger.release(first, [])
        await ledger.release(first, [fact(first, row) for row in first.rows[:3]])
        await asyncio.sleep(0.02)
        second = await leased(ledger, life=new_id())
        assert second.previous == first.life
        assert [row.place for row in second.doubtful] == list(range(3, 13))
        assert len(second.rows) == 17
        lost = await ledger.release(first, [fact(first, first.rows[3])])
        assert lost.held == "lost"
        third_of_doubts = [fact(second, row, "uncertain", next_at=NOW) for row in second.doubtful]
        released = await ledger.release(second, third_of_doubts)
        assert released.upto == 23
        tallies = await ledger.tallies(first.broadcast_id)
    assert (tallies.accepted, tallies.uncertain, tallies.pending) == (4, 9, 17)


async def test_a_lease_taken_while_recovering_can_be_taken_over_again(world: World) -> None:
    add_relay(world)
    plan(world, people(30))
    async with world.ledger() as ledger:
        lives = []
        first = await leased(ledger)
        await ledger.release(first, [])
        lives.append(first.life)
        for _ in range(4):  # each dies before it has settled the doubts of the first
            again = await leased(ledger, life=new_id(), journals=frozenset(lives))
            assert again.previous == first.life, "it goes on naming the last that may have sent"
            assert len(again.doubtful) == 10
            lives.append(again.life)
        await ledger.release(again, [fact(again, row, "uncertain", next_at=NOW) for row in again.doubtful])
        last = await leased(ledger, life=new_id(), journals=frozenset(lives))
        assert last.previous == again.life
        assert len(last.doubtful) == 10
        assert len(last.rows) == 10


async def test_facts_come_in_any_order_from_anyone_and_count_once(world: World) -> None:
    add_relay(world)
    broadcast = plan(world, people(2))
    async with world.ledger() as ledger:
        lease = await leased(ledger)
        await ledger.release(lease, [])
        one, other = lease.rows
        delivered = fact(lease, one, "delivered", attempt=0)
        assert await ledger.record(1, [delivered]) == 1
        assert await ledger.record(1, [delivered, delivered]) == 0
        assert await ledger.record(1, [fact(lease, one)]) == 1
        await ledger.release(lease, [fact(lease, other)])
        assert await ledger.record(1, [fact(lease, other, "refused", attempt=0)]) == 1
        tallies = await ledger.tallies(broadcast)
    assert (tallies.delivered, tallies.refused, tallies.accepted, tallies.total) == (1, 1, 0, 2)
    assert states(world, broadcast) == {"reached": 1, "trying": 1}


async def test_what_was_accepted_is_presumed_reached_after_its_settling_time(world: World) -> None:
    add_relay(world)
    broadcast = plan(world, people(3))
    async with world.ledger() as ledger:
        lease = await leased(ledger)
        await ledger.release(lease, [])
        await ledger.release(lease, [fact(lease, row, late=row.place == 0) for row in lease.rows])
        bounced = lease.rows[2]
        await ledger.record(1, [fact(lease, bounced, "refused", attempt=0, reply="550 5.1.1 no such user")])
        assert (await ledger.settle(1, NOW - timedelta(seconds=1))).reached == 0
        later = datetime.now(UTC) + timedelta(seconds=901)
        settled = await ledger.settle(1, later)
        assert (settled.reached, settled.unreachable) == (2, 1)
        tallies = await ledger.tallies(broadcast)
    assert states(world, broadcast) == {"reached": 2, "unreachable": 1}
    assert (tallies.presumed, tallies.accepted, tallies.refused) == (2, 2, 1)


async def test_late_evidence_undoes_reached_and_the_next_rung_is_tried(world: World) -> None:
    add_relay(world)
    broadcast = plan(world, [Person(further=[{"channel": "email", "address": "second@qq.com"}])])
    async with world.ledger() as ledger:
        lease = await leased(ledger)
        await ledger.release(lease, [])
        await ledger.release(lease, [fact(lease, lease.rows[0])])
        later = datetime.now(UTC) + timedelta(days=9)
        assert (await ledger.settle(1, later)).reached == 1
        await ledger.record(1, [fact(lease, lease.rows[0], "refused", attempt=0)])
        assert states(world, broadcast) == {"trying": 1}
        assert (await ledger.settle(1, later)).next_rung == 1
        again = await leased(ledger)
        assert again.destination == "qq"
        assert again.rows[0].address == "second@qq.com"
        assert again.rows[0].delivery_id != lease.rows[0].delivery_id
        tallies = await ledger.tallies(broadcast)
    assert (tallies.total, tallies.pending, tallies.refused) == (1, 1, 0)


async def test_what_was_refused_for_now_is_gathered_again_when_due(world: World) -> None:
    add_relay(world)
    broadcast = plan(world, people(4))
    async with world.ledger() as ledger:
        lease = await leased(ledger)
        await ledger.release(lease, [])
        soon = datetime.now(UTC) + timedelta(minutes=1)
        given = [fact(lease, row, "later", next_at=soon) for row in lease.rows[:3]]
        await ledger.release(lease, [*given, fact(lease, lease.rows[3])])
        assert (await ledger.tallies(broadcast)).later == 3
        assert (await ledger.settle(1, soon - timedelta(seconds=1))).again == 0
        assert (await ledger.settle(1, soon + timedelta(seconds=1))).again == 3
        again = await leased(ledger)
        assert {(row.delivery_id, row.attempt) for row in again.rows} == {
            (row.delivery_id, 2) for row in lease.rows[:3]
        }
        await ledger.release(again, [])
        await ledger.release(again, [fact(again, row) for row in again.rows])
        tallies = await ledger.tallies(broadcast)
    assert (tallies.total, tallies.accepted, tallies.later, tallies.pending) == (4, 4, 0, 0)


async def test_an_uncertain_one_goes_once_more_under_the_same_id_then_to_the_next_rung(world: World) -> None:
    add_relay(world)
    further = [{"channel": "call", "address": "+31 20 000 0000"}]
    broadcast = plan(world, [Person(further=further)])
    moment = datetime.now(UTC) + timedelta(minutes=20)
    async with world.ledger() as ledger:
        ids = []
        for expected in ({"again": 1}, {"to_call": 1}):
            lease = await leased(ledger)
            ids.append(lease.rows[0].delivery_id)
            await ledger.release(lease, [])
            await ledger.release(lease, [fact(lease, lease.rows[0], "uncertain", next_at=moment)])
            settled = await ledger.settle(1, moment + timedelta(seconds=1))
            assert {name: getattr(settled, name) for name in expected} == expected
        assert ids[0] == ids[1], "the same delivery, hence the same Message-ID"
    assert states(world, broadcast) == {"call_list": 1}


async def test_evidence_ends_the_doubt_before_anything_is_repeated(world: World) -> None:
    add_relay(world)
    broadcast = plan(world, people(1))
    moment = datetime.now(UTC) + timedelta(minutes=20)
    async with world.ledger() as ledger:
        lease = await leased(ledger)
        await ledger.release(lease, [])
        row = lease.rows[0]
        await ledger.release(lease, [fact(lease, row, "uncertain", next_at=moment)])
        await ledger.record(1, [fact(lease, row, "accepted")])
        settled = await ledger.settle(1, moment + timedelta(hours=1))
        assert (settled.again, settled.reached) == (0, 1)
        assert await ledger.lease(ask()) is None
        tallies = await ledger.tallies(broadcast)
    assert (tallies.accepted, tallies.uncertain) == (1, 0)


async def test_a_superseded_recipient_is_not_sent_to(world: World) -> None:
    add_relay(world, connections=1)
    plan(world, people(6))
    world.write("UPDATE recipient SET state = 'superseded' WHERE place = 3")
    async with world.ledger() as ledger:
        lease = await leased(ledger)
        assert len(lease.rows) == 5
        assert (await ledger.release(lease, [])).upto == 3, "one place is passed, two rows are open"
        assert sum(row.place < 3 for row in lease.rows) == 2
        released = await ledger.release(lease, [fact(lease, row) for row in lease.rows])
        assert released.upto == 6
    assert world.rows("SELECT state FROM chunk") == [("done",)]


async def test_a_new_epoch_fences_every_verb_and_starts_paused(world: World) -> None:
    add_relay(world)
    broadcast = plan(world, people(20))
    async with world.ledger() as ledger:
        lease = await leased(ledger)
        await ledger.release(lease, [])
        await ledger.release(lease, [fact(lease, row) for row in lease.rows[:4]])
        assert await ledger.begin_epoch("restored", "Ilse") == 2
        assert await ledger.epoch() == 2
        for verb in (
            lambda: ledger.lease(ask()),
            lambda: ledger.release(lease, []),
            lambda: ledger.record(1, []),
            lambda: ledger.settle(1, NOW),
            lambda: ledger.pause(1, Pause("everything", "", "asked", "Ilse")),
        ):
            with pytest.raises(Fenced):
                await verb()
        far = datetime.now(UTC) + timedelta(days=1)
        await ledger.settle(2, far)
        assert await ledger.lease(ask(epoch=2)) is None, "nothing goes by itself after a restore"
        await ledger.pause(2, Pause("everything", "", "restored", "Ilse", ended=True))
        settled = await ledger.settle(2, datetime.now(UTC) + timedelta(days=2))
        assert settled.again == 16, (
            "what was not settled goes once more under its Message-ID, however long a person looked"
        )
        again = await leased(ledger, epoch=2)
        assert {row.attempt for row in again.rows} == {2}
        tallies = await ledger.tallies(broadcast)
    assert (tallies.total, tallies.accepted, tallies.pending) == (20, 4, 16)
    assert outcomes(world) == {"accepted": 4}


async def test_an_epoch_that_somebody_else_began_is_taken_up_by_the_next_settling(world: World) -> None:
    add_relay(world)
    broadcast = plan(world, people(3))
    world.write("INSERT INTO epoch (number, reason, begun_by) VALUES (2, 'older', 'sender')")
    async with world.ledger() as ledger:
        assert await ledger.lease(ask(epoch=2)) is None
        assert (await ledger.settle(2, NOW - timedelta(minutes=1))).again == 0
        assert (await ledger.settle(2, datetime.now(UTC) + timedelta(minutes=16))).again == 3
        assert len((await leased(ledger, epoch=2)).rows) == 3
        assert (await ledger.tallies(broadcast)).pending == 3


async def test_facts_survive_a_lost_lease_and_nobody_without_chunk_is_forgotten(world: World) -> None:
    add_relay(world)
    broadcast = plan(world, [Person(address=None), *people(2)])
    async with world.ledger() as ledger:
        tallies = await ledger.tallies(broadcast)
    assert (tallies.total, tallies.no_address, tallies.pending) == (3, 1, 2)


async def test_many_workers_take_every_row_exactly_once(world: World) -> None:
    add_relay(world, connections=40)
    broadcast = plan(world, people(200), chunk_size=20)
    taken: list[UUID] = []

    async def worker(ledger: object) -> None:
        me = new_id()
        while (lease := await ledger.lease(ask(life=me, connections=4))) is not None:  # type: ignore[attr-defined]
            await ledger.release(lease, [])  # type: ignore[attr-defined]
            taken.extend(row.recipient_id for row in lease.rows)
            await ledger.release(lease, [fact(lease, row) for row in lease.rows])  # type: ignore[attr-defined]

    async with world.ledger() as one, world.ledger() as two:
        await asyncio.gather(*(worker(ledger) for ledger in (one, one, two, two)))
        tallies = await one.tallies(broadcast)
    assert len(taken) == len(set(taken)) == tallies.accepted == 200
