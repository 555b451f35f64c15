"""A thousand people with dead addresses, deaf telephones, quiet hours and two failing providers: at the end everybody is
reached or stands on the call list, and nobody had anything twice.
"""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs
from uuid import UUID

import pytest
from django.db import connections

from tidings.kernel.clock import now
from tidings.messaging import actions, queries
from tidings.messaging.actions.gateway import apply_receipt
from tidings.messaging.engine.sender import SenderSettings, run_sender
from tidings.messaging.ledger import PostgresLedger
from tidings.messaging.models import Pause, Recipient, RefusedAddress, Relay, RelaySlot
from tidings.messaging.rules.content import Audience
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.tests.cast import ABOUT, WRITER, make_message
from tidings.messaging.tests.gateways.http import Reply, Request, serving
from tidings.messaging.tests.sender_process import IDENTITY
from tidings.messaging.tests.sinks import Conversation, Sink
from tidings.messaging.tests.sinks import serving as mail_serving
from tidings.messaging.tests.test_services import twilio
from tidings.worker.connections import own_conninfo
from tidings.worker.net import OutboundNet
from tidings.worker.sender import values_of
from tidings.worker.services import ChannelServices

SIZE = 1000
# By the last digit: mail that works (0 to 3), dead mail and a number (4, 5), dead mail and a deaf telephone (6), a number alone (7),
# mail in quiet hours (8), a deaf telephone alone (9). Whoever has a number can be called on it, too.
PEOPLE = """
    SELECT gen_random_uuid() AS contact_id, 'Zoë ' || n AS name, (ARRAY['en', 'nl', 'zh-hans'])[1 + n %% 3] AS language,
           'Europe/Amsterdam' AS time_zone,
           CASE WHEN n %% 10 IN (7, 9) THEN 'sms' ELSE 'email' END AS channel,
           CASE WHEN n %% 10 IN (7, 9) THEN '+316' || lpad(n::text, 8, '0')
                ELSE CASE WHEN n %% 10 IN (4, 5, 6) THEN 'dead' ELSE 'p' END || n || '@example.org' END AS address,
           now() + interval '8 hours' AS due_by, ARRAY[gen_random_uuid()] AS shipment_ids,
           '[{"waybill": "JJD1", "effect": "delayed", "expected_at": "2026-12-24T16:00:00+00:00"}]'::jsonb AS lines,
           CASE WHEN n %% 10 IN (4, 5, 6)
                THEN jsonb_build_array(jsonb_build_object('channel', 'sms', 'address', '+316' || lpad(n::text, 8, '0')),
                                       jsonb_build_object('channel', 'call', 'address', '+316' || lpad(n::text, 8, '0')))
                WHEN n %% 10 IN (7, 9)
                THEN jsonb_build_array(jsonb_build_object('channel', 'call', 'address', '+316' || lpad(n::text, 8, '0')))
                ELSE '[]'::jsonb END AS further,
           '' AS passed_over,
           CASE WHEN n %% 10 = 8 THEN now() + interval '2 hours' END AS quiet_until
    FROM generate_series(1, %(size)s) AS n
"""
DEAF = {"6", "9"}


def _dead_mailboxes(line: bytes, _: Conversation) -> bytes | None:
    return b"550 5.1.1 no such user\r\n" if line.upper().startswith(b"RCPT TO:<DEAD") else None


class Flaky:
    """A gateway that fails at first, and then takes everything; it counts by number what it took."""

    def __init__(self, fails: int) -> None:
        self._fails, self.took = fails, Counter[str]()
        self.ids: dict[str, str] = {}

    def __call__(self, request: Request) -> Reply:
        if self._fails:
            self._fails -= 1
            return Reply(500, "<h1>Internal Server Error</h1>")
        number = parse_qs(request.body.decode())["To"][0]
        self.took[number] += 1
        self.ids[number] = f"SM{len(self.ids):032}"
        return Reply(201, f'{{"sid": "{self.ids[number]}", "status": "queued", "num_segments": "1"}}')


