"""A relay whose yes proves nothing: what it took is under way and not missing, few are called for it, and trying it finds out."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.urls import reverse

from tests.cast import make_administrator, make_dispatcher, signed_in
from tidings.messaging import jobs, queries
from tidings.messaging.engine.moves import Due, Standing, when_due
from tidings.messaging.engine.smtp import Server
from tidings.messaging.engine.trying import Tried, try_relay
from tidings.messaging.models import Recipient, Relay, Result
from tidings.messaging.rules.delivery import Rung
from tidings.messaging.tests.cast import make_sent
from tidings.messaging.tests.sinks import Sink, serving
from tidings.messaging.tests.test_ledgers import NOW, fact, leased
from tidings.messaging.tests.worlds import Person, PostgresWorld, World, add_relay, plan, states

CALL = Rung("call", "+31 970 141 234")
MAIL = Rung("email", "second@example.org")
PATIENCE = timedelta(hours=4)


def taken(further: tuple[Rung, ...], standing: str = "handed_over", **more: object) -> Standing:
    began = NOW - PATIENCE
    own = UUID(int=1)
    row = Standing("trying", standing, 1, 0, 1, own, "email", "a@example.org", further, NOW, began, None, "")
    return Standing(**{**{name: getattr(row, name) for name in row.__slots__}, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "calls_unproved", "expected"),
    [
        (taken((CALL,)), False, Due.NOTHING),
        (taken((CALL,)), True, Due.TO_CALL),
        (taken((CALL, MAIL)), False, Due.NEXT_RUNG),
        (taken((CALL,), needs_confirmed=True), False, Due.TO_CALL),
        (taken((CALL,), "accepted", needs_confirmed=True), False, Due.TO_CALL),
        (taken((CALL,), "refused"), False, Due.TO_CALL),
        (taken((CALL,), "uncertain", doubts=2), False, Due.TO_CALL),
    ],
)
def test_nobody_is_called_only_because_a_relay_proves_nothing(
    row: Standing, calls_unproved: bool, expected: Due
) -> None:
    what, moved = when_due(
        row,
        channels=frozenset({"email"}),
        patience=PATIENCE,
        due_by=None,
        new_id=UUID(int=2),
        now=NOW,
        calls_unproved=calls_unproved,
    )
    assert what is expected
    assert CALL in (*moved.further, Rung(moved.channel or "", moved.address or ""))


@pytest.mark.parametrize(
    ("chosen", "called"), [("receipts = true", 0), ("calls_unproved = true", 1), ("kind = 'catcher'", 1)]
)
async def test_the_relays_own_row_says_whether_people_are_called(
    world: World, chosen: str, called: int
) -> None:
    add_relay(world, kind="relay")
    world.write(f"UPDATE relay SET {chosen}")
    further = [{"channel": CALL.channel, "address": CALL.address}]
    broadcast = plan(world, [Person(further=further)])
    async with world.ledger() as ledger:
        lease = await leased(ledger)
        await ledger.release(lease, [])
        await ledger.release(lease, [fact(lease, lease.rows[0], "handed_over")])
        soon = datetime.now(UTC) + timedelta(minutes=20)
        await ledger.settle(1, soon)
        assert (await ledger.settle(1, soon + PATIENCE)).to_call == called
        assert states(world, broadcast) == ({"call_list": 1} if called else {"trying": 1})
        bounce = fact(lease, lease.rows[0], "refused", next_at=soon)
        await ledger.record(1, [bounce])
        await ledger.settle(1, soon + PATIENCE)
    assert states(world, broadcast) == {"call_list": 1}


def handed_over(kind: str = "relay", *, minutes: int = -30) -> UUID:
    """A message that was due a quarter of an hour ago, wholly taken by one relay, before or after."""
    due_by = datetime.now(UTC) - timedelta(minutes=15)
    message = make_sent(4, due_by=due_by)
    relay = Relay.objects.create(code="office", kind=kind, host="mail.example.org")
    for row in Recipient.objects.filter(message_id=message).exclude(address=None):
        Result.objects.create(
            delivery_id=row.delivery_id,
            attempt=1,
            outcome="handed_over",
            recipient_id=row.pk,
            broadcast_id=row.broadcast_id,
            relay_id=relay.pk,
            at=datetime.now(UTC) + timedelta(minutes=minutes),
        )
    Recipient.objects.filter(message_id=message).exclude(address=None).update(
        state="trying", standing="handed_over", next_at=None
    )
    return message


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "under_way", "overdue", "unproved"),
    [
        ({}, 4, 0, 4),
        ({"minutes": -5}, 0, 4, 4),
        ({"kind": "catcher"}, 0, 4, 0),
    ],
)
def test_what_was_handed_over_in_time_without_a_proof_is_a_part_of_under_way(
    facts: dict[str, object], under_way: int, overdue: int, unproved: int
) -> None:
    message = handed_over(**facts)  # type: ignore[arg-type]
    reach = queries.reach_of(message, datetime.now(UTC))
    size = reach.total - reach.unreachable
    assert (reach.under_way, reach.overdue, reach.unproved) == (
        under_way and size,
        overdue and size,
        unproved and size,
    )
    assert reach.waited_for == (0 if unproved else size)
    shown = signed_in(make_dispatcher()).get(reverse("messaging:message", args=[message])).text
    assert ("handed over, no evidence" in shown) is bool(unproved)


@pytest.mark.django_db
def test_who_must_confirm_is_waited_for_whatever_the_relay() -> None:
    message = handed_over()
    Recipient.objects.filter(message_id=message).update(needs_confirmed=True)
    reach = queries.reach_of(message, datetime.now(UTC))
    assert (reach.under_way, reach.unproved) == (0, 0)


@pytest.mark.parametrize(
    ("extensions", "answer", "expected"),
    [
        (("PIPELINING", "DSN"), None, Tried("taken", True)),
        (("PIPELINING",), None, Tried("taken", False)),
        (("DSN",), b"RCPT", Tried("refused", True)),
    ],
)
async def test_trying_hands_a_mail_over_and_reads_what_the_relay_offers(
    extensions: tuple[str, ...], answer: bytes | None, expected: Tried
) -> None:
    def no(line: bytes, _: object) -> bytes | None:
        return b"550 5.7.1 no\r\n" if answer and line.startswith(answer) else None

    async with serving(Sink(extensions=extensions, answer=no)) as sink:
        server = Server("127.0.0.1", sink.port, security="none", hello="example.org")
        content = b"Subject: Test\r\n\r\n.dotted\r\n"
        assert await try_relay(server, "us@example.org", "me@example.org", content) == expected
        assert [one.content for one in sink.took] == ([content] if expected.outcome == "taken" else [])
        assert not sink.faults
    assert await try_relay(server, "us@example.org", "me@example.org", b"") == Tried("unreachable", None)


@pytest.mark.django_db
def test_a_new_relay_is_tried_at_once_and_its_page_says_what_came_of_it() -> None:
    client = signed_in(make_administrator())
    fields = {"code": "office", "host": "127.0.0.1", "port": "1", "security": "none", "connections": "2", "reserved": "1", "rate": "0"}  # fmt: skip
    page = client.post(reverse("messaging:new_relay"), fields, follow=True).text
    assert "A test mail is on its way to you" in page
    relay = Relay.objects.get(code="office")
    jobs.trying(str(relay.pk), "me@example.org")
    address = reverse("messaging:relay", args=[relay.pk])
    assert "does not answer at this host and port" in client.get(address).text
    Relay.objects.update(speaks_dsn=False)
    assert "gives no receipts: what is handed over counts as under way" in client.get(address).text
    client.post(address, {**fields, "port": "2", "receipts": "on"})
    relay.refresh_from_db()
    assert (relay.speaks_dsn, relay.tried, relay.receipts) == (None, "", True)
    assert (
        signed_in(make_dispatcher()).post(reverse("messaging:try_relay", args=[relay.pk])).status_code == 403
    )


async def test_a_relay_whose_receipts_are_read_sends_people_to_the_telephone_when_it_is_silent(
    engine_database: str,
) -> None:
    world = PostgresWorld(engine_database)
    try:
        add_relay(world, kind="relay")
        world.write("UPDATE relay SET receipts = true, receipt_at = now()")
        plan(world, [Person(further=[{"channel": CALL.channel, "address": CALL.address}])])
        async with world.ledger() as ledger:
            lease = await leased(ledger)
            await ledger.release(lease, [])
            await ledger.release(lease, [fact(lease, lease.rows[0], "handed_over")])
            soon = datetime.now(UTC) + timedelta(minutes=20)
            await ledger.settle(1, soon)
            assert (await ledger.settle(1, soon + PATIENCE)).to_call == 1
    finally:
        world.close()


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "unproved"), [(1, 0), (8, 4)])
def test_what_such_a_relay_took_is_not_shown_as_without_evidence(days: int, unproved: int) -> None:
    message = handed_over()
    Relay.objects.update(receipts=True, receipt_at=datetime.now(UTC) - timedelta(days=days))
    reach = queries.reach_of(message, datetime.now(UTC))
    assert bool(reach.unproved) is bool(unproved)
