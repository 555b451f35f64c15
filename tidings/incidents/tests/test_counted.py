"""How many are affected: the same numbers in the same words on the pages, through the API and by the command; plural forms too."""

import json

import pytest
from click.testing import CliRunner
from django.urls import reverse
from django.utils import translation

from tests.cast import make_dispatcher, signed_in
from tests.programs import Program
from tidings.incidents import actions
from tidings.incidents.commands import incident as command
from tidings.incidents.models import Affected
from tidings.incidents.tests.cast import make_customer, make_opened, make_place, make_shipment
from tidings.incidents.words import shipments_of_customers, tell
from tidings.shipments.models import Party
from tidings.ui.moments import Counted


@pytest.mark.parametrize(
    ("language", "code", "facts", "expected"),
    [
        ("en", "phase_sent", {"phase": "update", "recipients": 1}, "Update sent to 1 contact"),
        ("en", "phase_sent", {"phase": "update", "recipients": 1284}, "Update sent to 1,284 contacts"),
        ("nl", "phase_sent", {"phase": "update", "recipients": 1}, "Update verstuurd aan 1 contact"),
        ("nl", "phase_sent", {"phase": "update", "recipients": 1284}, "Update verstuurd aan 1.284 contacten"),
        ("zh-hans", "phase_sent", {"phase": "update", "recipients": 1}, "进展通知已发给1位联系人"),
        ("en", "added_by_hand", {"shipments": 1}, "Added by hand: 1 shipment"),
        ("nl", "taken_out_by_hand", {"shipments": 2}, "Met de hand weggehaald: 2 zendingen"),
        (
            "en",
            "affected_found",
            {"shipments": 1284, "customers": 1, "came": 3, "went": 0},
            "Affected: 1,284 shipments of 1 customer; came in: 3, left: 0",
        ),
    ],
)
def test_a_line_made_from_a_code_has_the_plural_of_its_language(language, code, facts, expected):
    counted = {name: Counted(value) if type(value) is int else value for name, value in facts.items()}
    with translation.override(language):
        assert tell(code, counted) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "1,284 shipments of 377 customers"),
        ("nl", "1.284 zendingen van 377 klanten"),
        ("zh-hans", "377个客户的1,284票快件"),
    ],
)
def test_shipments_and_customers_are_said_in_every_language(language, expected):
    with translation.override(language):
        assert shipments_of_customers(Counted(1284), Counted(377)) == expected


@pytest.mark.django_db
def test_page_list_api_and_command_count_each_shipment_and_each_customer_once():
    hub, first, second = make_place(), make_customer("C-1"), make_customer("C-2")
    shared = make_shipment("WB1", None, hub)
    for role, customer in (("shipper", first), ("consignee", second)):
        Party.objects.create(shipment=shared, customer=customer, role=role)
    make_shipment("WB2", second, hub)
    actor, incident = make_opened()
    actions.find_affected(actor, incident.pk)
    assert Affected.objects.filter(incident=incident).count() == 3, "one row per shipment and customer"
    client, said = signed_in(make_dispatcher()), "2 shipments of 2 customers"
    for page in ("show", "affected"):
        assert said in client.get(reverse(f"incidents:{page}", args=[incident.number])).text, page
    assert "3 in all" not in client.get(reverse("incidents:affected", args=[incident.number])).text
    spoken = CliRunner().invoke(command, ["affected", incident.number]).output
    assert said in spoken, spoken
    through_api = Program().get(f"/incidents/{incident.number}").json()
    assert (through_api["shipments"], through_api["customers"]) == (2, 2)
    counted = json.loads(CliRunner().invoke(command, ["affected", incident.number, "--json"]).output)
    assert (counted["shipments"], counted["customers"]) == (2, 2)
