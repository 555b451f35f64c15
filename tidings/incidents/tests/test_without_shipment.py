"""Customers who are affected though none of their goods are moving: found, told once, cleared and closed as everybody else."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from tests.cast import make_dispatcher, signed_in
from tidings.customers.models import Customer, UsedService
from tidings.incidents import actions, queries, rules
from tidings.incidents.models import Affected, Incident
from tidings.incidents.tests.cast import (
    HUB,
    NOW,
    approve,
    make_actor,
    make_customer,
    make_opened,
    make_place,
    make_shipment,
)
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.messaging.models import Recipient
from tidings.messaging.queries import audience_size
from tidings.shipments.models import Location, Party, Position, Shipment

ENDS = {
    code: {"cause": "A flood of requests.", "measures": "Filtered.", "prevention": "Two lines."}
    for code in ("en", "nl", "zh-hans")
}


@pytest.mark.parametrize(
    ("kinds", "fault"),
    [
        (["users"], None),
        (["pickups", "users"], None),
        (["users", "client"], None),
        (["users", "place"], "incident.term_mixed"),
        (["service", "pickups"], "incident.term_mixed"),
    ],
)
def test_a_group_asks_for_customers_or_for_shipments(kinds: list[str], fault: str | None) -> None:
    terms = tuple(rules.Term(rules.TermKind(kind), ("X",)) for kind in kinds)
    assert rules.fault_of(rules.Question((rules.Group(terms, NOW),))) == fault


@pytest.mark.parametrize(
    ("kind", "users"), [("system_outage", ("portal", "link")), ("fire", None), ("delay", None)]
)
def test_an_outage_of_systems_proposes_who_uses_them(kind: str, users: tuple[str, ...] | None) -> None:
    question = rules.proposed(kind, HUB, NOW)
    found = [term.values for group in question.groups for term in group.terms if term.kind == "users"]
    assert found == ([users] if users else [])
    assert rules.question_from(question.as_json()) == question


@pytest.mark.parametrize("effect", rules.Effect)
@pytest.mark.parametrize("why", ["", *rules.Why])
def test_what_is_said_of_goods_is_not_said_of_a_service(why: str, effect: rules.Effect) -> None:
    of_service = why in ("uses_the_service", "has_a_pickup", "added_without_shipment")
    fits = effect in rules.WITHOUT_SHIPMENT if of_service else effect not in rules.WITHOUT_SHIPMENT
    assert (effect in rules.effects_of(why)) == (fits or effect == "unaffected")


def uses(customer: Customer, service: str = "portal", **more: object) -> Customer:
    facts = {"source": "contract", "since": date(2020, 1, 1), **more}
    UsedService.objects.create(customer=customer, service=service, **facts)
    return customer


def make_users() -> dict[str, Customer]:
    """Three who use the portal, in three languages; the one who reads Dutch has a shipment at the hub. A fourth uses nothing."""
    hub = make_place()
    cast = {code: uses(make_customer(f"P-{code}", code)) for code in ("en", "nl", "zh-hans")}
    make_shipment("WB1", cast["nl"], hub)
    make_customer("P-none")
    return cast


def told(actor: Actor, incident: Incident, phase: str, facts: object = None) -> UUID:
    outcome = actions.tell_phase(actor, incident.pk, phase, facts)  # type: ignore[arg-type]
    if outcome.sent is None:
        approve(outcome.message_id)
        actions.tell_phase(actor, incident.pk, phase)
    return outcome.message_id


def readers(message: UUID) -> dict[str, list[tuple[str, str]]]:
    rows = Recipient.objects.filter(message_id=message)
    return {
        row.name: [(line.get("waybill") or line["service"], line["effect"]) for line in row.lines]
        for row in rows
    }


@pytest.mark.django_db
def test_an_outage_finds_the_users_of_the_portal_beside_the_shipments() -> None:
    cast = make_users()
    actor, incident = make_opened(kind="system_outage")
    assert queries.affected_size(incident) == (1, 1)
    assert queries.without_shipment(actor, incident) == 2, "who has a shipment is not counted twice"
    alone = Affected.objects.filter(incident=incident, shipment_id=None)
    assert {row.customer_id for row in alone} == {one.pk for one in cast.values()}
    assert {(row.why, row.term, row.certainty) for row in alone} == {("uses_the_service", "portal", "seen")}
    counted = {
        one.why: (one.shipments, one.customers, one.effect)
        for one in queries.counts_by_reason(actor, incident)
    }
    assert counted == {"there_now": (1, 1, "delayed"), "uses_the_service": (0, 3, "service_unavailable")}


@pytest.mark.django_db
def test_each_is_told_once_and_reach_adds_up() -> None:
    make_users()
    actor, incident = make_opened(kind="system_outage")
    message = told(actor, incident, "first_notice")
    assert readers(message) == {
        "Reader P-en": [("portal", "service_unavailable")],
        "Reader P-nl": [("WB1", "delayed"), ("portal", "service_unavailable")],
        "Reader P-zh-hans": [("portal", "service_unavailable")],
    }
    row = Recipient.objects.get(message_id=message, name="Reader P-nl")
    assert row.shipment_ids == [Shipment.objects.get().pk], "only shipments have ids there"
    [reach] = queries.reach(queries.incident(actor, incident.pk), now())
    assert reach.total == 3
    assert not Affected.objects.filter(incident=incident, told_at=None).exists()


@pytest.mark.django_db
def test_a_customer_whose_shipment_comes_in_is_told_of_it_once() -> None:
    cast = make_users()
    actor, incident = make_opened(kind="system_outage")
    told(actor, incident, "first_notice")
    make_shipment("WB2", cast["en"], make_place())
    actions.find_affected(actor, incident.pk)
    incident = queries.incident(actor, incident.pk)
    assert queries.news(actor, incident, NOW).untold == 1
    assert queries.without_shipment(actor, incident) == 1
    second = told(actor, incident, "first_notice")
    assert readers(second) == {"Reader P-en": [("WB2", "delayed"), ("portal", "service_unavailable")]}
    assert not audience_size(queries.audience(incident, "first_notice", now()))


@pytest.mark.django_db
def test_who_uses_it_no_more_is_cleared_and_who_begins_is_new() -> None:
    cast = make_users()
    actor, incident = make_opened(kind="system_outage")
    told(actor, incident, "first_notice")
    UsedService.objects.filter(customer=cast["en"]).update(ended_at=NOW)
    uses(Customer.objects.get(number="P-none"))
    actions.find_affected(actor, incident.pk)
    news = queries.news(actor, queries.incident(actor, incident.pk), NOW)
    assert (news.untold, news.left, news.untold_customers, news.left_customers) == (0, 0, 1, 1)
    cleared = told(actor, incident, "all_clear")
    assert readers(cleared) == {"Reader P-en": [("portal", "unaffected")]}
    assert list(readers(told(actor, incident, "first_notice"))) == ["Reader P-none"]


@pytest.mark.django_db
def test_the_closing_says_that_it_was_not_available() -> None:
    make_users()
    actor, incident = make_opened(kind="system_outage")
    told(actor, incident, "first_notice")
    actions.move_incident(actor, incident.pk, "resolved")
    closing = told(actor, incident, "closing", ENDS)
    assert readers(closing)["Reader P-en"] == [("portal", "service_was_unavailable")]
    assert set(readers(closing)) == {"Reader P-en", "Reader P-nl", "Reader P-zh-hans"}


@pytest.mark.django_db
def test_a_change_of_shipments_leaves_customers_alone() -> None:
    make_users()
    actor, incident = make_opened(kind="system_outage")
    shipment = Shipment.objects.get()
    Position.objects.filter(shipment=shipment).update(place=make_place("DEDUI", "Duisburg"))
    actions.pick_by_hand(actor, incident.pk, [shipment.pk], "out", "Never there.")
    assert queries.affected_size(incident)[0] == 0
    assert queries.without_shipment(actor, incident) == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("days", "hours", "found"),
    [
        ([], 1, True),
        ([5], 1, True),
        ([1, 6], 1, False),  # in Venlo it is still Friday
        ([6], 3, True),
        ([1, 2, 3, 4], 3, False),
        ([4], 24 * 9, True),
    ],
)
def test_a_pickup_counts_on_its_days_where_it_is_made(days: list[int], hours: int, found: bool) -> None:
    make_place()
    Location.objects.create(code="NLVEN", name="Venlo", country="NL", time_zone="Europe/Amsterdam")
    make_place("DEDUI", "Duisburg")
    uses(make_customer("P-1"), "pickup", place="NLVEN", weekdays=days)
    uses(make_customer("P-2"), "pickup", place="DEDUI")
    actor, incident = make_opened(kind="strike")
    friday = datetime(2026, 11, 27, 21, 30, tzinfo=UTC)
    group = rules.Group(
        (rules.Term(rules.TermKind.PICKUPS, ("NL",)),), friday, friday + timedelta(hours=hours)
    )
    actions.ask_question(actor, incident.pk, rules.Question((group,)))
    rows = Affected.objects.filter(incident=incident, gone_at=None)
    assert [(row.why, row.term, row.certainty) for row in rows] == [
        ("has_a_pickup", "NLVEN", "planned")
    ] * found


@pytest.mark.django_db
def test_both_terms_of_a_group_must_hold_and_a_client_narrows() -> None:
    make_place()
    both = uses(uses(make_customer("P-1")), "pickup", place=HUB)
    uses(make_customer("P-2"))
    other = uses(uses(make_customer("P-3")), "pickup", place=HUB)
    actor, incident = make_opened(kind="strike")
    terms = (rules.Term(rules.TermKind.USERS, ("portal",)), rules.Term(rules.TermKind.PICKUPS, (HUB,)))

    def found(*more: rules.Term) -> set[UUID | None]:
        actions.ask_question(actor, incident.pk, rules.Question((rules.Group((*terms, *more), NOW),)))
        return {row.customer_id for row in Affected.objects.filter(incident=incident, gone_at=None)}

    assert found() == {both.pk, other.pk}
    assert found(rules.Term(rules.TermKind.CLIENT, ("P-3",))) == {other.pk}


@pytest.mark.django_db
def test_what_it_means_for_them_is_said_by_their_reason() -> None:
    make_users()
    actor, incident = make_opened(kind="system_outage")
    actions.set_effect(actor, incident.pk, "damaged")
    with pytest.raises(Refused, match=r"incident\.effect_of_others"):
        actions.set_effect(actor, incident.pk, "lost", why="uses_the_service")
    with pytest.raises(Refused, match=r"incident\.effect_of_others"):
        actions.set_effect(actor, incident.pk, "service_restored")
    actions.set_effect(actor, incident.pk, "service_restored", why="uses_the_service")
    told_now = {one.why: one.effect for one in queries.counts_by_reason(actor, incident)}
    assert told_now == {"there_now": "damaged", "uses_the_service": "service_restored"}


@pytest.mark.django_db
def test_one_line_without_a_shipment_for_each_customer_and_none_for_nobody() -> None:
    make_users()
    _, incident = make_opened(kind="system_outage")
    row = Affected.objects.filter(incident=incident, shipment_id=None).first()
    assert row is not None
    row.pk = None
    with pytest.raises(IntegrityError, match="affected_once"), transaction.atomic():
        row.save(force_insert=True)
    row.customer_id = None
    with pytest.raises(IntegrityError, match="affected_is_somebody"), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.django_db
def test_a_team_sees_its_own_clients_without_a_shipment() -> None:
    cast = make_users()
    unit = UUID(int=7)
    Customer.objects.filter(pk=cast["zh-hans"].pk).update(unit_id=unit)
    _, incident = make_opened(kind="system_outage")
    team = make_actor(units=frozenset({unit}))
    assert queries.without_shipment(team, queries.incident(team, incident.pk)) == 1
    lines = queries.affected_lines(team, incident)
    assert [(line.shipment_id, line.waybill, line.customer) for line in lines] == [
        (None, "", "Customer P-zh-hans")
    ]
    assert not Party.objects.filter(customer=cast["zh-hans"]).exists()


@pytest.mark.django_db
def test_a_customer_is_added_and_taken_out_by_hand_with_a_reason() -> None:
    cast = make_users()
    other = Customer.objects.get(number="P-none")
    actor, incident = make_opened(kind="system_outage")
    with pytest.raises(Refused, match="pick_needs_reason"):
        actions.pick_customers(actor, incident.pk, [other.pk], "in", " ")
    actions.pick_customers(actor, incident.pk, [other.pk], "in", "They collect at our gate.")
    actions.pick_customers(actor, incident.pk, [cast["en"].pk], "out", "They left the portal.")
    assert why_of(incident) == {
        "P-none": ("added_without_shipment", "They collect at our gate."),
        "P-nl": ("uses_the_service", "portal"),
        "P-zh-hans": ("uses_the_service", "portal"),
    }
    actions.find_affected(actor, incident.pk)
    assert len(why_of(incident)) == 3, "asking again keeps a person's word"
    held = {one.number: one.verdict for one in queries.picked_customers(actor, incident)}
    assert held == {"P-none": "in", "P-en": "out"}
    assert readers(told(actor, incident, "first_notice"))["Reader P-none"] == [("any", "service_unavailable")]
    actions.pick_customers(actor, incident.pk, [other.pk, cast["en"].pk], "", "")
    assert set(why_of(incident)) == {"P-en", "P-nl", "P-zh-hans"}


def why_of(incident: Incident) -> dict[str, tuple[str, str]]:
    rows = Affected.objects.filter(incident=incident, shipment_id=None, gone_at=None)
    numbers = dict(Customer.objects.values_list("pk", "number"))
    return {numbers[row.customer_id]: (row.why, row.term) for row in rows if row.customer_id}


@pytest.mark.django_db
def test_a_team_adds_only_customers_whom_it_sees() -> None:
    make_users()
    _, incident = make_opened(kind="system_outage")
    team = make_actor(units=frozenset({UUID(int=7)}))
    with pytest.raises(Missing):
        actions.pick_customers(team, incident.pk, [Customer.objects.get(number="P-none").pk], "in", "Ours.")


@pytest.mark.django_db
def test_another_question_says_first_which_customers_it_would_lose() -> None:
    make_users()
    actor, incident = make_opened(kind="system_outage")
    change = queries.change_by(actor, incident, queries.question(incident))
    assert (change.alone, change.alone_came, change.alone_went, change.told_went) == (2, 0, 0, 0)
    told(actor, incident, "first_notice")
    elsewhere = rules.at_place(HUB, NOW - timedelta(hours=1))
    change = queries.change_by(actor, incident, elsewhere)
    assert (change.alone, change.alone_went, change.told_went, change.went) == (0, 3, 3, 0)
    with pytest.raises(Conflict, match="more_would_go"):
        actions.ask_question(actor, incident.pk, elsewhere, seen_told=2)
    actions.ask_question(actor, incident.pk, elsewhere, seen_told=3)
    assert not why_of(incident)


@pytest.mark.django_db
def test_the_pages_count_list_and_change_them() -> None:
    make_users()
    _, incident = make_opened(kind="system_outage")
    client, number = signed_in(make_dispatcher()), incident.number
    page = client.get(reverse("incidents:show", args=[number])).text
    assert "and 2 customers without a shipment" in page and "Uses the service" in page
    listed = client.get(reverse("incidents:affected", args=[number])).text
    assert "no shipment" in listed and "Customer P-zh-hans" in listed
    question = client.get(reverse("incidents:question", args=[number])).text
    assert "Users of a service" in question and 'value="portal, link"' in question
    address = reverse("incidents:by_hand", args=[number])
    sent = {
        "verdict": "in",
        "customers": "P-none",
        "reason": "They collect.",
        "seen_version": incident.version,
    }
    assert client.post(address, {**sent, "customers": "P-zzz"}).status_code == 422
    assert client.post(address, {**sent, "customers": ""}).status_code == 422
    assert client.post(address, sent).status_code == 302
    assert "P-none" in why_of(incident)
    assert "Customer P-none" in client.get(address).text
    taken = {"customer": str(Customer.objects.get(number="P-none").pk)}
    client.post(reverse("incidents:take_back", args=[number]), taken)
    assert "P-none" not in why_of(incident)
