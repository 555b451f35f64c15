"""The made-up courier: the same bytes every time, imported by its profiles, and an incident that finds many."""

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import connection

from tidings.customers.models import Contact, UsedService
from tidings.shipments.actions import import_file, import_sample
from tidings.shipments.audience import Where, affected
from tidings.shipments.models import Leg, Party, Shipment
from tidings.shipments.sample import (
    DIVERTED,
    EVENTS_PROFILE,
    MISREAD,
    QUIET,
    SHIPMENTS_PROFILE,
    WITH_GOODS,
    write_day,
    write_sample,
)
from tidings.shipments.tests.cast import IMPORTER, contacts

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


def test_the_same_seed_makes_the_same_bytes(tmp_path: Path) -> None:
    one, two, other = (
        write_sample(tmp_path / name, 300, seed, NOW) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert one.shipments.read_bytes() == two.shipments.read_bytes() != other.shipments.read_bytes()
    assert one.events.read_bytes() == two.events.read_bytes()
    assert one.customers.read_bytes() == two.customers.read_bytes()


@pytest.mark.django_db
def test_the_sample_is_imported_and_its_incident_finds_many() -> None:
    sample, (shipments, events, customers) = import_sample(IMPORTER, NOW, shipments=2_000)
    assert shipments.created == 2_000 - shipments.rejected and shipments.rejected == 2
    assert events.created > 2_000 and set(events.reasons) == {"no_such_shipment"}
    assert Shipment.objects.filter(parent__isnull=False).count() > 300
    assert Leg.objects.filter(transport_kind="flight").exists()
    assert set(Contact.objects.values_list("language", flat=True)) == {"nl", "en", "zh-hans"}

    assert customers.rejected == 0
    users = UsedService.objects.filter(service="portal")
    assert users.filter(customer__contacts__language="zh-hans").count() == (QUIET + WITH_GOODS) / 3
    assert users.exclude(customer__in=Party.objects.values("customer")).count() >= QUIET

    found = affected(Where((sample.place,), sample.from_at, sample.until_at))
    told = contacts(found, NOW)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT certainty, count(*) FROM ({found.sql}) a GROUP BY 1", dict(found.params))
        certain = dict(cursor.fetchall())
        cursor.execute(
            f"SELECT language, count(DISTINCT contact_id) FROM ({told.sql}) a WHERE contact_id IS NOT NULL GROUP BY 1",
            dict(told.params),
        )
        languages = dict(cursor.fetchall())
    assert certain.keys() == {"seen", "planned", "possible"} and sum(certain.values()) > 200
    assert set(languages) == {"nl", "en", "zh-hans"}


@pytest.mark.django_db
def test_a_days_scope_grows_twice_and_shrinks_once(tmp_path: Path) -> None:
    day = write_day(tmp_path, 600, 1, NOW)
    sample = day.sample
    import_file(IMPORTER, sample.shipments, "shipments", SHIPMENTS_PROFILE)
    sizes = []
    for file in (sample.events, *day.grows, day.shrinks):
        result = import_file(IMPORTER, file, "events", EVENTS_PROFILE)
        assert result.rejected == 0, result.examples
        found = affected(Where((sample.place,), sample.from_at, sample.until_at))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM ({found.sql}) a", dict(found.params))
            sizes.append(cursor.fetchone()[0])
    assert [after - before for before, after in pairwise(sizes)] == [DIVERTED, DIVERTED, -MISREAD]
