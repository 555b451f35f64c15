"""What goes by a service that carries registered forms only: the form of that very service, with a reader's own values."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from tidings.kernel.clock import now
from tidings.messaging.channels.base import Registered
from tidings.messaging.engine.compile import Values
from tidings.messaging.engine.ledger import Lease, RelayAccess, Row
from tidings.messaging.tests.sender_process import IDENTITY
from tidings.worker.net import OutboundNet
from tidings.worker.services import ChannelServices

FORMS = {
    "whatsapp": {
        "template": "late_1",
        "signature": "",
        "language": "",
        "fields": {"1": [{"slot": "waybill"}], "2": ["Nieuw: ", {"slot": "next_by"}]},
    },
    "tencent_sms": {"template": "998", "signature": "示例", "language": "zh", "fields": {}},
}
TEXT = {"subject": ["x"], "short": ["x"], "headline": [], "paragraphs": [], "registered": FORMS}
VALUES = Values({"next_by": "14:00", "name": "Zoë"}, [{"waybill": "JJD1"}, {"waybill": "JJD2"}])


def lease(service: str, text: dict[str, object]) -> Lease:
    relay = RelayAccess(uuid4(), "a", "relay", "", 0, service=service)
    return Lease(
        chunk_id=uuid4(), broadcast_id=uuid4(), life=uuid4(), epoch=1, lane="urgent", channel="whatsapp",
        destination="others", language="nl", drill=False, settle_seconds=0, size=1, released=1, window=1,
        until=now() + timedelta(minutes=1), seconds=60, relay=relay, rate=0.0, connections=1,
        text=json.dumps(text), rows=(), doubtful=(), previous=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("service", "goes"),
    [
        ("whatsapp", Registered("late_1", "", "nl", {"1": "JJD1", "2": "Nieuw: 14:00"})),
        ("tencent_sms", Registered("998", "示例", "zh", {})),
        ("wechat", None),
    ],
)
async def test_each_service_gets_its_own_form(service: str, goes: Registered | None) -> None:
    net = OutboundNet(allow=[])
    services = ChannelServices(net, IDENTITY, "", lambda _: lambda _: VALUES, demo=False)
    row = Row(0, uuid4(), uuid4(), 0, "Zoë", "+31612345678", "UTC", None, [])
    outgoing = services.words(lease(service, TEXT))(row)
    await net.close()
    assert outgoing.registered == goes
    assert [one["waybill"] for one in outgoing.shipments] == ["JJD1", "JJD2"]


async def test_words_without_forms_have_none() -> None:
    net = OutboundNet(allow=[])
    services = ChannelServices(net, IDENTITY, "", lambda _: lambda _: VALUES, demo=False)
    row = Row(0, uuid4(), uuid4(), 0, "Zoë", "+31612345678", "UTC", None, [])
    plain = {name: value for name, value in TEXT.items() if name != "registered"}
    assert services.words(lease("whatsapp", plain))(row).registered is None
    await net.close()
