"""Pages of customers: who sees whom, what is shown of a contact, and changing one."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.cast import make_agent, make_auditor, make_person, make_unit, signed_in
from tidings.customers.models import Address, Contact, Customer, LegalBasis
from tidings.customers.rules import name_words
from tidings.kernel.models import AuditLine

pytestmark = pytest.mark.django_db


def make_customer(number: str = "K-1", name: str = "Tulpen BV", **more: object) -> Contact:
    customer = Customer.objects.create(number=number, name=name, **more)
    Customer.objects.extra(where=["TRUE"]).filter(pk=customer.pk).update(name_words=_vector(name))
    contact = Contact.objects.create(customer=customer, name=f"Desk of {name}", language="nl")
    Address.objects.create(
        contact=contact, channel="email", value="a@example.org", key="a@example.org", position=0
    )
    Address.objects.create(
        contact=contact, channel="sms", value="+31 6 0000 0000", key="31600000000", position=1
    )
    return contact


def _vector(name: str) -> object:
    from django.contrib.postgres.search import SearchVector
    from django.db.models import Value

    return SearchVector(Value(" ".join(name_words(name))), config="simple")


@pytest.fixture
def desk() -> Client:
    return signed_in(make_agent())


def ladder(*rungs: tuple[str, str], start: int = 2) -> dict[str, str]:
    sent = {"ladder-TOTAL_FORMS": str(len(rungs)), "ladder-INITIAL_FORMS": str(start)}
    for index, (channel, value) in enumerate(rungs):
        sent[f"ladder-{index}-channel"] = channel
        sent[f"ladder-{index}-value"] = value
        sent[f"ladder-{index}-ORDER"] = str(index + 1)
    return sent


def send(client: Client, contact: Contact, version: str, **more: str) -> object:
    address = f"/customers/contacts/{contact.pk}/"
    rungs = ladder(("email", "a@example.org"), ("sms", "+31 6 0000 0000"))
    base = {"version": version, "language": "zh-hans", "time_zone": "Asia/Shanghai", "how_much": "changes"}
    return client.post(address, {**rungs, **base, **more})


def version(client: Client, contact: Contact) -> str:
    return str(client.get(f"/customers/contacts/{contact.pk}/").context["form"]["version"].value())


def test_a_customer_shows_ladder_language_bases_and_dead_addresses(desk: Client) -> None:
    contact = make_customer()
    dead = contact.addresses.get(channel="email")
    dead.dead_since, dead.dead_why = timezone.now(), "no_such_address"
    dead.save()
    LegalBasis.objects.create(
        contact=contact, purpose="service", basis="contract", source="Contract 2024-7", since="2024-03-01"
    )
    page = desk.get(f"/customers/{contact.customer_id}/").content.decode()
    for words in (
        "Dutch",
        "Not used since",
        "there is no such address",
        "Contract 2024-7",
        "contract",
        "SMS",
    ):
        assert words in page


def test_a_contact_without_a_usable_address_says_so(desk: Client) -> None:
    contact = make_customer()
    contact.addresses.all().delete()
    assert "No usable address" in desk.get(f"/customers/{contact.customer_id}/").content.decode()


def test_a_list_finds_by_words_of_the_name_in_any_script(desk: Client) -> None:
    make_customer("K-1", "Tulpen en Rozen BV")
    make_customer("K-2", "上海国际货运有限公司")
    for asked, found in (("roz", "K-1"), ("tulpen roz", "K-1"), ("国际", "K-2"), ("K-2", "K-2")):
        page = desk.get("/customers/", {"q": asked}).content.decode()
        assert found in page
        assert ({"K-1", "K-2"} - {found}).pop() not in page
    assert "No customer is called that" in desk.get("/customers/", {"q": "zzz !! & |"}).content.decode()


def test_a_customer_of_another_unit_is_not_there() -> None:
    south = make_unit("South", "branch")
    mine, other = make_customer("K-1", unit_id=south.pk), make_customer("K-2", "Geheim NV")
    client = signed_in(make_agent(unit=south))
    page = client.get("/customers/").content.decode()
    assert "Tulpen" in page and "Geheim" not in page
    assert client.get(f"/customers/{mine.customer_id}/").status_code == 200
    assert client.get(f"/customers/{other.customer_id}/").status_code == 404
    assert client.get(f"/customers/contacts/{other.pk}/").status_code == 404
    assert "Geheim" not in b"".join(client.get("/customers/?export=csv")).decode()


def test_who_only_reads_cannot_change_a_contact() -> None:
    contact = make_customer()
    auditor = signed_in(make_auditor())
    assert "Change" not in auditor.get(f"/customers/{contact.customer_id}/").content.decode()
    assert auditor.get(f"/customers/contacts/{contact.pk}/").status_code == 403
    assert send(auditor, contact, "x").status_code == 403  # type: ignore[attr-defined]
    assert signed_in(make_person()).get("/customers/").status_code == 403


def test_a_contact_gets_language_zone_and_ladder_with_an_audit_line(desk: Client) -> None:
    contact = make_customer()
    rungs = ladder(("sms", "+31 6 0000 0000"), ("email", "b@example.org"))
    answer = send(desk, contact, version(desk, contact), **rungs)
    assert answer.status_code == 302  # type: ignore[attr-defined]
    contact.refresh_from_db()
    assert (contact.language, contact.time_zone, contact.how_much) == ("zh-hans", "Asia/Shanghai", "changes")
    assert list(contact.addresses.order_by("position").values_list("channel", "key")) == [
        ("sms", "31600000000"),
        ("email", "b@example.org"),
    ]
    line = AuditLine.objects.get(verb="contact.change")
    assert line.thing_id == str(contact.pk)
    assert "example.org" not in (line.payload or "")


def test_two_who_change_one_contact_at_once_do_not_overwrite_each_other(desk: Client) -> None:
    contact = make_customer()
    seen = version(desk, contact)
    send(desk, contact, seen, language="en")
    second = send(desk, contact, seen)
    assert second.status_code == 409  # type: ignore[attr-defined]
    assert "Somebody else changed this contact" in second.content.decode()  # type: ignore[attr-defined]
    contact.refresh_from_db()
    assert contact.language == "en"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"time_zone": "Europe/Nowhere"}, "No time zone is called"),
        ({"time_zone": "../etc/passwd"}, "No time zone is called"),
        ({"language": "xx"}, "xx"),
        (ladder(("email", "not an address"), ("sms", "+31 6 0000 0000")), "This is no e-mail address"),
        (ladder(("email", "a@example.org"), ("sms", "12")), "This is no telephone number"),
        (
            ladder(("email", "a@example.org"), ("email", "A@example.org")),
            "The same address stands on two rungs",
        ),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(
    desk: Client, more: dict[str, str], said: str
) -> None:
    contact = make_customer()
    answer = send(desk, contact, version(desk, contact), **more)
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert said in page
    assert "Asia/Shanghai" in page or "time_zone" in more
    contact.refresh_from_db()
    assert contact.language == "nl"


def test_a_dead_address_stays_dead_until_somebody_says_it_works_again(desk: Client) -> None:
    contact = make_customer()
    dead = contact.addresses.get(channel="email")
    dead.dead_since, dead.dead_why = timezone.now(), "refused"
    dead.save()
    send(desk, contact, version(desk, contact))
    dead.refresh_from_db()
    assert dead.dead_why == "refused"
    send(desk, contact, version(desk, contact), **{"ladder-0-alive": "on"})
    dead.refresh_from_db()
    assert dead.dead_since is None


def test_a_script_in_a_name_stays_text(desk: Client) -> None:
    contact = make_customer(name="<script>alert(1)</script>")
    for address in (
        "/customers/",
        f"/customers/{contact.customer_id}/",
        f"/customers/contacts/{contact.pk}/",
    ):
        assert "<script>alert" not in desk.get(address).content.decode()


def test_the_list_costs_the_same_queries_for_one_row_and_for_fifty(desk: Client) -> None:
    make_customer("K-0")
    desk.get("/customers/")
    with CaptureQueriesContext(connection) as for_one:
        desk.get("/customers/")
    for number in range(1, 50):
        make_customer(f"K-{number}")
    with CaptureQueriesContext(connection) as for_fifty:
        desk.get("/customers/")
    assert len(for_fifty) == len(for_one)


def test_pages_of_the_list_follow_each_other_without_gap(desk: Client) -> None:
    for number in range(55):
        make_customer(f"K-{number:02}")
    first = desk.get("/customers/")
    second = desk.get("/customers/", {"after": first.context["next"]})
    numbers = [row.number for answer in (first, second) for row in answer.context["rows"]]
    assert numbers == [f"K-{number:02}" for number in range(55)]
