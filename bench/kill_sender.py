"""Kills a sender again and again, and counts what is lost, sent twice or in doubt: three numbers that must be 0, 0 and few.

usage: python -m bench.kill_sender [kills] [mails]       (50 and 20,000 by default; about three minutes, at most ten)
"""

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from uuid import UUID

from bench.database import fresh_database

HERE = Path(__file__).resolve().parent
CONNECTIONS = 20
MOST_SECONDS = 600.0


async def run(kills: int, count: int) -> None:
    from tidings.messaging.tests.sinks import Sink, serving
    from tidings.messaging.tests.test_sender import arrived
    from tidings.messaging.tests.worlds import PostgresWorld, add_relay, outcomes, people, plan
    from tidings.worker.connections import own_conninfo

    conninfo = own_conninfo()
    world = PostgresWorld(conninfo)
    draw = random.Random(4)
    folder = tempfile.mkdtemp(prefix="tidings-kill-")
    command = [sys.executable, "-m", "tidings.messaging.tests.sender_process", conninfo, folder]
    async with serving(Sink(seconds=0.002)) as sink:
        add_relay(world, sink.port, connections=CONNECTIONS)
        plan(world, people(count))
        done, step = 0, max(count // (kills + 1), 1)
        began = time.monotonic()
        while sum(outcomes(world).values()) < count and time.monotonic() - began < MOST_SECONDS:
            process = subprocess.Popen(
                command, cwd=HERE.parent, env={**os.environ, "PYTHONPATH": str(HERE.parent)}
            )
            enough = len(sink.took) + draw.randint(step // 2, step)
            while process.poll() is None and time.monotonic() - began < MOST_SECONDS:
                await asyncio.sleep(0.02)
                if done >= kills and sum(outcomes(world).values()) >= count:
                    break
                if done < kills and len(sink.took) >= enough:
                    process.send_signal(signal.SIGKILL)
                    done += 1
                    break
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()
    seen = arrived(sink)
    by = {
        outcome: {
            UUID(str(row[0]))
            for row in world.rows("SELECT delivery_id FROM result WHERE outcome = ?", outcome)
        }
        for outcome in ("accepted", "uncertain")
    }
    world.close()
    known = by["accepted"] | by["uncertain"]
    lost = by["accepted"] - set(seen)
    seconds = time.monotonic() - began
    print(f"{done} kills, {count} mails, {CONNECTIONS} connections, {seconds:.0f} seconds")
    print(f"  lost: taken, but never arrived      {len(lost):6}")
    print(f"  twice                               {sum(times > 1 for times in seen.values()):6}")
    print(f"  arrived, neither taken nor in doubt {len(set(seen) - known):6}")
    print(f"  in doubt                            {len(by['uncertain']):6}   at most {done * CONNECTIONS}")
    print(f"  of these arrived                    {len(by['uncertain'] & set(seen)):6}")
    print(f"  not tried within {MOST_SECONDS:.0f} seconds          {count - len(known):6}")
    if done < kills or lost or len(known) < count or max(seen.values(), default=0) > 1:
        sys.exit(1)


if __name__ == "__main__":
    given = [int(value) for value in sys.argv[1:3]]
    with fresh_database():
        asyncio.run(run(*(given + [50, 20_000][len(given) :])))
