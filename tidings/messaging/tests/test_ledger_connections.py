"""Who gets which connections when several workers ask at once, on PostgreSQL and on SQLite alike."""

import asyncio

from tidings.kernel.ids import new_id
from tidings.messaging.tests.test_ledgers import ask
from tidings.messaging.tests.worlds import World, add_relay, people, plan


async def test_workers_that_ask_at_the_same_moment_each_get_all_the_connections_they_asked_for(
    world: World,
) -> None:
    """Each skipped what the others had just looked at, and worked on a whole chunk with what was left over."""
    add_relay(world, connections=40, reserved=0)
    for _ in range(10):
        plan(world, people(20))
    for _ in range(10):
        async with world.ledger() as first, world.ledger() as second:
            asks = [ask(life=new_id(), connections=10) for _ in range(4)]
            leases = await asyncio.gather(
                *(ledger.lease(one) for ledger, one in zip([first, second] * 2, asks, strict=True))
            )
            given = [lease.connections if lease else 0 for lease in leases]
            assert given == [10] * 4
            for lease in leases:
                assert lease is not None
                await first.release(lease, [], give_back=True)
            world.write("UPDATE relay_slot SET owner = NULL")
