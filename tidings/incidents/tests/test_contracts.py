"""Who is told by contract: per effect and phase, at once, after the client, on its word; everybody once, with a clock of their own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from tests.cast import make_dispatcher, signed_in
from tidings.customers.actions import change_contract
from tidings.customers.models import Contact, Customer
from tidings.customers.rules import Hearing
from tidings.incidents import actions, queries
from tidings.incidents.actions.newly import tell_newly_affected
from tidings.incidents.composer import composer
from tidings.incidents.models import Affected, ClientWord, Incident
from tidings.incidents.sql import Later
from tidings.incidents.tests.cast import (
    NOW,
    make_actor,
    make_customer,
    make_opened,
    make_place,
    make_shipment,
    readers,
    sent_first_notice,
    told,
)
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Refused
from tidings.messaging.models import Recipient
from tidings.messaging.queries import current_freeze, frozen_preview, links
from tidings.messaging.rules.freezing import freeze_words
from tidings.messaging.rules.template import read_template
from tidings.messaging.rules.wording import Reader, reader_values
from tidings.messaging.texts import words
from tidings.people.queries import system_actor
from tidings.shipments.models import Party

pytestmark = pytest.mark.django_db
CLIENT, CONSIGNEE = "Reader C-1", "Reader C-2"


def agreed(*lines: Hearing, client: str = "C-1") -> None:
    """What this client's contract says; the first line is for all."""
    customer = Customer.objects.get(number=client)
    change_contract(make_actor(), customer.pk, lines, version=None, at=NOW)


def link_of(reader: Recipient) -> str:
    """The token in the message that this reader got."""
    return links().to(reader.pk).rpartition("/")[2]


def make_world(*lines: Hearing, other: Hearing | None = None, **report: Any) -> tuple[Actor, Incident]:
    """A delay at the hub of one shipment with a client and a consignee; with `other`, of a second client too."""
    shipment = make_shipment("WB1", make_customer("C-1"), make_place())
    Party.objects.create(shipment=shipment, role="consignee", customer=make_customer("C-2"))
    agreed(*lines)
    if other:
        Party.objects.create(shipment=shipment, role="account", customer=make_customer("C-3"))
        agreed(other, client="C-3")
    return make_opened(**{"kind": "delay", **report})


@pytest.mark.parametrize(
    ("lines", "effect", "first", "update"),
    [
        ([Hearing("client")], "delayed", {"C-1"}, {"C-1"}),
        ([Hearing("both")], "delayed", {"C-1", "C-2"}, {"C-1", "C-2"}),
        ([Hearing("consignee")], "delayed", {"C-2"}, {"C-2"}),
        ([Hearing("client_first")], "delayed", {"C-1"}, {"C-1"}),
        ([Hearing("client_first", after=30)], "delayed", {"C-1"}, {"C-1"}),
        ([Hearing("client"), Hearing("both", effect="damaged")], "delayed", {"C-1"}, {"C-1"}),
        ([Hearing("client"), Hearing("both", effect="damaged")], "damaged", {"C-1", "C-2"}, {"C-1", "C-2"}),
        ([Hearing("both"), Hearing("client", effect="damaged")], "damaged", {"C-1"}, {"C-1"}),
        ([Hearing("client"), Hearing("both", phase="update")], "delayed", {"C-1"}, {"C-1", "C-2"}),
        ([Hearing("consignee"), Hearing("client", phase="update")], "delayed", {"C-2"}, {"C-1"}),
        (
            [
                Hearing("client"),
                Hearing("both", phase="first_notice"),
                Hearing("consignee", effect="delayed"),
            ],
            "delayed",
            {"C-2"},
            {"C-2"},
        ),
        (
            [
                Hearing("both"),
                Hearing("client", effect="delayed"),
                Hearing("consignee", effect="delayed", phase="update"),
            ],
            "delayed",
            {"C-1"},
            {"C-2"},
        ),
    ],
)
def test_the_most_specific_line_of_the_contract_decides(
    lines: list[Hearing], effect: str, first: set[str], update: set[str]
) -> None:
    actor, incident = make_world(*lines)
    actions.set_effect(actor, incident.pk, effect, until_at=NOW + timedelta(days=3))
    assert numbers(incident, "first_notice") == first
    assert numbers(incident, "update") == update
    assert queries.audience_parts(actor, incident, "update", NOW)[0].contacts == len(update)


