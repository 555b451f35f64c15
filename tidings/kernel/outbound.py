"""The one outbound door: every address that comes from settings, an API, a feed or a monitor is reached through here.

It resolves once, refuses what is not public, connects to the very address it checked (so a name cannot change its answer
in between), follows no redirect, uses no proxy, and limits size and time. In-house targets are named in the environment.
`fetch` is for one request; a `Door` keeps its connections, each made and checked in the same way.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import httpcore
import httpx

from tidings.kernel.errors import Refused, TryLater

MAX_BYTES = 1 << 20
SECONDS = 15.0
CONNECTIONS = 100
KEPT_SECONDS = 30.0
Resolve = Callable[[str, int], Awaitable[list[str]]]
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NEVER = [  # what `is_global` of Python 3.11 lets through
    ipaddress.ip_network(net)
    for net in ("192.0.0.0/24", "192.88.99.0/24", "::/96", "64:ff9b:1::/48", "fec0::/10", "2001::/32")
]
_BROKEN = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)
_HOST = re.compile(r"[a-z0-9._:-]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status; a redirect is an answer like any other."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(method: str, url: str, **options: object) -> Answer:
    """The same as `fetch_async`, for a job's thread."""
    return asyncio.run(fetch_async(method, url, **options))  # type: ignore[arg-type]  # the options are its own


async def fetch_async(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes = b"",
    seconds: float = SECONDS,
    max_bytes: int = MAX_BYTES,
    allow: Sequence[str] | None = None,
    resolve: Resolve | None = None,
) -> Answer:
    """One request. Raises Refused("outbound.…") for a target that may not be reached or an answer too large, TryLater
    ("outbound.no_answer") when nobody answers within `seconds` altogether. `allow` defaults to TIDINGS_ALLOW_TARGETS.
    """
    async with Door(allow=allow, resolve=resolve) as door:
        return await door.request(
            method, url, headers=headers, content=content, seconds=seconds, max_bytes=max_bytes
        )


class Unanswered(TryLater):
    """The request had left, and no whole answer came: it may have been acted on."""


class Door:
    """The door with its connections kept, for a process that speaks to the same services all day. Belongs to one event loop.

    Use it with `async with`, or `close` it. At most `connections` are open at the same time.
    """

    def __init__(
        self,
        *,
        allow: Sequence[str] | None = None,
        resolve: Resolve | None = None,
        connections: int = CONNECTIONS,
    ) -> None:
        self._network = _CheckedConnections(allow, resolve)
        self._context = ssl.create_default_context()
        self._room = asyncio.Semaphore(connections)
        self._idle: dict[str, list[httpcore.AsyncHTTPConnection]] = {}  # by origin

    async def __aenter__(self) -> "Door":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends every connection that is not in use."""
        while self._idle:
            for connection in self._idle.popitem()[1]:
                await connection.aclose()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        seconds: float = SECONDS,
        max_bytes: int = MAX_BYTES,
    ) -> Answer:
        """One request, as `fetch_async`. Where it had left and no answer came, the TryLater is an `Unanswered`."""
        target = _parsed(url)
        host = _host(target)
        request, left = _request(method, target, host, headers, content, seconds)
        try:
            async with asyncio.timeout(seconds):
                return await self._answer(request, host, max_bytes)
        except httpcore.LocalProtocolError:  # what was handed in cannot be said over HTTP
            raise TryLater("outbound.no_answer", host=host) from None
        except (*_BROKEN, TimeoutError, OSError):
            kind = Unanswered if left else TryLater
            raise kind("outbound.no_answer", host=host) from None

    async def _answer(self, request: httpcore.Request, host: str, max_bytes: int) -> Answer:
        async with self._room:
            connection = await self._connection(request.url.origin)
            try:
                answer = await _read(await connection.handle_async_request(request), host, max_bytes)
            except BaseException:  # the caller gave up, too: what half an answer is left on serves nobody
                await connection.aclose()
                raise
            if connection.is_idle():
                self._idle.setdefault(str(request.url.origin), []).append(connection)
            return answer

    async def _connection(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        """A kept one to this very name, or a new one. httpcore's own pool looks at each connection for each request."""
        kept = self._idle.get(str(origin), [])
        while kept:
            connection = kept.pop()
            if not connection.has_expired():
                return connection
            await connection.aclose()
        await self._sweep()
        return httpcore.AsyncHTTPConnection(
            origin,
            ssl_context=self._context,
            keepalive_expiry=KEPT_SECONDS,
            network_backend=self._network,
        )

    async def _sweep(self) -> None:
        """Ends those to any name that nobody will use again."""
        for origin, kept in list(self._idle.items()):
            ended = [connection for connection in kept if connection.has_expired()]
            self._idle[origin] = [connection for connection in kept if connection not in ended]
            if not self._idle[origin]:
                del self._idle[origin]
            for connection in ended:
                await connection.aclose()


