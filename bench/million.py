"""A broadcast to a million: the most memory that a sender uses on the way, and how long a single answer waits meanwhile.

usage: python -m bench.million [recipients] [seconds]        (1,000,000 and 120 by default)

The broadcast is sent for so many seconds; every few of them one mail of the single lane is written, as an answer is, and the time
from its commit to the relay's yes in the ledger is taken.
"""

import os
import statistics
import sys
import time

from bench.database import fresh_database
from bench.mails import Senders, handed_over, plan, set_relay, sink

PROCESSES, CONNECTIONS, RESERVED = 2, 200, 2
EVERY_SECONDS = 4
MEMORY_LIMIT, WAIT_LIMIT = 150_000_000, 2.0


def answer(number: int) -> float:
    """Seconds from the commit of one mail until it is handed over."""
    from tidings.kernel.actor import Actor, ActorKind
    from tidings.messaging.actions.account import send_account_mail
    from tidings.messaging.models import Chunk

    writer = Actor(ActorKind.SYSTEM, "account mail", frozenset({"message.account"}))
    to = f"answer{number}@example.org"
    send_account_mail(writer, to=to, subject="Your question", body="It arrives tomorrow.", language="en")
    began = time.perf_counter()
    while Chunk.objects.filter(lane="single", handed_over=0).exists():
        time.sleep(0.01)
    return time.perf_counter() - began


def main(count: int, seconds: float) -> None:
    with fresh_database(), sink() as (port, _):
        set_relay(port, CONNECTIONS, reserved=RESERVED)
        planned = plan(count, 0)
        waits = []
        with Senders(PROCESSES, CONNECTIONS) as senders:
            began = time.perf_counter()
            senders.go()
            while time.perf_counter() - began < seconds and handed_over() < count:
                time.sleep(EVERY_SECONDS)
                waits.append(answer(len(waits)))
            sent, took = handed_over(), time.perf_counter() - began
    print(
        f"{count:,} recipients, planned in {planned:.1f} s; {sent:,} sent in {took:.0f} s, {sent / took:,.0f} mails/s"
    )
    print(f"  most memory of a sender   {senders.peak / 1e6:6.0f} MB   at most {MEMORY_LIMIT / 1e6:.0f}")
    print(
        f"  a single answer waits     {max(waits):6.2f} s at most, {statistics.median(waits):.2f} in the middle, "
        f"of {len(waits)}   at most {WAIT_LIMIT}"
    )
    print(f"  load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    given = [int(value) for value in sys.argv[1:3]]
    main(*(given + [1_000_000, 120][len(given) :]))