def numbers(incident: Incident, phase: str, later: timedelta = timedelta(0)) -> set[str]:
    """The customers to whom a message of this phase would go."""
    found = queries.audience(incident, phase, NOW + later)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT contact_id FROM ({found.sql}) found", dict(found.params))
        contacts = [contact for (contact,) in cursor.fetchall()]
    return set(Contact.objects.filter(pk__in=contacts).values_list("customer__number", flat=True))


@pytest.mark.parametrize(
    ("one", "other", "heard"),
    [
        (Hearing("both"), Hearing("client"), {"C-1", "C-3"}),
        (Hearing("both"), Hearing("client_first"), {"C-1", "C-3"}),
        (Hearing("both"), Hearing("consignee"), {"C-1", "C-2"}),
        (Hearing("consignee"), Hearing("client_first"), {"C-1", "C-3"}),
        (Hearing("consignee"), Hearing("consignee"), {"C-2"}),
        (Hearing("both"), Hearing("both"), {"C-1", "C-2", "C-3"}),
    ],
)
def test_of_two_clients_the_strictest_decides_on_the_consignee_and_none_loses_its_own_word(
    one: Hearing, other: Hearing, heard: set[str]
) -> None:
    _actor, incident = make_world(one, other=other)
    assert numbers(incident, "first_notice") == heard


def test_the_consignee_hears_some_minutes_after_the_client_by_itself_and_once() -> None:
    actor, incident = make_world(Hearing("client_first", after=30))
    assert sent_first_notice(actor, incident) == 1
    sent = Affected.objects.get(customer_id=Customer.objects.get(number="C-1").pk).told_at
    incident.refresh_from_db()
    assert queries.news(actor, incident, sent).untold == 0, "who is not due is not untold"
    with time_machine.travel(sent + timedelta(minutes=29), tick=False):
        assert tell_newly_affected(system_actor("newly affected"), incident.pk) is None
    with time_machine.travel(sent + timedelta(minutes=31), tick=False):
        assert queries.news(actor, incident, sent + timedelta(minutes=31)).untold == 1
        assert tell_newly_affected(system_actor("newly affected"), incident.pk) == 1
        assert tell_newly_affected(system_actor("newly affected"), incident.pk) is None
    later = Recipient.objects.get(name=CONSIGNEE)
    assert (
        later.due_by
        == sent + timedelta(minutes=30) + queries.promise(incident, "first_notice", NOW).due_within
    )
    assert Recipient.objects.filter(name=CLIENT).count() == 1
    assert numbers(incident, "update", timedelta(hours=1)) == {"C-1", "C-2"}


def test_without_minutes_the_consignee_waits_for_the_word_and_nobody_is_owed_anything_meanwhile() -> None:
    actor, incident = make_world(Hearing("client_first"))
    sent_first_notice(actor, incident)
    with time_machine.travel(NOW + timedelta(days=3)):
        assert tell_newly_affected(system_actor("newly affected"), incident.pk) is None
    [reach] = queries.reach(incident, NOW + timedelta(days=3))
    assert reach.total == 1 and reach.unreachable == 0
    assert queries.unexplained(incident, NOW) == 0


def test_a_client_without_a_contact_keeps_its_consignee_waiting_no_longer_than_the_others() -> None:
    actor, incident = make_world(Hearing("client_first", after=30))
    Contact.objects.filter(customer__number="C-1").update(ended_at=NOW)
    make_shipment("WB2", make_customer("C-9"), make_place())
    actions.find_affected(actor, incident.pk)
    sent_first_notice(actor, incident)
    assert numbers(incident, "first_notice", timedelta(minutes=20)) == set()
    assert numbers(incident, "first_notice", timedelta(minutes=40)) == {"C-2"}