def _set_up(mail: int, refusing: str, flaky: str) -> tuple[UUID, UUID, UUID]:
    relay = Relay.objects.create(code="mail", kind="direct", host="127.0.0.1", port=mail, security="none")
    RelaySlot.objects.bulk_create(RelaySlot(relay=relay, lane="bulk") for _ in range(10))
    first, second = twilio(refusing, code="first"), twilio(flaky, code="second")
    Relay.objects.filter(pk=second).update(position=1)
    message = make_message()
    people = Audience(PEOPLE, {"size": SIZE}, ladder=True, quiet=True)
    assert actions.send_message(WRITER, message, people) == SIZE
    connections.close_all()
    return message, first, second


def _receipts(service: UUID, ids: dict[str, str], told: set[str]) -> None:
    """What comes in for every telephone that is not deaf."""
    for number, reference in list(ids.items()):
        if number[-1] not in DEAF and number not in told and apply_receipt(
            service, None, reference, Outcome.DELIVERED, now(), "delivered", None
        ):  # fmt: skip
            told.add(number)
    connections.close_all()


def _left(message: UUID) -> int:
    found = Recipient.objects.filter(message_id=message, state__in=("waiting", "trying")).count()
    connections.close_all()
    return found


async def _work(folder: Path, message: UUID, service: UUID, gateway: Flaky, at: datetime) -> None:
    """The sender at work; hours pass in a moment, since the ledger is told what time it is."""
    stop, told = asyncio.Event(), set[str]()
    settings = SenderSettings(IDENTITY, folder / "journal", 1, poll_seconds=0.02, settle_every_seconds=60)
    net = OutboundNet(allow=["127.0.0.1"])
    services = ChannelServices(
        net, IDENTITY, "https://t.example.org/messages/gateway/", values_of, demo=False
    )
    async with PostgresLedger(own_conninfo(), actions.unsealed) as ledger:
        work = asyncio.create_task(run_sender(ledger, settings, values_of, stop, services))
        async with asyncio.timeout(170):
            while await asyncio.to_thread(_left, message):
                await asyncio.sleep(0.2)
                await asyncio.to_thread(_receipts, service, gateway.ids, told)
                at += timedelta(minutes=2)
                await ledger.settle(1, at)
        stop.set()
        await work
    await services.close()
    await net.close()


@pytest.mark.usefixtures("own_database")
async def test_everybody_is_reached_or_on_the_call_list_and_nobody_had_it_twice(tmp_path: Path) -> None:
    gateway = Flaky(fails=30)
    async with (
        mail_serving(Sink(answer=_dead_mailboxes)) as sink,
        serving(lambda _: Reply(401, '{"code": 20003}')) as refusing,
        serving(gateway) as flaky,
    ):
        message, first, second = await asyncio.to_thread(_set_up, sink.port, refusing.url, flaky.url)
        await _work(tmp_path, message, second, gateway, now())
        mails = Counter(took.to for took in sink.took)
    assert len(mails) == 500 and set(mails.values()) == {1}
    assert len(gateway.took) == 500 and set(gateway.took.values()) == {1}
    await asyncio.to_thread(_judge, message, first)


def _judge(message: UUID, first: UUID) -> None:
    rows = Recipient.objects.filter(message_id=message)
    by_digit = Counter((row.name[-1], row.state) for row in rows)
    reached = {(digit, "reached"): 100 for digit in "01234578"}
    assert by_digit == {**reached, ("6", "call_list"): 100, ("9", "call_list"): 100}
    dead = {one.address for one in RefusedAddress.objects.all()}
    assert len(dead) == 300 and all(address.startswith("dead") for address in dead), "no number is blamed"
    [pause] = Pause.objects.filter(ended_at=None)
    assert (pause.scope, pause.thing, pause.reason) == ("relay", str(first), "no_access")
    [reach] = queries.reach(ABOUT, now() + timedelta(hours=1))
    assert (reach.in_time, reach.under_way, reach.total) == (800, 200, 1000)
    connections.close_all()
