"""What customers use: shown and changed on their page, imported with them, with a source and a date."""

import pytest
from django.utils import timezone

from tests.cast import make_agent, make_auditor, signed_in
from tidings.customers.models import Customer, UsedService
from tidings.kernel.models import AuditLine

pytestmark = pytest.mark.django_db

GIVEN = {"portal": "on", "pickups": "nlrtm 1 3\nDEDUI", "others": "NIGHT", "source": "Contract 7"}


def make_customer() -> Customer:
    return Customer.objects.create(number="K-1", name="Tulpen BV")


def now_used(customer: Customer) -> dict[tuple[str, str], tuple[list[int], str]]:
    found = UsedService.objects.filter(customer=customer, ended_at=None)
    return {(one.service, one.place): (one.weekdays, one.source) for one in found}


def change(customer: Customer, **given: str) -> object:
    client, address = signed_in(make_agent()), f"/customers/{customer.pk}/services/"
    version = client.get(address).context["form"]["version"].value()
    return client.post(address, {"version": version, **given})


def test_an_agent_says_what_a_customer_uses_and_the_page_shows_it() -> None:
    customer = make_customer()
    assert change(customer, **GIVEN).status_code == 302
    assert now_used(customer) == {
        ("portal", ""): ([], "Contract 7"),
        ("NIGHT", ""): ([], "Contract 7"),
        ("pickup", "NLRTM"): ([1, 3], "Contract 7"),
        ("pickup", "DEDUI"): ([], "Contract 7"),
    }
    assert UsedService.objects.filter(since=timezone.now().date()).count() == 4
    page = signed_in(make_agent()).get(f"/customers/{customer.pk}/").text
    for shown in ("Customer portal", "NIGHT", "NLRTM", "Mon, Wed", "every day", "Contract 7"):
        assert shown in page
    assert AuditLine.objects.filter(verb="customer.services").count() == 1


def test_what_stays_keeps_its_source_and_what_is_gone_ends() -> None:
    customer = make_customer()
    change(customer, **GIVEN)
    change(customer, portal="on", pickups="NLRTM 5", source="A call")
    assert now_used(customer) == {
        ("portal", ""): ([], "Contract 7"),
        ("pickup", "NLRTM"): ([5], "Contract 7"),
    }
    assert UsedService.objects.filter(customer=customer, ended_at__isnull=False).count() == 2
    change(customer, others="NIGHT", source="A call")
    assert now_used(customer) == {("NIGHT", ""): ([], "A call")}, "what ended may begin again"


def test_nothing_is_guessed_and_what_is_new_has_a_source() -> None:
    customer = make_customer()
    wrong = change(customer, pickups="NLRTM monday", source="A call")
    assert wrong.status_code == 422 and "NLRTM monday" in wrong.text
    unsaid = change(customer, portal="on")
    assert unsaid.status_code == 422 and "Say how we know" in unsaid.text
    assert not now_used(customer)


def test_the_second_of_two_who_change_it_is_told() -> None:
    customer = make_customer()
    client, address = signed_in(make_agent()), f"/customers/{customer.pk}/services/"
    version = client.get(address).context["form"]["version"].value()
    change(customer, link="on", source="A call")
    late = client.post(address, {"version": version, "portal": "on", "source": "Another call"})
    assert late.status_code == 409 and "Somebody else changed" in late.text
    assert set(now_used(customer)) == {("link", "")}


def test_who_only_reads_changes_nothing() -> None:
    customer = make_customer()
    client = signed_in(make_auditor())
    assert "Change services" not in client.get(f"/customers/{customer.pk}/").text
    assert client.post(f"/customers/{customer.pk}/services/", {"portal": "on"}).status_code == 403
