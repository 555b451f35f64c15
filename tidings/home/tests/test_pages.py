"""The pages that span domains: what waits, what a search finds, what was done."""

import re
from datetime import timedelta

import pytest
from django.contrib.postgres.search import SearchVector
from django.db.models import Value
from django.urls import reverse

from tests.cast import (
    make_administrator,
    make_agent,
    make_approver,
    make_auditor,
    make_dispatcher,
    make_manager,
    make_unit,
    signed_in,
)
from tidings.incidents import actions as incidents
from tidings.incidents.tests.cast import make_actor, make_hub_of_shipments, make_opened, make_report
from tidings.kernel.clock import now
from tidings.kernel.installation import start_demo
from tidings.kernel.models import AuditLine
from tidings.messaging.queries import messages, waiting_for_approval
from tidings.people import actions
from tidings.people.queries import actor_of
from tidings.shipments.models import Reference
from tidings.shipments.tests.cast import make_customer, make_shipment
from tidings.ui.rail import entries
from tidings.ui.words import label, labels, sentences

pytestmark = pytest.mark.django_db


def test_an_empty_worklist_says_what_to_do_first() -> None:
    page = signed_in(make_dispatcher()).get("/").content.decode()
    assert "Nothing waits for you" in page and reverse("incidents:report") in page


def test_an_approver_goes_from_the_worklist_to_the_page_with_the_button() -> None:
    make_hub_of_shipments()
    incident = make_opened(kind="accident")[1]
    message = incidents.tell_phase(make_actor(), incident.pk, "first_notice").message_id
    client, page = signed_in(make_manager()), reverse("messaging:decide", args=[message])
    assert f'href="{page}"' in client.get("/").text
    assert reverse("messaging:approve", args=[message]) in client.get(page).text


def test_what_one_administrator_asked_for_waits_for_the_others() -> None:
    first, second, user = make_administrator(), make_administrator(), make_agent(name="Sanne de Wit")
    actions.change_access(actor_of(first), user.pk, roles=["manager"], unit_id=make_unit().pk)
    person = reverse("people:person", args=[user.pk])
    assert f'href="{person}"' in signed_in(second).get("/").text
    for nobody in (first, user):
        assert "Sanne de Wit" not in signed_in(nobody).get("/").text.partition("<main")[2]


def test_a_task_waits_on_the_worklist_until_it_is_done() -> None:
    make_hub_of_shipments()
    incident, user = make_opened(kind="accident")[1], make_dispatcher()
    task = incidents.add_task(
        make_actor(),
        incident.pk,
        "operations",
        "Call the hub's manager",
        now() + timedelta(hours=1),
        owner=user.pk,
    )
    client = signed_in(user)
    assert "Call the hub&#x27;s manager" in client.get("/", {"mine": "1"}).text
    incidents.finish_task(make_actor(), task)
    assert "Call the hub" not in client.get("/").text


def test_a_promise_to_one_customer_waits_on_the_worklist_until_it_is_kept() -> None:
    customer = make_hub_of_shipments()["nl"]
    incident = make_opened(kind="accident")[1]
    promise = incidents.promise_customer(
        make_actor(), incident.pk, customer.pk, "Call Zoë back", now() + timedelta(hours=1)
    )
    client = signed_in(make_dispatcher())
    page = client.get("/").text
    assert "Call Zoë back" in page and customer.name in page
    incidents.end_promise(make_actor(), promise, kept=True)
    assert "Call Zoë back" not in client.get("/").text


def test_a_search_that_finds_nothing_says_so() -> None:
    page = signed_in(make_agent()).get("/search/", {"q": "3SNK0000 <b>"}).content.decode()
    assert "Nothing found for “3SNK0000 &lt;b&gt;”" in page


def test_an_auditor_reads_what_was_done_by_whom() -> None:
    boss, user = make_administrator(name="Noor Bakker"), make_agent(name="Sanne de Wit")
    actions.end_account(actor_of(boss), user.pk)
    client = signed_in(make_auditor())
    page = client.get(reverse("home:audit"), {"verb": "staff."}).content.decode()
    assert "Noor Bakker" in page and "staff.end" in page and "Sanne de Wit" in page
    assert "Somebody’s account was ended" in page, "in words, with the code beside it"
    exported = b"".join(client.get(reverse("home:audit"), {"export": "csv"}).streaming_content)
    assert str(user.pk).encode() in exported
    assert signed_in(make_agent()).get(reverse("home:audit")).status_code == 403


def test_an_audit_line_names_its_incident_by_its_number() -> None:
    make_hub_of_shipments()
    _actor, incident = make_opened()
    page = signed_in(make_auditor()).get(reverse("home:audit"), {"verb": "incident."}).content.decode()
    assert incident.number in page


