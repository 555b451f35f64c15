"""Kills a sender again and again, and counts what is lost, sent twice or in doubt: three numbers that must be 0, 0 and few.

usage: python -m bench.kill_sender [kills] [mails]       (50 and 20,000 by default; about three minutes)
"""

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from uuid import UUID

from bench.database import fresh_database

HERE = Path(__file__).resolve().parent
CONNECTIONS = 20


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
        while sum(outcomes(world).values()) < count:
            process = subprocess.Popen(
                command, cwd=HERE.parent, env={**os.environ, "PYTHONPATH": str(HERE.parent)}
            )
            enough = len(sink.took) + draw.randint(step // 2, step)
            while process.poll() is None and sum(outcomes(world).values()) < count:
                await asyncio.sleep(0.01)
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
    print(f"{done} kills, {count} mails, {CONNECTIONS} connections")
    print(f"  recorded as taken but never arrived {len(by['accepted'] - set(seen)):6}")
    print(f"  arrived twice                       {sum(times > 1 for times in seen.values()):6}")
    print(f"  arrived and neither taken nor doubt {len(set(seen) - by['accepted'] - by['uncertain']):6}")
    print(f"  in doubt                            {len(by['uncertain']):6}   at most {done * CONNECTIONS}")
    print(f"  of these arrived                    {len(by['uncertain'] & set(seen)):6}")


if __name__ == "__main__":
    given = [int(value) for value in sys.argv[1:3]]
    with fresh_database():
        asyncio.run(run(*(given + [50, 20_000][len(given) :])))