def test_a_contract_changed_while_it_lasts_counts_with_the_next_look() -> None:
    actor, incident = make_world(Hearing("client"))
    assert Affected.objects.count() == 1
    agreed(Hearing("both"))
    actions.find_affected(actor, incident.pk)
    assert numbers(incident, "first_notice") == {"C-1", "C-2"}
    agreed(Hearing("client"))
    actions.find_affected(actor, incident.pk)
    assert numbers(incident, "first_notice") == {"C-1"}


def test_the_lines_of_a_consignee_hold_only_the_shipments_whose_contract_lets_it_hear() -> None:
    actor, incident = make_world(Hearing("both"))
    quiet = make_shipment("WB2", make_customer("C-4"), make_place())
    Party.objects.create(shipment=quiet, role="consignee", customer=Customer.objects.get(number="C-2"))
    agreed(Hearing("client"), Hearing("both", effect="lost"), client="C-4")
    actions.find_affected(actor, incident.pk)
    message = told(actor, incident)
    assert [line["waybill"] for line in readers(message)[CONSIGNEE].lines] == ["WB1"]
    assert not Affected.objects.get(shipment_id=quiet.pk, roles=["consignee"]).told_at


def test_on_the_clients_word_the_consignee_hears_at_once_and_the_composer_says_who_waits() -> None:
    actor, incident = make_world(Hearing("client_first"))
    shown = composer(actor, incident, "first_notice", NOW)
    assert (shown.contacts, shown.later) == (1, (Later(None, 1),))
    sent_first_notice(actor, incident)
    client = Customer.objects.get(number="C-1")
    [waits] = queries.waited_for(actor, incident, NOW)
    assert (waits.customer_id, waits.customers) == (client.pk, 1)
    actions.note_client_agrees(make_actor("agent"), incident.pk, client.pk)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5)):
        assert tell_newly_affected(system_actor("newly affected"), incident.pk) == 1
    assert Recipient.objects.filter(name=CONSIGNEE).exists()
    assert not queries.waited_for(actor, incident, NOW + timedelta(hours=1))
    with pytest.raises(Refused, match="nobody_waits_for_client"):
        actions.note_client_agrees(actor, incident.pk, client.pk)
    word = ClientWord.objects.get()
    assert (word.contact_id, word.by_kind) == (None, "person")


def test_the_word_counts_for_the_first_notice_that_has_not_gone_yet() -> None:
    actor, incident = make_world(Hearing("client_first", after=30))
    assert composer(actor, incident, "first_notice", NOW).later == (Later(30, 1),)
    actions.note_client_agrees(actor, incident.pk, Customer.objects.get(number="C-1").pk)
    assert sent_first_notice(actor, incident) == 2


def test_of_two_clients_that_hear_first_both_must_say_so() -> None:
    actor, incident = make_world(Hearing("client_first", after=5), other=Hearing("client_first"))
    actions.note_client_agrees(actor, incident.pk, Customer.objects.get(number="C-1").pk)
    assert numbers(incident, "first_notice", timedelta(hours=1)) == {"C-1", "C-3"}
    actions.note_client_agrees(actor, incident.pk, Customer.objects.get(number="C-3").pk)
    assert numbers(incident, "first_notice", timedelta(hours=1)) == {"C-1", "C-2", "C-3"}


def test_a_client_says_it_on_its_own_page_by_a_press_and_never_by_opening_it() -> None:
    actor, incident = make_world(Hearing("client_first"))
    token = link_of(readers(told(actor, incident))[CLIENT])
    page = Client().get(f"/m/{token}")
    assert "You may tell my consignees" in page.text and not ClientWord.objects.exists()
    assert Client().get(f"/m/{token}/agree").status_code == 405
    for _twice in range(2):
        assert Client().post(f"/m/{token}/agree").status_code == 302
    word = ClientWord.objects.get()
    assert word.contact_id == Contact.objects.get(name=CLIENT).pk
    page = Client().get(f"/m/{token}")
    assert "You may tell my consignees" not in page.text and "Thank you" in page.text


