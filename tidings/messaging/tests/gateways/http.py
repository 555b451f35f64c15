"""A real HTTP server on loopback that answers, drips, falls silent or hangs up as it is told. No mock: what a channel says
goes over a socket and is read from it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

HANG, DROP = "hang", "drop"


@dataclass(frozen=True)
class Reply:
    """What the server answers; `instead` may be HANG (no answer, the connection stays) or DROP (closed without a word)."""

    status: int = 200
    body: bytes | str = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    instead: str = ""


@dataclass(frozen=True)
class Request:
    """What a channel said. Names of headers are in small letters."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return _first_of_each(urlsplit(self.target).query)

    @property
    def form(self) -> dict[str, str]:
        return _first_of_each(self.body.decode())


def _first_of_each(encoded: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(encoded, keep_blank_values=True).items()}


Answer = Callable[[Request], Reply]


class Server:
    """Use `serving`. `requests` is what came, in order; `connections` how many were opened."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self.connections = 0
        self.port = 0
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._one(reader, writer):
                    pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Reads one request and answers it; False where the connection ends with it."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ")
        named = (line.partition(":") for line in lines if line)
        headers = {name.lower(): value.strip() for name, _, value in named}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        request = Request(method, target, headers, body)
        self.requests.append(request)
        reply = self.answer(request)
        if reply.instead == DROP:
            return False
        if reply.instead == HANG:
            await reader.read()  # until the other side gives up
            return False
        content = reply.body.encode() if isinstance(reply.body, str) else reply.body
        said = {"content-length": str(len(content)), **reply.headers}
        told = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        writer.write(f"HTTP/1.1 {reply.status} said\r\n{told}\r\n".encode() + content)
        await writer.drain()
        return True

    def hang_up(self) -> None:
        for writer in list(self._open):
            writer.close()


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[Server]:
    server = Server(answer)
    listening = await asyncio.start_server(server.connected, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        server.hang_up()
        await asyncio.sleep(0)