async def _read(response: httpcore.Response, host: str, max_bytes: int) -> Answer:
    try:
        headers = httpx.Headers(response.headers)
        if headers.get("content-encoding", "identity") != "identity":
            # it was told not to: a small answer may unpack to a huge one
            raise Refused("outbound.packed", host=host)
        body = bytearray()
        async for piece in response.aiter_stream():
            body += piece
            if len(body) > max_bytes:
                raise Refused("outbound.too_large", host=host, kilobytes=max_bytes >> 10)
        return Answer(response.status, dict(headers), bytes(body))
    finally:
        await response.aclose()


class _CheckedConnections(httpcore.AnyIOBackend):
    """Connects to addresses that were checked just now, and to no other."""

    def __init__(self, allow: Sequence[str] | None, resolve: Resolve | None) -> None:
        self._allow, self._resolve = allow, resolve

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        address = (await checked_addresses(host, port, allow=self._allow, resolve=self._resolve))[0]
        return await super().connect_tcp(address, port, timeout, local_address, socket_options)


async def checked_addresses(
    host: str, port: int, *, allow: Sequence[str] | None = None, resolve: Resolve | None = None
) -> list[str]:
    """The addresses of a host, for a caller that speaks another protocol and connects to one of exactly these.

    Raises Refused("outbound.forbidden_target") when one of them is not public and the host is not allowed by name.
    """
    allowed = _allowed_targets() if allow is None else allow
    try:
        found = await (resolve or _resolve)(host, port)
    except UnicodeError:
        raise Refused("outbound.not_an_address") from None
    if not found:
        raise TryLater("outbound.no_answer", host=host)
    if host not in allowed and f"{host}:{port}" not in allowed and not all(map(is_public, found)):
        raise Refused("outbound.forbidden_target", host=host)
    return found


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet; one that carries an IPv4 address inside is judged by that too."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _inside(parsed)
    if inner is not None:
        return is_public(str(inner))
    if any(parsed.version == net.version and parsed in net for net in _NEVER):
        return False
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


def _inside(address: _Address) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour


def _parsed(url: str) -> httpx.URL:
    try:
        target = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise Refused("outbound.not_an_address") from None
    if target.scheme not in ("http", "https") or target.userinfo or not _HOST.fullmatch(_host(target)):
        raise Refused("outbound.not_an_address")
    return target


def _host(target: httpx.URL) -> str:
    return target.raw_host.decode("ascii", "replace").lower().rstrip(".")


async def _resolve(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _request(
    method: str,
    target: httpx.URL,
    host: str,
    headers: Mapping[str, str] | None,
    content: bytes,
    seconds: float,
) -> tuple[httpcore.Request, list[str]]:
    """The request, and a list that holds something once it has begun to leave."""
    left: list[str] = []

    async def trace(event: str, _: Mapping[str, Any]) -> None:
        if event.endswith("send_request_headers.started"):
            left.append(event)

    given = {"accept-encoding": "identity", **(headers or {}), "host": target.netloc.decode()}
    whole = httpx.Request(method, target, headers=given, content=content)
    port = target.port or (443 if target.scheme == "https" else 80)
    waits = dict.fromkeys(("connect", "read", "write", "pool"), seconds)
    request = httpcore.Request(
        method,
        httpcore.URL(scheme=target.scheme, host=host, port=port, target=target.raw_path),
        headers=whole.headers.raw,
        content=content,
        extensions={"timeout": waits, "trace": trace},
    )
    return request, left


def _allowed_targets() -> Sequence[str]:
    from django.conf import settings  # here: the door works without Django when a list is handed in

    targets: Sequence[str] = settings.TIDINGS_ALLOW_TARGETS
    return targets
