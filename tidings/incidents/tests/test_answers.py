"""What customers ask about an incident: on its page, on the telephone, on the customer's own page, for programs and on the command line."""

import json
from uuid import UUID

import pytest
from click.testing import CliRunner
from django.test import Client
from django.urls import reverse

from tests.cast import make_agent, make_dispatcher, signed_in
from tests.programs import Program
from tidings.customers.models import Contact
from tidings.incidents import queries, rules
from tidings.incidents.commands import incident as command
from tidings.incidents.models import Affected, Incident
from tidings.incidents.panels import answers_for_call, answers_for_customer
from tidings.incidents.tests.cast import (
    make_actor,
    make_hub_of_shipments,
    make_opened,
    make_told,
    readers,
    told,
)
from tidings.kernel.clock import now
from tidings.messaging.models import Result
from tidings.messaging.queries import links


@pytest.mark.parametrize(
    ("state", "told_before", "phase"),
    [
        ("reported", False, "first_notice"),
        ("responding", True, "update"),
        ("recovering", True, "restored"),
        ("resolved", True, "closing"),
        ("closed", True, "closing"),
        ("reopened", True, "update"),
    ],
)
def test_questions_are_about_the_phase_an_incident_is_in(state: str, told_before: bool, phase: str) -> None:
    assert rules.phase_asked_about(state, told=told_before) == phase


pytestmark = pytest.mark.django_db


def own_page(message: UUID, number: str) -> str:
    """What the reader of one customer sees, once their server took the message."""
    row = readers(message)[f"Reader {number}"]
    Result.objects.create(
        delivery_id=row.pk,
        attempt=1,
        outcome="accepted",
        recipient_id=row.pk,
        broadcast_id=row.broadcast_id,
        at=now(),
    )
    token = links().to(row.pk).rpartition("/")[2]
    answer = Client().get(reverse("own:page", args=[token]))
    assert answer.status_code == 200
    return answer.text


def test_the_incidents_page_answers_with_its_place_and_promise() -> None:
    _actor, incident, _message = make_told()
    page = signed_in(make_agent()).get(reverse("incidents:show", args=[incident.number])).text
    assert "What customers ask, and what we answer" in page
    assert "There has been a delay at Venlo hub since" in page
    assert "You hear from us by" in page
    assert "For us alone: customers do not read this." in page


def test_on_the_telephone_both_languages_stand_side_by_side() -> None:
    _actor, _incident, message = make_told()
    contact = Contact.objects.get(customer__number="C-nl")
    agent = make_actor("agent")
    [row] = answers_for_customer.build(agent, contact.customer_id)["rows"]  # type: ignore[index]
    ours, theirs = next(pair for pair in row["answers"] if pair[0].code == "why_delayed")
    assert ours.question == "Why is my shipment late?" and theirs.question == "Waarom is mijn zending later?"
    page = signed_in(make_agent()).get(reverse("customers:customer", args=[contact.customer_id])).text
    assert 'lang="nl"' in page and "Waarom is mijn zending later?" in page
    called = answers_for_call.build(agent, readers(message)["Reader C-nl"].pk)
    assert called is not None and called["rows"][0]["answers"] == row["answers"]  # type: ignore[index]
    assert answers_for_call.build(make_actor("auditor"), readers(message)["Reader C-nl"].pk) is None
    english = answers_for_call.build(agent, readers(message)["Reader C-en"].pk)
    assert all(theirs is None for _ours, theirs in english["rows"][0]["answers"])  # type: ignore[index]


def test_a_customer_reads_those_meant_for_them_in_their_language() -> None:
    _actor, _incident, message = make_told()
    page = own_page(message, "C-zh-hans")
    assert "我的货为什么晚了？" in page and "下次什么时候有消息？" in page
    assert "可以怎么说" not in page, "what our own people say among themselves stays with them"


def test_who_may_not_hear_of_a_theft_reads_nothing_of_one_among_the_questions() -> None:
    make_hub_of_shipments()
    actor, incident = make_opened(kind="theft")
    Affected.objects.update(roles=["consignee"])
    message = told(actor, incident)
    page = own_page(message, "C-en")
    assert "stolen" not in page and "police" not in page and "insurer need" not in page
    assert "Questions?" in page and "When do I hear from you again?" in page


def test_programs_and_the_command_line_read_the_same() -> None:
    make_hub_of_shipments()
    make_opened(kind="delay")
    incident = Incident.objects.get()
    found = Program().get(f"/incidents/{incident.number}/questions?language=nl&public=true").json()
    assert found[0]["question"] == "Waarom is mijn zending later?" and all(one["public"] for one in found)
    done = CliRunner().invoke(
        command, ["questions", incident.number, "--language", "nl", "--public", "--json"]
    )
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["questions"] == found
    assert [one["code"] for one in found] == [
        one.code for one in queries.answers_to(incident, "nl", "UTC", now(), only_public=True)
    ]
    shown = CliRunner().invoke(command, ["questions", incident.number])
    assert "Why is my shipment late?" in shown.output
    page = signed_in(make_dispatcher()).get(reverse("incidents:show", args=[incident.number]))
    assert page.status_code == 200
