"""The real delivery history of a supply chain, imported with the profile that ships: all its traps in one file."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from tests.samples import sample
from tidings.customers.models import Contact
from tidings.kernel.clock import now
from tidings.shipments.actions import import_file
from tidings.shipments.audience import Where, affected
from tidings.shipments.models import Event, Reference, Shipment
from tidings.shipments.tests.cast import IMPORTER, contacts

pytestmark = pytest.mark.django_db


def test_the_real_history_is_imported_whole_once_and_found_by_place() -> None:
    path = sample("shipments/scms_delivery_history.csv")
    first = import_file(IMPORTER, path, "shipments", "scms")
    assert (first.rows, first.created, first.rejected) == (10_324, 7_030, 0)
    assert first.things["customers"]["created"] == 142 + 43

    assert Shipment.objects.get(waybill="ASN-93").weight_grams is not None
    several = Shipment.objects.get(waybill="ASN-19166")
    assert several.promised_at is not None and several.value_currency == "USD"
    assert Event.objects.filter(kind="actual", code="delivered").count() == 7_030
    assert Reference.objects.filter(shipment=several, kind="order").count() == 1
    languages = set(Contact.objects.values_list("language", flat=True))
    assert languages == {"en", "nl", "zh-hans"}

    again = import_file(IMPORTER, path, "shipments", "scms")
    assert (again.created, again.changed, again.unchanged) == (0, 0, 7_030)
    assert not any(count for thing in again.things.values() for count in thing.values())
    _an_incident_finds_its_affected()


def _an_incident_finds_its_affected() -> None:
    november = Where(("VN",), datetime(2014, 11, 1, tzinfo=UTC), datetime(2014, 12, 1, tzinfo=UTC))
    found = affected(november)
    told = contacts(found, now())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT certainty, count(*) FROM ({found.sql}) a GROUP BY 1", dict(found.params))
        certain = dict(cursor.fetchall())
        cursor.execute(
            f"SELECT DISTINCT language, address FROM ({told.sql}) a WHERE role = 'consignee'",
            dict(told.params),
        )
        who = cursor.fetchall()
    assert certain["seen"] == 4
    assert who == [("zh-hans", "programme.vietnam@example.org")]
