"""Addresses of chats, followers, group robots and clients’ systems: what they look like, and that nothing else is kept."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from tests.cast import make_agent, signed_in
from tidings.customers.models import Address
from tidings.customers.rules import address_key, fault_of_address
from tidings.customers.tests.test_another_address import change, staff
from tidings.customers.tests.test_pages import ladder, make_customer, send, version
from tidings.kernel.errors import Refused
from tidings.people.queries import actor_of
from tidings.shipments.importers.cells import PLAIN, BadCell

OPENID, ROBOT = "oia2TjuEGTNoeX76QEjQNrcURxG8", "693a91f6-7aaa-4bc4-97a0-0ec2sifa5aaa"
HOOK = "https://Client.example.org:8443/Hooks?to=1"


@pytest.mark.parametrize(
    ("channel", "value", "fits"),
    [
        ("telegram", "1111111", True),
        ("telegram", "-1001234567890", True),
        ("telegram", "@example_news", True),
        ("telegram", "+31612345678", False),
        ("telegram", "zoë", False),
        ("wechat", OPENID, True),
        ("wechat", "zhang", False),
        ("wecom", ROBOT, True),
        ("wecom", f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={ROBOT}", True),
        ("wecom", f"https://evil.example.org/cgi-bin/webhook/send?key={ROBOT}", False),
        ("webhook", HOOK, True),
        ("webhook", "http://tms.intern/hooks", True),
        ("webhook", "https://user:word@client.example.org/", False),
        ("webhook", "file:///etc/passwd", False),
        ("webhook", "https://client.example.org/a b", False),
        ("webhook", "https://client.example.org/\n", True),
        ("other", "discord://174200000000000000/zFmTv0Xbgw", True),
        ("other", "discord://1/2?template=/etc/passwd", False),
        ("email", "anything", True),
    ],
)
def test_an_address_has_its_channels_shape(channel: str, value: str, fits: bool) -> None:
    assert fault_of_address(channel, value) == (None if fits else f"contact.not_of_{channel}")


def test_capitals_make_another_address_of_a_system_only() -> None:
    assert address_key("webhook", HOOK) == HOOK
    assert address_key("telegram", "@Example_News") == "@example_news"


@pytest.mark.parametrize(
    ("kind", "good", "odd"),
    [
        ("chat", "1111111", "Zoë"),
        ("robot", ROBOT, "group"),
        ("https", HOOK, "client.example.org"),
    ],
)
def test_a_file_brings_only_such(kind: str, good: str, odd: str) -> None:
    assert PLAIN[kind](good) == good
    with pytest.raises(BadCell):
        PLAIN[kind](odd)


@pytest.mark.django_db
@pytest.mark.parametrize("channel", ["telegram", "wecom", "webhook"])
def test_the_database_keeps_no_other(channel: str) -> None:
    contact = make_customer()
    with pytest.raises(IntegrityError), transaction.atomic():
        Address.objects.create(contact=contact, channel=channel, value="no such", key="no such", position=5)


@pytest.mark.django_db
def test_a_new_odd_address_is_refused_and_one_that_a_file_brought_stays() -> None:
    contact, actor = make_customer(), actor_of(staff(name="Kim"))
    with pytest.raises(Refused, match=r"contact\.not_of_telegram"):
        change(actor, contact, ("telegram", "Zoë"))
    Address.objects.create(contact=contact, channel="wechat", value="zhang", key="zhang", position=2)
    change(actor, contact, ("wechat", "zhang"), ("email", "a@example.org"))
    assert contact.addresses.order_by("position").first().value == "zhang"  # type: ignore[union-attr]


@pytest.mark.django_db
def test_the_page_says_what_an_address_looks_like() -> None:
    desk: Client = signed_in(make_agent())
    contact = make_customer()
    wrong = send(
        desk, contact, version(desk, contact), **ladder(("telegram", "Zoë"), ("sms", "+31 6 0000 0000"))
    )
    assert wrong.status_code == 422  # type: ignore[attr-defined]
    assert "which the bot tells whoever starts it" in wrong.content.decode()  # type: ignore[attr-defined]
    right = ladder(("telegram", "1111111"), ("sms", "+31 6 0000 0000"))
    assert send(desk, contact, version(desk, contact), **right).status_code == 302  # type: ignore[attr-defined]
