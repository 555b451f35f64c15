"""Who really asks when reverse proxies stand between. Before Django, so that limits, logs and the demo's fence agree."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_SAID = (b"x-forwarded-for", b"x-forwarded-proto")


def networks(text: str) -> tuple[Network, ...]:
    """The addresses and networks of a list by comma. Raises ValueError that names the one that is none."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def client_of(direct: str, forwarded: Sequence[str], trusted: Iterable[Network]) -> str:
    """The address that asked: from the right, the first hop that is no proxy of ours.

    `forwarded` are the X-Forwarded-For headers in order. What stands further left was written by that hop, so anybody may
    have made it up. An address that is none ends the walk at the proxy that reported it.
    """
    known = tuple(trusted)
    address = _address(direct)
    hops = [hop for header in forwarded for hop in header.split(",")]
    while address is not None and _is_in(address, known) and hops:
        named = _address(hops.pop())
        if named is None:
            break
        address = named
    return str(address) if address is not None else direct


def behind(trusted: Sequence[Network], application: Application) -> Application:
    """The application as its clients reach it through `trusted` proxies; others' forwarding headers are dropped.

    Without a trusted proxy nothing changes: the direct address counts.
    """

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        if trusted and scope["type"] == "http" and scope.get("client"):
            direct, port = scope["client"]
            said = [value.decode("latin-1") for name, value in scope["headers"] if name == _SAID[0]]
            scope = {**scope, "client": (client_of(direct, said, trusted), port)}
            address = _address(direct)
            if address is None or not _is_in(address, trusted):
                scope["headers"] = [one for one in scope["headers"] if one[0] not in _SAID]
        await application(scope, receive, send)

    return asked


def _is_in(address: Address, known: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in known)


def _address(text: str) -> Address | None:
    """`192.0.2.1`, `192.0.2.1:1234`, `2001:db8::1`, `[2001:db8::1]:1234`; an IPv4 address inside IPv6 is itself."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
