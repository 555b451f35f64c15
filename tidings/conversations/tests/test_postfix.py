"""A real Postfix sends its own bounces and receipts back to us over LMTP, and they find their deliveries."""

import asyncio
import smtplib

from tidings.conversations.actions import DoorSettings, decide, set_door
from tidings.conversations.actions.bring import AT_THE_DOOR
from tidings.conversations.models import Arrival
from tidings.conversations.tests.cast import DOMAIN, accepted, return_path
from tidings.conversations.tests.test_lmtp import free_port
from tidings.incidents.tests.cast import make_actor, make_told, readers
from tidings.messaging.models import Recipient
from tidings.messaging.queries import tokens
from tidings.messaging.tests.postfix import postfix
from tidings.messaging.tests.sinks import Conversation, Sink, serving
from tidings.worker.doors import Attendant, wanted


def refuse_one(line: bytes, _conversation: Conversation) -> bytes | None:
    return (
        b"550 5.1.1 no such user here\r\n"
        if line.upper().startswith(b"RCPT") and b"c-en@" in line.lower()
        else None
    )


def hand_over(port: int, row: Recipient) -> None:
    """Our mail to one reader, with the receipts asked for as the sender asks."""
    message_id = tokens().carried(row.delivery_id).message_id.decode()
    content = f"From: news@{DOMAIN}\r\nTo: {row.address}\r\nMessage-ID: <{message_id}@{DOMAIN}>\r\nSubject: x\r\n\r\nHello\r\n"
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as relay:
        relay.ehlo("us.example")
        relay.mail(return_path(row))
        assert relay.rcpt(row.address or "", ["NOTIFY=SUCCESS,FAILURE"])[0] == 250
        assert relay.data(content)[0] == 250


async def until_came(count: int) -> None:
    async with asyncio.timeout(60):
        while await asyncio.to_thread(Arrival.objects.count) < count:
            await asyncio.sleep(0.1)


def test_postfixs_own_bounce_and_receipt_find_their_deliveries(own_database: str) -> None:
    _actor, _incident, message = make_told()
    dead, living = readers(message)["Reader C-en"], readers(message)["Reader C-nl"]
    for row in (dead, living):
        accepted(row, "handed_over")
        Recipient.objects.filter(pk=row.pk).update(state="trying", reached_at=None)
    port = free_port()
    set_door(make_actor("administrator"), DoorSettings("lmtp", "back", {"host": "127.0.0.1", "port": port}))

    async def there_and_back() -> None:
        attendant = Attendant()
        await attendant.follow(await asyncio.to_thread(wanted))
        async with serving(Sink(answer=refuse_one)) as sink:
            with postfix(sink.port, port, DOMAIN) as relay:
                for row in (dead, living):
                    await asyncio.to_thread(hand_over, relay, row)
                await until_came(2)
        attendant.close()

    asyncio.run(there_and_back())
    for arrival in Arrival.objects.all():
        decide(AT_THE_DOOR, arrival.pk)
    assert {(one.kind, one.outcome, one.known_by) for one in Arrival.objects.all()} == {
        ("hard", "applied", "address"),
        ("relayed", "applied", "address"),
    }
    assert Recipient.objects.get(pk=dead.pk).standing == "refused"
    assert Recipient.objects.get(pk=living.pk).standing == "accepted"
