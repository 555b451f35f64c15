"""Further rungs: when the next one is taken, that people are called, and that a late bounce still finds its address."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tidings.messaging.engine.moves import Due, Standing, when_due
from tidings.messaging.rules.delivery import Event, Rung, evidence_by, next_rung, patience_on
from tidings.messaging.tests.test_ledgers import NOW, fact, leased
from tidings.messaging.tests.worlds import Person, World, add_relay, moment, plan, states

CALL = {"channel": "call", "address": "+31 970 141 234"}
MAIL = {"channel": "email", "address": "second@qq.com"}
PATIENCE = timedelta(hours=4)


@pytest.mark.parametrize(
    ("further", "people_first", "expected"),
    [
        ([Rung("sms", "1"), Rung("call", "2")], False, (Event.TO_CALL, "2")),
        ([Rung("email", "a"), Rung("call", "2")], False, (Event.NEXT_RUNG, "a")),
        ([Rung("email", "a"), Rung("call", "2")], True, (Event.TO_CALL, "2")),
        ([Rung("email", "a")], True, (Event.NEXT_RUNG, "a")),
        ([Rung("fax", "1")], True, (Event.NO_RUNG, None)),
    ],
)
def test_the_next_usable_rung_is_taken(
    further: list[Rung], people_first: bool, expected: tuple[Event, str | None]
) -> None:
    event, rung = next_rung(further, frozenset({"email"}), people_first=people_first)
    assert (event, rung.address if rung else None) == expected


@pytest.mark.parametrize(
    ("due_in", "waits"),
    [(None, PATIENCE), (timedelta(hours=1), timedelta(minutes=30)), (timedelta(days=1), PATIENCE), (-PATIENCE, timedelta())],
)  # fmt: skip
def test_evidence_is_waited_for_at_most_half_of_the_time_that_is_left(
    due_in: timedelta | None, waits: timedelta
) -> None:
    assert evidence_by(NOW, NOW + due_in if due_in is not None else None, PATIENCE) - NOW == waits


@pytest.mark.parametrize(
    ("channel", "left", "minutes"),
    [
        ("email", 1, 240),
        ("sms", 1, 15),
        ("voice", 2, 10),
        ("whatsapp", 1, 30),
        ("sms", 0, 240),
        (None, 1, 240),
    ],
)
def test_each_rung_has_its_own_patience_but_for_the_last(
    channel: str | None, left: int, minutes: int
) -> None:
    assert patience_on(channel, PATIENCE, left) == timedelta(minutes=minutes)


@pytest.mark.parametrize(("left", "minutes"), [(0, 30), (1, 30), (2, 20), (3, 15)])
def test_a_near_deadline_is_shared_by_the_rungs_that_are_left(left: int, minutes: int) -> None:
    assert evidence_by(NOW, NOW + timedelta(hours=1), PATIENCE, left) - NOW == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("further", "expected"),
    [
        ((Rung("call", "1"),), Due.TO_CALL),
        ((Rung("email", "b"), Rung("call", "1")), Due.NEXT_RUNG),
        ((), Due.AGAIN),
    ],
)
def test_who_is_put_off_goes_on_early_where_the_deadline_could_not_be_met_otherwise(
    further: tuple[Rung, ...], expected: Due
) -> None:
    began = NOW - timedelta(minutes=31)
    row = Standing("trying", "later", 3, 0, 1, UUID(int=1), "email", "a", further, NOW, began, None, "451")
    due_by = began + timedelta(hours=1)
    what, _ = when_due(
        row, channels=frozenset({"email"}), patience=PATIENCE, due_by=due_by, new_id=UUID(int=2), now=NOW
    )
    assert what is expected


async def test_a_late_answer_ends_what_is_queued_on_the_next_rung(world: World) -> None:
    add_relay(world)
    broadcast = plan(world, [Person(further=[MAIL]), Person("b@example.org", further=[MAIL])])
    async with world.ledger() as ledger:
        lease = await leased(ledger)
        await ledger.release(lease, [])
        now = datetime.now(UTC)
        refused = [fact(lease, row, "refused", next_at=now) for row in lease.rows]
        await ledger.release(lease, refused)
        assert (await ledger.settle(1, now + timedelta(minutes=1))).next_rung == 2
        await ledger.record(1, [fact(lease, lease.rows[0], "confirmed", attempt=0)])
        assert states(world, broadcast) == {"reached": 1, "trying": 1}
        queued = await leased(ledger)
        assert [row.recipient_id for row in queued.rows] == [lease.rows[1].recipient_id]
        await ledger.release(queued, [])
        await ledger.release(queued, [fact(queued, row) for row in queued.rows])
        assert (await ledger.settle(1, now + timedelta(days=1))).next_rung == 0
    assert states(world, broadcast) == {"reached": 2}


def test_a_number_that_was_called_is_not_called_again_as_another_rung() -> None:
    twice = (Rung("call", "1"), Rung("email", "a"))
    row = Standing("call_list", "refused", 1, 0, 1, UUID(int=1), "call", "1", twice, None, None, None, "")
    what, moved = when_due(
        row, channels=frozenset({"email"}), patience=PATIENCE, due_by=None, new_id=UUID(int=2), now=NOW
    )
    assert (what, moved.address, moved.further) == (Due.NEXT_RUNG, "a", ())


def test_who_waited_for_the_end_of_their_quiet_hours_is_written_to_then() -> None:
    row = Standing("waiting", "", 1, 0, 0, UUID(int=1), "email", "a", (), NOW, None, None, "quiet")
    what, moved = when_due(
        row, channels=frozenset({"email"}), patience=PATIENCE, due_by=None, new_id=UUID(int=2), now=NOW
    )
    assert (what, moved.reason, moved.next_at, moved.attempt) == (Due.AGAIN, "", None, 1)


async def test_a_refused_mail_puts_its_reader_on_the_call_list_and_out_of_the_chunk(world: World) -> None:
    add_relay(world)
    broadcast = plan(
        world, [Person(further=[{"channel": "sms", "address": "1"}, CALL]), Person("b@example.org")]
    )
    async with world.ledger() as ledger:
        lease = await leased(ledger)
        await ledger.release(lease, [])
        first, second = lease.rows
        refused = fact(lease, first, "refused", next_at=datetime.now(UTC))
        await ledger.release(lease, [refused, fact(lease, second)])
        assert (await ledger.settle(1, datetime.now(UTC) + timedelta(hours=1))).to_call == 1
        tallies = await ledger.tallies(broadcast)
    assert states(world, broadcast) == {"call_list": 1, "reached": 1}
    assert (tallies.total, tallies.pending, tallies.refused, tallies.accepted) == (2, 1, 0, 1)
    found = world.rows("SELECT channel, address, rung, chunk_id FROM recipient WHERE state = 'call_list'")
    assert found == [("call", CALL["address"], 2, None)]


@pytest.mark.parametrize("further", [[CALL], [MAIL], []])
async def test_what_only_a_relay_took_gives_way_to_the_next_rung_when_its_patience_ends(
    world: World, further: list[dict[str, str]]
) -> None:
    add_relay(world)
    broadcast = plan(world, [Person(further=further)])
    async with world.ledger() as ledger:
        lease = await leased(ledger)
        await ledger.release(lease, [])
        await ledger.release(lease, [fact(lease, lease.rows[0], "handed_over")])
        soon = datetime.now(UTC) + timedelta(minutes=20)
        settled = [await ledger.settle(1, soon), await ledger.settle(1, soon + timedelta(minutes=1))]
        assert all(one.next_rung == one.to_call == one.unreachable == 0 for one in settled)
        late = await ledger.settle(1, soon + PATIENCE)
    taken = (late.to_call, late.next_rung, late.unreachable)
    assert taken == (further == [CALL], further == [MAIL], 0)
    assert states(world, broadcast) == ({"call_list": 1} if further == [CALL] else {"trying": 1})


async def test_who_must_confirm_is_called_before_half_of_the_time_has_passed(world: World) -> None:
    add_relay(world)
    due = datetime.now(UTC) + timedelta(hours=2)
    broadcast = plan(
        world,
        [
            Person(due_by=due, further=[MAIL, CALL], needs_confirmed=True),
            Person("b@example.org", due_by=due, further=[CALL]),
            Person("c@example.org", due_by=due, needs_confirmed=True),
        ],
    )
    async with world.ledger() as ledger:
        lease = await leased(ledger)
        await ledger.release(lease, [])
        await ledger.release(lease, [fact(lease, row) for row in lease.rows])
        assert (await ledger.settle(1, datetime.now(UTC) + timedelta(minutes=16))).reached == 1
        assert states(world, broadcast) == {"trying": 2, "reached": 1}
        [(waits,), *_] = world.rows("SELECT next_at FROM recipient WHERE state = 'trying'")
        assert moment(waits) < due - timedelta(minutes=59)  # type: ignore[operator]
        settled = await ledger.settle(1, due - timedelta(minutes=59))
        assert (settled.to_call, settled.unreachable) == (1, 1)
        assert states(world, broadcast) == {"call_list": 1, "reached": 1, "unreachable": 1}
        reasons = world.rows("SELECT reason FROM recipient WHERE state = 'unreachable'")
        assert reasons == [("unconfirmed",)]
        facts = [
            fact(lease, row, outcome, attempt=0)
            for row in lease.rows
            for outcome in ("delivered", "confirmed")
        ]
        await ledger.record(1, facts[::2])
        assert states(world, broadcast) == {"call_list": 1, "reached": 1, "unreachable": 1}, (
            "a receipt is not enough"
        )
        await ledger.record(1, facts[1::2])
        assert states(world, broadcast) == {"reached": 3}, (
            "confirmed by the link of the first mail, while on the list"
        )


async def test_a_bounce_that_comes_after_its_rung_has_passed_still_blames_its_address(world: World) -> None:
    add_relay(world)
    plan(world, [Person(further=[CALL])])
    async with world.ledger() as ledger:
        lease = await leased(ledger)
        await ledger.release(lease, [])
        await ledger.release(lease, [fact(lease, lease.rows[0], "handed_over")])
        later = datetime.now(UTC) + timedelta(hours=5)
        await ledger.settle(1, later)
        assert (await ledger.settle(1, later)).to_call == 0
        bounce = fact(lease, lease.rows[0], "refused", attempt=0)._replace(
            refusal="address", reply="550 5.1.1 no"
        )
        await ledger.record(1, [bounce])
    if world.name == "postgres":  # the lifeboat knows no customers: they are at home
        marked = world.rows("SELECT channel, address FROM messaging_refusedaddress ")
        assert marked == [("email", "ilse@example.org")]
    assert world.rows("SELECT state FROM recipient ") == [("call_list",)]
