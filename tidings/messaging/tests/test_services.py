"""Services beside mail relays, from their settings to a receipt: a real gateway on loopback, the real sender, a signed callback."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from tests.cast import make_administrator, signed_in
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, Refused
from tidings.kernel.jobs import run_waiting
from tidings.messaging import actions, jobs, queries
from tidings.messaging.actions.services import Service, kept_settings, read_webhook_secret, set_service
from tidings.messaging.channels.making import channel_kinds, settings_of
from tidings.messaging.channels.twilio_signed import signature
from tidings.messaging.engine.sender import SenderSettings, run_sender
from tidings.messaging.ledger import PostgresLedger
from tidings.messaging.models import CameIn, Recipient, Reference, Relay, Result, Spoken
from tidings.messaging.rules.content import Audience
from tidings.messaging.rules.webhooks import secret_for
from tidings.messaging.tests.cast import ABOUT, WRITER, make_message
from tidings.messaging.tests.gateways.base import Case
from tidings.messaging.tests.gateways.test_twilio import SID, TwilioGateway
from tidings.messaging.tests.sender_process import IDENTITY
from tidings.ui.words import labels
from tidings.worker.connections import own_conninfo
from tidings.worker.net import OutboundNet
from tidings.worker.sender import values_of
from tidings.worker.services import ChannelServices

ADMINISTRATOR = Actor(ActorKind.PERSON, "a", frozenset({"relay.change", "message.read"}))
PHONES = """
    SELECT gen_random_uuid() AS contact_id, 'Zoë ' || n AS name, 'nl' AS language, 'Europe/Amsterdam' AS time_zone,
           'sms' AS channel, '+3161234567' || n AS address, now() + interval '4 hours' AS due_by,
           ARRAY[gen_random_uuid()] AS shipment_ids,
           '[{"waybill": "JJD1", "effect": "delayed", "expected_at": "2026-11-24T16:00:00+00:00"}]'::jsonb AS lines
    FROM generate_series(1, %(size)s) AS n
