"""A real mail server says that an address is at fault: its customer is not written to there again, until it works."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from tidings.customers.models import Address, Contact, Customer
from tidings.customers.queries import ANY_TEXT, LADDER
from tidings.incidents.jobs import mark_refused, revive_taken
from tidings.kernel.clock import now
from tidings.kernel.models import AuditLine
from tidings.messaging.engine.ledger import Fact
from tidings.messaging.models import Recipient, RefusedAddress
from tidings.messaging.tests.sinks import Conversation, Sink, serving
from tidings.messaging.tests.test_sender import sending, settings, until
from tidings.messaging.tests.worlds import Person, PostgresWorld, add_relay, outcomes, plan

EMAIL, TELEPHONE = "bo@example.org", "+31970141234"


@pytest.fixture
def world(own_database: str) -> Iterator[PostgresWorld]:
    given = connection.get_connection_params()
    known = {key: given[key] for key in ("host", "port", "user", "password") if given.get(key)}
    made = PostgresWorld(make_conninfo(dbname=own_database, **known))
    yield made
    made.close()


@pytest.fixture
def contact(world: PostgresWorld) -> Contact:
    customer = Customer.objects.create(number="C1", name="Bo")
    made = Contact.objects.create(customer=customer, name="Bo")
    for position, (channel, value) in enumerate((("email", EMAIL), ("sms", TELEPHONE))):
        Address.objects.create(contact=made, channel=channel, value=value, key=value, position=position)
    return made


def send(
    world: PostgresWorld, folder: Path, contact: Contact, reply: bytes, *, drill: bool = False, kind: str = "direct"
) -> None:  # fmt: skip
    """One mail to the contact through a server that gives this reply to its address."""
    world.write("DELETE FROM relay_slot ")
    world.write("UPDATE relay SET enabled = false")

    def answer(line: bytes, conversation: Conversation) -> bytes | None:
        return reply if reply[:1] != b"2" and line[:4] == b"RCPT" else None

    async def work() -> None:
        async with serving(Sink(answer=answer)) as sink, world.ledger() as ledger:
            add_relay(world, sink.port, kind=kind, code=str(sink.port))
            broadcast = plan(world, [Person(EMAIL, further=[])], drill=drill)
            world.write("UPDATE recipient SET contact_id = ? WHERE broadcast_id = ?", contact.pk, broadcast)
            before = sum(outcomes(world).values())
            async with sending(ledger, settings(folder)):
                await until(lambda: sum(outcomes(world).values()) > before)

    asyncio.run(work())


def first_rung(contact: Contact) -> str | None:
    """The address that the next planning takes."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT address FROM ({LADDER}) l WHERE contact_id = %(contact)s",
            {"at_now": now(), "at_channels": ["email"], **ANY_TEXT, "contact": contact.pk},
        )
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("reply", "why"),
    [(b"550 5.1.1 no such user\r\n", "no_such_address"), (b"550 5.2.1 account disabled\r\n", "refused")],
)
def test_an_address_that_its_server_refuses_is_passed_over_from_then_on(
    world: PostgresWorld, contact: Contact, tmp_path: Path, reply: bytes, why: str
) -> None:
    send(world, tmp_path, contact, reply)
    assert first_rung(contact) == EMAIL
    mark_refused()
    marked = Address.objects.get(channel="email")
    refused_at = world.rows("SELECT at FROM result WHERE outcome = 'refused'")[0][0]
    assert (marked.dead_why, marked.dead_since) == (why, refused_at)
    assert first_rung(contact) == TELEPHONE
    assert AuditLine.objects.filter(verb="address.mark").count() == 1
    assert not RefusedAddress.objects.exists(), "nobody's address is kept here once it is marked"
    mark_refused()
    assert AuditLine.objects.filter(verb="address.mark").count() == 1


@pytest.mark.parametrize(
    ("reply", "drill", "kind"),
    [
        (b"550 5.7.1 we do not like you\r\n", False, "direct"),
        (b"550 Mail content denied\r\n", False, "direct"),
        (b"535 5.7.8 authentication failed\r\n", False, "direct"),
        (b"452 4.2.2 mailbox full\r\n", False, "direct"),
        (b"550 5.1.1 no such user\r\n", True, "catcher"),
        (b"550 5.1.1 no such user\r\n", False, "catcher"),
    ],
)
def test_what_is_our_own_fault_or_only_for_now_or_a_drill_never_marks_an_address(
    world: PostgresWorld, contact: Contact, tmp_path: Path, reply: bytes, drill: bool, kind: str
) -> None:
    send(world, tmp_path, contact, reply, drill=drill, kind=kind)
    mark_refused()
    assert first_rung(contact) == EMAIL


def test_a_later_acceptance_by_the_same_server_takes_the_mark_away(
    world: PostgresWorld, contact: Contact, tmp_path: Path
) -> None:
    send(world, tmp_path, contact, b"550 5.1.1 no such user\r\n")
    mark_refused()
    revive_taken()
    assert first_rung(contact) == TELEPHONE, "nothing was taken since"
    send(world, tmp_path, contact, b"250 ok\r\n", kind="relay")
    revive_taken()
    assert first_rung(contact) == TELEPHONE, "a relay of ours takes mail for anybody"
    send(world, tmp_path, contact, b"250 ok\r\n")
    revive_taken()
    assert first_rung(contact) == EMAIL
    assert AuditLine.objects.filter(verb="address.revive").count() == 1


def test_a_mark_that_a_person_set_is_not_taken_away_by_a_server(
    world: PostgresWorld, contact: Contact, tmp_path: Path
) -> None:
    Address.objects.filter(channel="email").update(dead_since=now(), dead_why="wrong_person")
    send(world, tmp_path, contact, b"250 ok\r\n")
    revive_taken()
    assert first_rung(contact) == TELEPHONE


def test_a_bounce_that_comes_later_marks_the_address_too(
    world: PostgresWorld, contact: Contact, tmp_path: Path
) -> None:
    send(world, tmp_path, contact, b"250 ok\r\n")
    sent = Recipient.objects.get()
    said = {"refusal": "address", "reply": "550 5.1.1 no such user"}
    bounce = Fact(sent.delivery_id, 0, "refused", now(), sent.id, sent.broadcast_id, **said)  # type: ignore[arg-type]

    async def tell() -> None:
        async with world.ledger() as ledger:
            await ledger.record(1, [bounce, bounce])

    asyncio.run(tell())
    mark_refused()
    assert Address.objects.get(channel="email").dead_why == "no_such_address"
