"""A client's contract on who hears: shown on its page, changed on a page and by programs, refused where it says nothing sensible."""

import pytest

from tests.cast import make_agent, make_auditor, signed_in
from tests.programs import Program
from tidings.customers.models import ContractLine, Customer
from tidings.customers.queries import contract_of
from tidings.customers.rules import Hearing, why_no_contract
from tidings.kernel.models import AuditLine

ALL = Hearing("client")


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ([ALL], ""),
        ([Hearing("client_first", after=30)], ""),
        ([Hearing("client_first")], ""),
        ([ALL, Hearing("both", "lost"), Hearing("client_first", "lost", "update", 5)], ""),
        ([Hearing("both", "lost")], "customer.contract_for_all"),
        ([], "customer.contract_for_all"),
        ([ALL, Hearing("both")], "customer.contract_twice"),
        ([ALL, Hearing("both", "lost"), Hearing("client", "lost")], "customer.contract_twice"),
        ([Hearing("everybody")], "customer.contract_unknown"),
        ([Hearing("both", after=30)], "customer.contract_minutes"),
        ([Hearing("client_first", after=0)], "customer.contract_minutes"),
        ([Hearing("client_first", after=1441)], "customer.contract_minutes"),
    ],
)
def test_what_is_a_contract(lines: list[Hearing], wrong: str) -> None:
    assert why_no_contract(lines) == wrong


def make_customer() -> Customer:
    return Customer.objects.create(number="K-1", name="Tulpen BV")


def sent(
    told: str = "client", after: str = "", *lines: tuple[str, str, str, str], version: str = ""
) -> dict[str, str]:
    """What the page sends: who hears of everything, and lines of effect, phase, who, minutes."""
    form = {"told": told, "after": after, "version": version}
    form |= {"lines-TOTAL_FORMS": str(len(lines)), "lines-INITIAL_FORMS": "0"}
    for at, line in enumerate(lines):
        form |= dict(
            zip((f"lines-{at}-{name}" for name in ("effect", "phase", "told", "after")), line, strict=True)
        )
    return form


def change(customer: Customer, *given: object, **more: str) -> object:
    client, address = signed_in(make_agent()), f"/incidents/contracts/{customer.pk}/"
    version = client.get(address).context["form"]["version"].value()
    return client.post(address, sent(*given, **{"version": version, **more}))  # type: ignore[arg-type]


@pytest.mark.django_db
def test_an_agent_says_who_hears_and_the_customers_page_shows_it() -> None:
    customer = make_customer()
    done = change(
        customer,
        "client_first",
        "30",
        ("lost", "", "both", ""),
        ("", "closing", "client", ""),
        ("", "", "", ""),
    )
    assert done.status_code == 302
    customer.refresh_from_db()
    assert contract_of(customer) == (
        Hearing("client_first", after=30),
        Hearing("client", "", "closing"),
        Hearing("both", "lost"),
    )
    page = signed_in(make_agent()).get(f"/customers/{customer.pk}/").text
    for shown in ("Who hears by contract", "30 minutes later", "Client and consignee both hear from us"):
        assert shown in page
    assert AuditLine.objects.filter(verb="customer.contract").count() == 1
    change(customer, "both", "", ("lost", "", "both", ""))
    customer.refresh_from_db()
    assert contract_of(customer) == (Hearing("both"), Hearing("both", "lost"))
    assert ContractLine.objects.filter(ended_at__isnull=False).count() == 1


@pytest.mark.django_db
def test_minutes_without_a_client_that_hears_first_are_refused_and_nothing_is_saved() -> None:
    customer = make_customer()
    wrong = change(customer, "both", "30")
    assert wrong.status_code == 422 and "Minutes go with" in wrong.text
    twice = change(customer, "client", "", ("lost", "", "both", ""), ("lost", "", "client", ""))
    assert twice.status_code == 422 and "Two lines" in twice.text
    nothing = change(customer, "client", "", ("", "", "both", ""))
    assert nothing.status_code == 422 and "for all of them it stands above" in nothing.text
    customer.refresh_from_db()
    assert contract_of(customer) == (Hearing("client"),)


@pytest.mark.django_db
def test_the_second_of_two_who_change_it_is_told() -> None:
    customer = make_customer()
    client, address = signed_in(make_agent()), f"/incidents/contracts/{customer.pk}/"
    version = client.get(address).context["form"]["version"].value()
    change(customer, "both")
    late = client.post(address, sent("client_first", version=version))
    assert late.status_code == 409 and "Somebody else changed" in late.text
    customer.refresh_from_db()
    assert customer.told == "both"


@pytest.mark.django_db
def test_who_only_reads_changes_nothing() -> None:
    customer = make_customer()
    client = signed_in(make_auditor())
    page = client.get(f"/customers/{customer.pk}/").text
    assert "Who hears by contract" in page and "Change the contract" not in page
    assert client.post(f"/incidents/contracts/{customer.pk}/", sent("both")).status_code == 403


@pytest.mark.django_db
def test_a_program_reads_and_writes_a_contract_and_is_told_when_it_is_late() -> None:
    path = f"/customers/{make_customer().pk}/contract"
    program = Program()
    before = program.get(path).json()
    assert [(line["told"], line["effect"]) for line in before["lines"]] == [("client", "")]
    lines = [{"told": "client"}, {"told": "client_first", "effect": "delayed", "after": 30}]
    put = program.ask("PUT", path, {"lines": lines, "version": before["version"]})
    assert put.status_code == 200 and put.json()["lines"][1]["after"] == 30
    assert program.ask("PUT", path, {"lines": lines[:1], "version": before["version"]}).status_code == 409
    for wrong in ({"told": "both", "effect": "lost", "after": 5}, {"told": "both", "effect": "unheard_of"}):
        answer = program.ask("PUT", path, {"lines": [{"told": "client"}, wrong]})
        assert answer.status_code == 400, answer.content
    assert len(program.get(path).json()["lines"]) == 2