def test_the_firm_is_named_on_a_page_and_that_is_audited() -> None:
    client = signed_in(make_administrator())
    answer = client.post(
        reverse("home:installation"), {"firm_name": "Noordster", "time_zone": "Asia/Shanghai"}, follow=True
    )
    assert "· Noordster</title>" in answer.content.decode()
    assert AuditLine.objects.filter(verb="installation.change").count() == 1
    auditor = signed_in(make_auditor())
    assert (
        auditor.post(
            reverse("home:installation"), {"firm_name": "X", "time_zone": "Asia/Shanghai"}
        ).status_code
        == 403
    )


def test_every_domain_gives_its_codes_words_without_contradiction() -> None:
    assert len(labels()) > 20 and len(sentences()) > 20
    assert label("dispatcher") == "dispatcher"


def test_no_two_places_share_a_key_and_every_place_is_there() -> None:
    keys = [entry.key for entry in entries() if entry.key]
    assert len(keys) == len(set(keys))
    assert all(reverse(entry.view) for entry in entries())


def test_one_exact_number_goes_straight_to_its_page_and_a_live_search_stays() -> None:
    shipment = make_shipment("7748842")
    make_shipment("77488429")
    Reference.objects.create(shipment=shipment, kind="container", value="MSKU 123", key="MSKU123")
    desk = signed_in(make_agent())
    for text in ("774-8842", "774 8842", "7748842", "msku-123"):
        answer = desk.get("/search/", {"q": text})
        assert answer["Location"] == f"/shipments/{shipment.pk}/", text
    live = desk.get("/search/", {"q": "774-8842"}, headers={"HX-Request": "true"}).content.decode()
    assert "77488429" in live
    assert "<html" not in live


def test_what_is_found_stands_in_groups_and_says_by_what() -> None:
    customer = make_customer("K-1", name="Tulpen BV")
    customer.name_words = SearchVector(Value("tulpen bv"), config="simple")
    customer.save()
    make_shipment("774-1", {"consignee": customer})
    page = signed_in(make_agent()).get("/search/", {"q": "tulp"}).content.decode()
    for words in ("Shipments", "Customers", "774-1", "Name", "Tulpen BV"):
        assert words in page


def test_a_units_approver_is_told_what_waits_and_nobody_elses_is() -> None:
    start_demo("test", "Noordster Koeriers")
    make_hub_of_shipments()
    head = make_unit()
    ours, theirs = (make_unit(name, kind="franchise", parent=head) for name in ("Venlo", "Breda"))
    dispatcher, approver = actor_of(make_dispatcher(unit=ours)), make_approver(unit=ours)
    incident_id = incidents.open_incident(dispatcher, make_report(kind="delay", severity="critical"))
    words = {code: {"what_we_do": "Own words."} for code in ("en", "nl", "zh-hans")}
    assert incidents.tell_phase(dispatcher, incident_id, "first_notice", words).sent is None
    incidents.write_phase(dispatcher, incident_id, "first_notice", words)
    assert incidents.tell_phase(dispatcher, incident_id, "first_notice").sent is None
    page = signed_in(approver).get("/").content.decode()
    assert page.count("Approval: First notice") == 1, "what was written anew waits once"
    assert waiting_for_approval(actor_of(approver)) == 1
    [waiting] = messages(actor_of(approver), waiting=True)
    link = reverse("messaging:message", args=[waiting.pk])
    assert signed_in(approver).get(link).status_code == 200
    stranger = make_approver(unit=theirs)
    assert waiting_for_approval(actor_of(stranger)) == 0
    assert signed_in(stranger).get(link).status_code == 404


@pytest.mark.django_db
def test_the_rail_asks_for_open_and_late_incidents_once(django_assert_max_num_queries: object) -> None:
    page = signed_in(make_dispatcher())
    with django_assert_max_num_queries(200) as asked:  # type: ignore[operator]
        assert page.get("/search/").status_code == 200
    counted = [one["sql"] for one in asked.captured_queries if "COUNT(" in one["sql"]]
    assert len([sql for sql in counted if '"next_update_by"' in sql]) == 1


@pytest.mark.parametrize(
    ("view", "entry"),
    [
        ("incidents:policies", "home:settings"),
        ("incidents:grading", "home:settings"),
        ("messaging:relays", "home:settings"),
        ("incidents:list", "incidents:list"),
        ("people:staff", "people:staff"),
    ],
)
def test_a_page_of_settings_lights_up_the_settings_in_the_rail(view: str, entry: str) -> None:
    page = signed_in(make_administrator()).get(reverse(view)).text
    lit = set(re.findall(r'<a href="([^"]+)" aria-current="page"', page.partition("</nav>")[0]))
    assert lit == {reverse(entry)}
