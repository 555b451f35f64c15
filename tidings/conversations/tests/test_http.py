"""Mail that another server posts: only with its signature or a key of ours, and kept before it is answered."""

import base64
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from tests.programs import Program
from tidings.conversations.actions import DoorSettings, set_door
from tidings.conversations.doors.http import signature
from tidings.conversations.models import Arrival, Door
from tidings.conversations.queries import opened_settings
from tidings.conversations.tests.cast import came, reply, told_one
from tidings.incidents.tests.cast import make_actor
from tidings.kernel.clock import now
from tidings.kernel.ids import new_id
from tidings.messaging.tests.test_bounces import mail

pytestmark = pytest.mark.django_db
RAW = mail("Hello", "How are you?")


@pytest.fixture
def door() -> Door:
    set_door(make_actor("administrator"), DoorSettings("http", "posted", {}))
    return Door.objects.get()


def post(
    door_id: UUID, secret: str, body: bytes = RAW, *, age: timedelta = timedelta(), **headers: str
) -> int:
    sent = int((now() - age).timestamp())
    signed = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(sent),
        "webhook-signature": f"v1,other {signature(secret, 'msg_1', sent, body)}",
    }
    where = reverse("doors:hand_in", args=[door_id])
    client = Client(enforce_csrf_checks=True)
    return client.post(where, body, content_type="message/rfc822", headers={**signed, **headers}).status_code


def test_a_signed_mail_is_kept_and_the_door_is_open(door: Door) -> None:
    secret = opened_settings(door)["secret"]
    assert secret.startswith("whsec_")
    assert post(door.pk, secret) == 202
    assert post(door.pk, secret) == 202
    assert Arrival.objects.get().door_id == door.pk
    assert Door.objects.get().state == "open"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": "1"},
        {"webhook-timestamp": "x"},
        {"webhook-signature": ""},
    ],
)
def test_what_is_not_signed_so_is_not_kept(door: Door, change: dict[str, str]) -> None:
    assert post(door.pk, opened_settings(door)["secret"], **change) == 403
    assert not Arrival.objects.exists()


def test_an_old_request_another_secret_and_no_door_are_refused(door: Door) -> None:
    secret = opened_settings(door)["secret"]
    assert post(door.pk, secret, age=timedelta(minutes=6)) == 403
    assert post(door.pk, "whsec_" + base64.b64encode(b"another").decode()) == 403
    assert post(new_id(), secret) == 404
    assert post(door.pk, secret, b"") == 422
    assert not Arrival.objects.exists()


def test_a_program_with_a_key_hands_in_and_reads_what_customers_answered() -> None:
    program = Program("arrival.bring", "arrival.read")
    answer = program.post("/incoming", RAW)
    assert answer.status_code == 200, answer.text
    assert answer.json()["new"] is True
    assert Arrival.objects.get().size == len(RAW)
    _actor, incident, row = told_one()
    came(reply(row, "Thanks"))
    found = program.get(f"/incidents/{incident.number}/answers").json()
    assert [one["text"] for one in found["items"]] == ["Thanks"]
