"""How chunks of one kind share a worker's connections, and how a lease ends; on both ledgers."""

from tidings.messaging.tests.test_ledgers import fact, leased
from tidings.messaging.tests.worlds import World, add_relay, people, plan


async def test_where_more_of_a_kind_wait_a_chunk_gets_its_part_of_the_connections(world: World) -> None:
    add_relay(world, connections=9)
    plan(world, people(30), chunk_size=10)
    async with world.ledger() as ledger:
        first = await leased(ledger, connections=7, at_once=2)
        second = await leased(ledger, connections=7, at_once=2)
        assert (first.connections, second.connections) == (4, 4)
        assert (first.window, second.window) == (4, 4), "hence no more than before is ever released at once"
        await ledger.release(first, [fact(first, row) for row in first.rows], give_back=True)
        last = await leased(ledger, connections=7, at_once=2)
        assert last.connections == 5, "all that are free: none of its kind waits"


async def test_the_last_result_ends_a_lease_and_the_ledger_says_so(world: World) -> None:
    add_relay(world)
    plan(world, people(2))
    async with world.ledger() as ledger:
        lease = await leased(ledger)
        assert not (await ledger.release(lease, [fact(lease, lease.rows[0])])).done
        assert (await ledger.release(lease, [fact(lease, lease.rows[1])])).done