def test_nobody_elses_page_gives_a_clients_word() -> None:
    actor, incident = make_world(Hearing("both"))
    shipment = make_shipment("WB2", make_customer("C-7"), make_place())
    Party.objects.create(shipment=shipment, role="consignee", customer=make_customer("C-8"))
    agreed(Hearing("client_first"), client="C-7")
    actions.find_affected(actor, incident.pk)
    token = link_of(readers(told(actor, incident))[CONSIGNEE])
    assert "You may tell my consignees" not in Client().get(f"/m/{token}").text
    Client().post(f"/m/{token}/agree")
    assert not ClientWord.objects.exists()


def test_the_incident_page_shows_who_waits_and_one_press_notes_the_word() -> None:
    _actor, incident = make_world(Hearing("client_first"))
    client, address = signed_in(make_dispatcher()), f"/incidents/{incident.number}/"
    shown = client.get(address).text
    assert "Waiting for their client" in shown and "1 contact hears on the client’s word." in shown
    customer = Customer.objects.get(number="C-1")
    done = client.post(f"{address}client-agrees/", {"customer": str(customer.pk)}, follow=True).text
    assert "Waiting for their client" not in done and "Client C-1 lets its consignees be told now" in done


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "We write to you on behalf of Customer C-1, who asked us to keep you up to date."),
        ("nl", "Wij schrijven u namens Customer C-1. Zo blijft u op de hoogte."),
        ("zh-hans", "我们受Customer C-1委托写信给您，及时告知您最新情况。"),
    ],
)
def test_in_the_clients_name_the_consignee_reads_whose_name_that_is_and_nobody_elses(
    language: str, sentence: str
) -> None:
    actor, incident = make_world(Hearing("consignee"), other=Hearing("both"))
    Contact.objects.filter(name=CONSIGNEE).update(language=language)
    foreign = make_shipment("WB9", make_customer("C-9"), make_place())
    Party.objects.create(shipment=foreign, role="consignee", customer=make_customer("C-10"))
    agreed(Hearing("consignee"), client="C-9")
    actions.find_affected(actor, incident.pk)
    message = told(actor, incident)
    freeze = current_freeze(message)
    assert freeze is not None
    said = {
        one.name: " ".join(frozen_preview(freeze, one.language, one.name, "UTC", one.lines).paragraphs)
        for one in readers(message).values()
    }
    assert sentence in said[CONSIGNEE] and "C-9" not in said[CONSIGNEE] and "C-3" not in said[CONSIGNEE]
    assert "on behalf of Customer C-9" in said["Reader C-10"]
    assert "behalf" not in said["Reader C-3"], "a client is written to in our own name"


def test_the_short_form_names_the_client_too() -> None:
    reader = Reader(words("en"), "UTC", 2026)
    line = {"waybill": "WB1", "effect": "lost", "in_name": ["Tulpen BV"]}
    assert (
        reader_values(reader, "Jo", [line], {}, "")["shipment_short"] == "WB1: lost (on behalf of Tulpen BV)"
    )
    assert reader_values(reader, "Jo", [{"waybill": "WB1"}], {}, "")["on_behalf"] == ""


def test_a_text_of_the_firms_own_names_the_client_without_having_a_place_for_it() -> None:
    source = "subject: S\nshort: S\n\n[greeting]\nDear {name},\n\n[what_happened]\nA fire.\n\n[shipment]\n{waybill}: {outcome}"
    frozen = freeze_words(read_template(source), words("en"), {}, {}, drill=False)
    assert [paragraph.block for paragraph in frozen.paragraphs[:3]] == [
        "greeting",
        "on_behalf",
        "what_happened",
    ]
