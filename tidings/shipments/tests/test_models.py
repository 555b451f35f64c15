"""What the shipment tables guard by themselves."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from tidings.kernel.ids import new_id
from tidings.kernel.partitions import ensure_months
from tidings.shipments.models import Event, Shipment

pytestmark = pytest.mark.django_db


def test_an_event_lands_in_the_month_it_happened_in() -> None:
    ensure_months("shipments_event", date(2019, 2, 28), date(2019, 2, 28))
    Event.objects.create(
        happened_at=datetime(2019, 2, 28, 23, 59, tzinfo=UTC), natural_hash=new_id(), shipment_id=new_id(),
        kind="actual", code="arrived",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM shipments_event")
        assert cursor.fetchall() == [("shipments_event_y2019m02",)]


def test_the_same_event_cannot_be_kept_twice() -> None:
    event = {
        "happened_at": datetime.now(UTC), "natural_hash": new_id(), "shipment_id": new_id(), "kind": "actual",
        "code": "arrived",
    }  # fmt: skip
    Event.objects.create(**event)
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.create(**event)


def test_a_carrier_may_use_a_number_again_at_another_start() -> None:
    for start in ("2026-01-01", "2026-09-01"):
        Shipment.objects.create(waybill="A-1", waybill_key="A1", started_on=start)
    with pytest.raises(IntegrityError), transaction.atomic():
        Shipment.objects.create(waybill="A1", waybill_key="A1", started_on="2026-09-01")


def test_cash_on_delivery_needs_its_currency() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Shipment.objects.create(waybill="B", waybill_key="B", started_on="2026-01-01", cod_cents=100)
