"""What servers say is kept, whatever they say, on PostgreSQL and on SQLite alike."""

from tidings.messaging.tests.test_ledgers import fact, leased
from tidings.messaging.tests.worlds import World, add_relay, outcomes, people, plan


async def test_a_nul_in_what_a_server_says_ends_no_sender(world: World) -> None:
    add_relay(world)
    plan(world, people(2))
    async with world.ledger() as ledger:
        lease = await leased(ledger)
        said = [
            fact(lease, lease.rows[0], "refused", refusal="recipient", reply="550 no \0such user"),
            fact(lease, lease.rows[1], reply="250 fine\0"),
        ]
        await ledger.release(lease, said)
    assert outcomes(world) == {"accepted": 1, "refused": 1}
