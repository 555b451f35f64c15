"""Whose address counts behind reverse proxies."""

from collections.abc import Mapping
from typing import Any

import pytest

from tidings.ui.proxies import behind, client_of, networks

OURS = networks("127.0.0.1, 10.1.0.0/16, ::1")


@pytest.mark.parametrize(
    ("direct", "forwarded", "client"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),  # a stranger says who they are: not believed
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),  # what the client made up stands left
        ("127.0.0.1", ["127.0.0.1, 198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["198.51.100.7, 10.1.2.3"], "198.51.100.7"),  # two proxies of ours
        ("127.0.0.1", ["203.0.113.9", "198.51.100.7, 10.1.2.3"], "198.51.100.7"),  # two headers
        ("127.0.0.1", ["198.51.100.7, 10.2.2.3"], "10.2.2.3"),  # a proxy that is not ours
        ("127.0.0.1", ["10.1.0.9, 10.1.2.3"], "10.1.0.9"),  # nobody but ours: the furthest
        ("127.0.0.1", ["198.51.100.7, unknown"], "127.0.0.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.7:4711"], "198.51.100.7"),
        ("::1", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("::1", ["2001:db8::7"], "2001:db8::7"),
        ("::ffff:127.0.0.1", ["198.51.100.7"], "198.51.100.7"),
    ],
)
def test_the_first_hop_from_the_right_that_is_not_ours_counts(
    direct: str, forwarded: list[str], client: str
) -> None:
    assert client_of(direct, forwarded, OURS) == client


@pytest.mark.parametrize("text", ["10.0.0.0/99", "proxy.example.org", "10.1.2.3/16"])
def test_what_is_no_address_and_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text.split("/")[0]):
        networks(f"127.0.0.1,{text}")


@pytest.mark.parametrize(
    ("trusted", "direct", "client", "keeps_headers"),
    [
        ("127.0.0.1", "127.0.0.1", "198.51.100.7", True),
        ("127.0.0.1", "192.0.2.1", "192.0.2.1", False),
        ("", "127.0.0.1", "127.0.0.1", True),
    ],
)
async def test_only_a_trusted_proxy_says_who_asked_and_over_what(
    trusted: str, direct: str, client: str, keeps_headers: bool
) -> None:
    met: list[Mapping[str, Any]] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        met.append(scope)

    said = [(b"x-forwarded-for", b"198.51.100.7"), (b"x-forwarded-proto", b"https"), (b"host", b"x")]
    asked = behind(networks(trusted), application)
    await asked({"type": "http", "client": (direct, 1), "headers": said}, None, None)  # type: ignore[arg-type]
    assert met[0]["client"] == (client, 1)
    assert met[0]["headers"] == (said if keeps_headers else said[2:])
