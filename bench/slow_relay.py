"""A relay that answers every content and envelope only after a while: our share of what its connections could carry at best.

usage: python -m bench.slow_relay [mails] [connections] [milliseconds]        (20,000, 100 and 20 by default)

The best is one mail per connection and answer: each content goes together with the next envelope. The relay is a program of our
own, since smtp-sink waits in whole seconds only.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.database import fresh_database
from bench.mails import HERE, Senders, free_port, handed_over, plan, set_relay

PROCESSES = 2
LIMIT = 0.75


class Slow(asyncio.Protocol):
    """Answers whatever comes in one go after `seconds`."""

    seconds = 0.02

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._rest, self._in_content = b"", False
        self._transport.write(b"220 slow\r\n")

    def data_received(self, data: bytes) -> None:
        data, said = self._rest + data, b""
        while data:
            end = b"\r\n.\r\n" if self._in_content else b"\r\n"
            line, found, after = data.partition(end)
            if not found:
                break
            said += self._answer(line)
            data = after
        self._rest = data
        if said:
            asyncio.get_running_loop().call_later(self.seconds, self._say, said)

    def _answer(self, line: bytes) -> bytes:
        if self._in_content:
            self._in_content = False
            return b"250 2.0.0 ok\r\n"
        if line == b"DATA":
            self._in_content = True
            return b"354 go\r\n"
        return (
            b"250-slow\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
            if line.startswith(b"EHLO")
            else b"250 2.1.0 ok\r\n"
        )

    def _say(self, said: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(said)


def serve(port: int, seconds: float) -> None:
    import uvloop

    async def work() -> None:
        Slow.seconds = seconds
        server = await asyncio.get_running_loop().create_server(Slow, "127.0.0.1", port, backlog=1000)
        await server.serve_forever()

    uvloop.run(work())


@contextmanager
def slow(seconds: float) -> Iterator[int]:
    """Such a relay as a process; gives its port."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "bench.slow_relay", "--serve", str(port), str(seconds)], cwd=HERE.parent
    )
    time.sleep(1)
    try:
        yield port
    finally:
        server.terminate()
        server.wait()


def main(count: int, connections: int, milliseconds: int) -> None:
    with fresh_database(), slow(milliseconds / 1000) as port:
        set_relay(port, connections)
        plan(count, 0)
        with Senders(PROCESSES, connections) as senders:
            began = time.perf_counter()
            senders.go()
            while handed_over() < count:
                time.sleep(0.05)
            took = time.perf_counter() - began
    best = connections / (milliseconds / 1000)
    print(
        f"{count} mails, {connections} connections, answers after {milliseconds} ms: {count / took:,.0f} of at best "
        f"{best:,.0f} mails/s, {count / took / best:.0%}   at least {LIMIT:.0%}   load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]), float(sys.argv[3]))
    else:
        given = [int(value) for value in sys.argv[1:4]]
        main(*(given + [20_000, 100, 20][len(given) :]))
