"""Whatever a caller reads out finds their shipment, and never somebody else's."""

from dataclasses import replace

import pytest

from tidings.customers.models import Address, Contact, Customer
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.errors import Refused
from tidings.kernel.ids import new_id
from tidings.shipments.models import Party, Piece, Reference, Shipment
from tidings.shipments.queries.search import find
from tidings.shipments.tests.cast import make_customer, make_shipment

pytestmark = pytest.mark.django_db
AGENT = Actor(ActorKind.PERSON, "agent", frozenset({"shipment.read", "customer.read"}))


@pytest.fixture
def parcel() -> Shipment:
    """A house parcel of 王小明 at 1012 AB 5a, in a master, with every number that one can have."""
    receiver = make_customer("R", name="Xiaoming O'Brien 王小明", address="Ming@example.org")
    Customer.objects.filter(pk=receiver.pk).update(
        name_words=_words("xiaoming", "o", "brien", "王小", "小明")
    )
    contact = Contact.objects.get(customer=receiver)
    Address.objects.filter(contact=contact).update(key="ming@example.org")
    Address.objects.create(
        contact=contact, channel="sms", value="+44 7700 900123", key="447700900123", position=1
    )
    parcel = make_shipment("ZE26-0001 NL", {"account": make_customer("A", name="Tulpen BV")})
    Shipment.objects.filter(pk=parcel.pk).update(waybill_key="ZE260001NL", parent=make_shipment("MAWB777"))
    Party.objects.create(
        shipment=parcel, role="consignee", customer=receiver, postcode="1012AB", house_number="5A"
    )
    for kind, key in (("container", "ZECU1234567"), ("shop_order", "SO99"), ("order", "PO4500")):
        Reference.objects.create(shipment=parcel, kind=kind, value=key, key=key)
    Piece.objects.create(shipment=parcel, barcode="3S-ABC", key="3SABC")
    return parcel


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ZE26-0001 NL", "waybill"),
        ("ze260001nl", "waybill"),
        ("ＺＥ26 0001NL", "waybill"),
        ("ZE2600", "waybill"),
        ("MAWB-777", "master"),
        ("zecu 123456-7", "container"),
        ("so-99", "shop_order"),
        ("PO4500", "order"),
        ("3sabc", "piece"),
        ("+44 7700 900123", "sms"),
        ("00447700900123", "sms"),
        ("MING@example.org", "email"),
        ("1012 AB 5a", "postcode"),
        ("1012ab, 5 A", "postcode"),
        ("王小明", "name"),
        ("o'brien xiao", "name"),
    ],
)
def test_a_shipment_is_found_by(parcel: Shipment, text: str, why: str) -> None:
    found = find(text, AGENT)
    assert [(one.shipment_id, one.why) for one in found if one.shipment_id == parcel.pk] == [(parcel.pk, why)]


@pytest.mark.parametrize(
    "text", ["", "  ", "%", "ZE_60001", "260001NL", "1012 AB 6", "小红", "'); --", "\\", "ZE%"]
)
def test_nothing_is_found_by(parcel: Shipment, text: str) -> None:
    assert not find(text, AGENT)


def test_another_units_shipment_is_not_found(parcel: Shipment) -> None:
    ours = new_id()
    stranger = replace(AGENT, units=frozenset({ours}))
    assert not find("ZE260001NL", stranger)
    Shipment.objects.filter(pk=parcel.pk).update(unit_id=ours)
    assert find("ZE260001NL", stranger)


def test_who_may_not_read_customers_finds_by_number_only(parcel: Shipment) -> None:
    reader = replace(AGENT, abilities=frozenset({"shipment.read"}))
    assert find("ZE260001NL", reader)
    assert not find("王小明", reader) and not find("1012 AB 5a", reader)


def test_who_may_not_read_shipments_is_refused() -> None:
    with pytest.raises(Refused):
        find("ZE", replace(AGENT, abilities=frozenset()))


def _words(*words: str) -> object:
    from django.contrib.postgres.search import SearchVector
    from django.db.models import Value

    return SearchVector(Value(" ".join(words)), config="simple")


OTHERS = 40


@pytest.fixture
def crowd() -> tuple[Shipment, Actor]:
    """A branch's one shipment among forty of another, all alike: number, container, address, name, home, master."""
    ours, theirs, master = new_id(), new_id(), make_shipment("MAWB55555")
    customer = make_customer("R", name="Jansen Bloemen")
    Customer.objects.filter(pk=customer.pk).update(name_words=_words("jansen", "bloemen"))
    Address.objects.filter(contact__customer=customer).update(key="r@example.org")
    mine = make_shipment("ZE900900", unit_id=ours, parent=master)
    for one in (mine, *(make_shipment(f"ZE900{n:03}", unit_id=theirs, parent=master) for n in range(OTHERS))):
        Party.objects.create(
            shipment=one, role="consignee", customer=customer, postcode="2611AA", house_number="1"
        )
        Reference.objects.create(shipment=one, kind="container", value="C", key="ZECU7654321")
    return mine, replace(AGENT, units=frozenset({ours}))


@pytest.mark.parametrize(
    "text", ["ZE900", "ZECU7654321", "MAWB55555", "r@example.org", "jansen bloemen", "2611 AA 1"]
)
def test_others_hits_do_not_hide_ones_own(crowd: tuple[Shipment, Actor], text: str) -> None:
    mine, branch = crowd
    assert [one.shipment_id for one in find(text, branch, limit=5)] == [mine.pk]