"""
TOKEN = "12345-auth-token"


def twilio(
    address: str = "https://api.twilio.com", code: str = "texts", relay: UUID | None = None, **given: object
) -> UUID:
    settings = {
        "account": "ACXX",
        "token": TOKEN,
        "sender": "Parcel",
        "messaging_service": "",
        "address": address,
    }
    return set_service(
        ADMINISTRATOR, Service(code, "twilio", "sms", {**settings, **given}, sealed=["token"]), relay
    )


def send_by_sms(size: int) -> UUID:
    message = make_message()
    actions.send_message(WRITER, message, Audience(PHONES, {"size": size}))
    return message


async def until_recorded(folder: Path, expected: int) -> None:
    """The sender at work, as its process does it, until so many results stand."""
    stop = asyncio.Event()
    settings = SenderSettings(IDENTITY, folder / "journal", 1, poll_seconds=0.02, settle_every_seconds=30)
    net = OutboundNet(allow=["127.0.0.1"])
    services = ChannelServices(
        net, IDENTITY, "https://t.example.org/messages/gateway/", values_of, demo=False
    )
    async with PostgresLedger(own_conninfo(), actions.unsealed) as ledger:
        work = asyncio.create_task(run_sender(ledger, settings, values_of, stop, services))
        async with asyncio.timeout(20):
            while await asyncio.to_thread(_recorded) < expected:
                await asyncio.sleep(0.02)
        stop.set()
        await work
    await services.close()
    await net.close()


def _recorded() -> int:
    try:
        return Result.objects.count()
    finally:
        connection.close()


@pytest.mark.parametrize("code", sorted(set(channel_kinds()) - {"email"}))
def test_every_service_and_every_setting_of_it_has_words(code: str) -> None:
    kind, known = channel_kinds()[code], labels()
    assert f"service.{code}" in known
    assert f"channel.{kind.rung}" in known
    for one in settings_of(kind):
        assert f"service.{code}.{one.name}" in known or f"service.setting.{one.name}" in known, one.name
        assert all(f"service.choice.{choice}" in known for choice in one.choices), one.name


@pytest.mark.django_db
def test_what_is_sealed_stays_unless_it_is_typed_anew() -> None:
    relay = twilio()
    assert TOKEN.encode() not in bytes(Relay.objects.get(pk=relay).settings)
    twilio(relay=relay, token="", sender="+31201234567")
    service, settings = kept_settings(relay)
    assert (service, json.loads(settings)["token"], json.loads(settings)["sender"]) == (
        "twilio",
        TOKEN,
        "+31201234567",
    )
    with pytest.raises(Refused) as refused:
        twilio(code="texts")
    assert refused.value.code == "messaging.relay_name_taken"


@pytest.mark.django_db
def test_a_rung_can_be_sent_by_only_while_a_service_for_it_is_used() -> None:
    assert queries.sent_channels() == ["email"]
    relay = twilio()
    assert queries.sent_channels() == ["email", "sms"]
    assert not queries.has_relay(), "mail still goes into the catcher"
    actions.end_relay(ADMINISTRATOR, relay)
    assert queries.sent_channels() == ["email"]
    with pytest.raises(Missing):
        kept_settings(relay)


@pytest.mark.usefixtures("own_database")
async def test_an_sms_goes_from_its_settings_to_its_receipt(tmp_path: Path) -> None:
    gateway = TwilioGateway()
    async with gateway.playing(Case.ACCEPTED) as playing:
        relay = await asyncio.to_thread(twilio, playing.url)
        await asyncio.to_thread(send_by_sms, 1)
        await until_recorded(tmp_path, 1)
        [request] = playing.requests
    sent = request.body.decode()
    assert "%2B31612345671" in sent
    assert "messages%2Fgateway%2F" in sent, "it is told where to report"
    await asyncio.to_thread(_the_receipt_comes_in, relay)


def _the_receipt_comes_in(relay: UUID) -> None:
    row = Recipient.objects.get()
    assert (Reference.objects.get().reference, Reference.objects.get().delivery_id) == (SID, row.delivery_id)
    path = f"/messages/gateway/{relay}/"
    form = {"MessageSid": SID, "MessageStatus": "delivered", "To": row.address or ""}
    signed = signature(TOKEN, f"http://testserver{path}", form).decode()
    kind = "application/x-www-form-urlencoded"
    client = Client()
    forged = client.post(path, urlencode(form), content_type=kind, headers={"x-twilio-signature": "no"})
    answer = client.post(
        path,
        urlencode({**form, "MessageStatus": "failed"}),
        content_type=kind,
        headers={"x-twilio-signature": "no"},
    )
    assert forged.status_code == answer.status_code == 403
    run_waiting()
    assert set(CameIn.objects.values_list("state", flat=True)) == {"forged"}
    row.refresh_from_db()
    assert row.state != "reached"
    CameIn.objects.all().delete()
    for _ in range(2):
        assert (
            client.post(
                path, urlencode(form), content_type=kind, headers={"x-twilio-signature": signed}
            ).status_code
            == 200
        )
    run_waiting()
    assert [one.state for one in CameIn.objects.all()] == ["applied"]
    row.refresh_from_db()
    assert (row.state, row.standing) == ("reached", "delivered")
    [reach] = queries.reach(ABOUT, now() + timedelta(minutes=1))
    assert (reach.delivered, reach.total) == (1, 1)
    connection.close()


@pytest.mark.django_db
def test_what_somebody_writes_back_confirms_the_last_message_to_that_number() -> None:
    relay = twilio()
    message = send_by_sms(2)
    row = Recipient.objects.filter(message_id=message).order_by("address")[0]
    path = f"/messages/gateway/{relay}/"
    form = {"MessageSid": "SM9", "From": row.address or "", "To": "+31201234567", "Body": "Prima, dank u"}
    signed = signature(TOKEN, f"http://testserver{path}", form).decode()
    Client().post(
        path,
        urlencode(form),
        content_type="application/x-www-form-urlencoded",
        headers={"x-twilio-signature": signed},
    )
    [came] = CameIn.objects.all()
    jobs.reading(str(came.pk))
    said = Spoken.objects.get()
    assert (said.text, said.recipient_id, said.confirmed, said.channel) == (
        "Prima, dank u",
        row.pk,
        True,
        "sms",
    )
    row.refresh_from_db()
    assert (row.state, row.standing) == ("reached", "confirmed")


@pytest.mark.django_db
def test_a_receipt_that_overtakes_its_own_record_is_read_again() -> None:
    relay = twilio()
    form = {"MessageSid": "SM-later", "MessageStatus": "delivered", "To": "+31612345671"}
    path = f"/messages/gateway/{relay}/"
    signed = signature(TOKEN, f"http://testserver{path}", form).decode()
    Client().post(
        path,
        urlencode(form),
        content_type="application/x-www-form-urlencoded",
        headers={"x-twilio-signature": signed},
    )
    [came] = CameIn.objects.all()
    jobs.reading(str(came.pk))
    came.refresh_from_db()
    assert (came.state, came.tries) == ("new", 1)
    send_by_sms(1)
    row = Recipient.objects.get()
    Reference.objects.create(
        relay_id=relay, reference="SM-later", delivery_id=row.delivery_id, recipient_id=row.pk,
        broadcast_id=row.broadcast_id, attempt=1, at=now(),
    )  # fmt: skip
    jobs.reading(str(came.pk))
    came.refresh_from_db()
    row.refresh_from_db()
    assert (came.state, row.state) == ("applied", "reached")


@pytest.mark.django_db
def test_nothing_is_taken_in_for_a_service_that_is_not_there() -> None:
    assert Client().post("/messages/gateway/0197a1f0-0000-7000-8000-000000000000/").status_code == 404
    assert not CameIn.objects.exists()


@pytest.mark.django_db
def test_an_administrator_adds_a_service_by_its_form() -> None:
    client = signed_in(make_administrator())
    listed = client.get("/messages/services/")
    assert "/messages/services/new/twilio/" in listed.content.decode()
    given = {
        "code": "texts", "connections": 5, "reserved": 1, "rate": 0, "set_account": "ACXX", "set_token": TOKEN,
        "set_sender": "Parcel", "set_messaging_service": "", "set_address": "https://api.twilio.com",
    }  # fmt: skip
    lacking = client.post("/messages/services/new/twilio/", {**given, "set_token": ""})
    assert lacking.status_code == 422
    saved = client.post("/messages/services/new/twilio/", given)
    assert saved.status_code == 302
    page = client.get(saved["Location"]).content.decode()
    assert TOKEN not in page
    assert "ACXX" in page


@pytest.mark.django_db
def test_the_secret_of_a_webhook_is_shown_to_who_may_change_services_and_noted() -> None:
    given = Service("client", "webhook", "webhook", {"secret": "s" * 24}, ["secret"])
    set_service(ADMINISTRATOR, given)
    shown = read_webhook_secret(ADMINISTRATOR, "client", "https://client.example.org/hook")
    assert shown == secret_for("s" * 24, "https://client.example.org/hook")
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload::text FROM kernel_auditline ORDER BY id DESC LIMIT 1")
        assert "shown" in cursor.fetchone()[0]
    with pytest.raises(Missing):
        read_webhook_secret(ADMINISTRATOR, "other", "https://client.example.org/hook")
    with pytest.raises(Refused):
        read_webhook_secret(WRITER, "client", "https://client.example.org/hook")


@pytest.mark.django_db
def test_a_number_that_is_left_empty_is_the_usual_one() -> None:
    client = signed_in(make_administrator())
    given = {
        "code": "centre", "connections": 5, "reserved": 1, "rate": 0, "set_host": "smpp.example.org", "set_port": 2775,
        "set_system_id": "parcel", "set_sender": "Parcel", "set_password": "pass-wd1", "set_receipt_ids": "same",
        "set_valid_minutes": "", "set_seconds": "",
    }  # fmt: skip
    assert client.post("/messages/services/new/smpp/", given).status_code == 302
    kept = json.loads(kept_settings(Relay.objects.get(service="smpp").pk)[1])
    assert (kept["valid_minutes"], kept["seconds"], kept["port"]) == (0, 15.0, 2775)
