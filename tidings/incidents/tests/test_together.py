"""One message per rhythm for who stands in several incidents: whose lines an update carries, and whom it leaves out."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from tidings.customers.models import Contact, Customer
from tidings.incidents import actions, queries, rules
from tidings.incidents.composer import composer
from tidings.incidents.models import Affected, Incident, Sending
from tidings.incidents.sql.together import SAYS_MORE
from tidings.incidents.tests.cast import (
    NOW,
    approve,
    make_actor,
    make_customer,
    make_place,
    make_report,
    make_shipment,
)
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.ids import new_id
from tidings.messaging.models import Recipient, Result, ToldTogether
from tidings.shipments.models import Party, Shipment

pytestmark = pytest.mark.django_db

LANGUAGES = ("en", "nl", "zh-hans")
NEWS = {code: {"status": "Closed.", "what_changed": "Lines run.", "measures": "Rerouted."} for code in LANGUAGES}  # fmt: skip
STORM_HUB = "DEDUI"


def told(actor: Actor, incident: Incident, phase: str = "update", facts: Any = None) -> dict[str, Recipient]:
    """A phase told, with an approver's yes where one is asked; the recipients by name."""
    facts = NEWS if phase == "update" and facts is None else facts
    outcome = actions.tell_phase(actor, incident.pk, phase, facts)
    if outcome.sent is None:
        approve(outcome.message_id)
        actions.tell_phase(actor, incident.pk, phase)
    return {row.name: row for row in Recipient.objects.filter(message_id=outcome.message_id)}


def opened(actor: Actor, kind: str, place: str, **more: Any) -> Incident:
    return queries.incident(actor, actions.open_incident(actor, make_report(kind=kind, place=place, **more)))


def make_storm() -> tuple[Actor, Incident, Incident, dict[str, Customer]]:
    """A delay at Venlo and a storm at Duisburg, both told. "both" has goods in each, "here" and "there" in one alone."""
    venlo, duisburg = make_place(), make_place(STORM_HUB, "Duisburg")
    cast = {name: make_customer(f"C-{name}") for name in ("both", "here", "there")}
    make_shipment("WB1", cast["both"], venlo)
    make_shipment("WB2", cast["here"], venlo)
    make_shipment("WB3", cast["both"], duisburg)
    make_shipment("WB4", cast["there"], duisburg)
    actor = make_actor()
    here, there = opened(actor, "delay", venlo.code), opened(actor, "weather", STORM_HUB)
    for incident in (here, there):
        told(actor, incident, "first_notice")
    return actor, queries.incident(actor, here.pk), queries.incident(actor, there.pk), cast


def lines(row: Recipient) -> list[tuple[str, str, str]]:
    """Waybill, effect and, of another incident, its number."""
    return [(one["waybill"], one["effect"], one.get("of", {}).get("about", "")) for one in row.lines]


def pick(actor: Actor, incident: Incident, waybill: str) -> None:
    """A shipment added by hand."""
    actions.pick_by_hand(actor, incident.pk, [Shipment.objects.get(waybill=waybill).pk], "in", "Seen there")


def say(actor: Actor, incident: Incident, waybill: str, effect: str) -> None:
    """What the incident means for one shipment alone."""
    actions.set_effect_of(actor, incident.pk, queries.Narrowed(text=waybill), rules.Meaning(effect))


def deliver(row: Recipient) -> None:
    Result.objects.create(
        delivery_id=row.delivery_id, attempt=1, outcome="delivered", recipient_id=row.pk, broadcast_id=row.broadcast_id, at=now()
    )  # fmt: skip


def test_an_update_tells_a_contact_of_their_shipments_in_every_incident():
    actor, here, there, _ = make_storm()
    rows = told(actor, here)
    assert lines(rows["Reader C-both"]) == [("WB1", "delayed", ""), ("WB3", "delayed", there.number)]
    assert lines(rows["Reader C-here"]) == [("WB2", "delayed", "")]
    assert rows["Reader C-both"].lines[1]["of"] == {
        "about": there.number,
        "kind": "weather",
        "place": "Duisburg",
    }
    assert len(rows["Reader C-both"].shipment_ids) == 2


def test_the_other_incidents_update_leaves_out_whom_the_first_told_and_counts_them_as_told():
    actor, here, there, _ = make_storm()
    first = told(actor, here)
    second = told(actor, there)
    assert set(second) == {"Reader C-there"}
    [link] = ToldTogether.objects.all()
    assert link.recipient_id == first["Reader C-both"].pk
    assert link.due_by == there.next_update_by
    for row in (*first.values(), *second.values()):
        deliver(row)
    for incident in (here, there):
        [update] = [one for one in queries.reach(incident, now()) if one.phase == "update"]
        assert (update.in_time, update.total) == (2, 2)
    people = queries.people_of_phase(actor, there, "update", now())
    assert {one.name: one.told_with for one in people} == {
        "Reader C-both": here.number,
        "Reader C-there": "",
    }


def test_a_mail_that_comes_back_is_known_in_both_incidents():
    actor, here, there, _ = make_storm()
    first = told(actor, here)
    told(actor, there)
    Recipient.objects.filter(pk=first["Reader C-both"].pk).update(state="unreachable")
    [update] = [one for one in queries.reach(there, now()) if one.phase == "update"]
    assert (update.unreachable, update.total) == (1, 2)
    assert set(told(actor, there)) == {"Reader C-both", "Reader C-there"}


def test_in_time_is_judged_by_that_message_against_this_updates_own_deadline():
    actor, here, there, _ = make_storm()
    first = told(actor, here)
    Incident.objects.filter(pk=there.pk).update(next_update_by=now() - timedelta(minutes=1))
    told(actor, there)
    deliver(first["Reader C-both"])
    [update] = [one for one in queries.reach(there, now()) if one.phase == "update"]
    assert update.late == 1
    [update] = [one for one in queries.reach(here, now()) if one.phase == "update"]
    assert update.in_time == 1


@pytest.mark.parametrize(
    ("moved", "left_out"), [(timedelta(hours=1, minutes=59), True), (timedelta(hours=2), False)]
)
def test_a_time_that_moved_far_is_news_and_one_that_moved_little_waits(moved: timedelta, left_out: bool):
    actor, here, there, _ = make_storm()
    told(actor, here)
    shipment = Shipment.objects.get(waybill="WB3")
    Shipment.objects.filter(pk=shipment.pk).update(estimated_at=shipment.estimated_at + moved)
    assert ("Reader C-both" not in told(actor, there)) is left_out


def test_news_goes_to_everybody_and_again_carries_everything():
    actor, here, there, _ = make_storm()
    told(actor, here)
    actions.set_effect(actor, there.pk, "rerouted")
    rows = told(actor, there)
    assert lines(rows["Reader C-both"]) == [("WB1", "delayed", here.number), ("WB3", "rerouted", "")]
    assert not ToldTogether.objects.exists()


def test_the_same_shipment_in_both_shows_the_graver_effect_in_either_message():
    actor, here, there, cast = make_storm()
    shared = Shipment.objects.get(waybill="WB1")
    pick(actor, there, "WB1")
    told(actor, there, "first_notice")
    actions.set_effect(actor, there.pk, "rerouted")
    rows = told(actor, here)
    assert lines(rows["Reader C-both"])[0] == ("WB1", "delayed", "")
    assert rows["Reader C-both"].shipment_ids.count(shared.pk) == 1
    say(actor, there, "WB1", "damaged")
    rows = told(actor, here)
    assert lines(rows["Reader C-both"])[0] == ("WB1", "damaged", there.number)
    assert rows["Reader C-both"].lines[0]["of"]["both"] is True
    assert rows["Reader C-both"].needs_confirmed
    assert set(cast) == {"both", "here", "there"}


@pytest.mark.parametrize(
    ("effect", "duty"), [("damaged", ""), ("lost", ""), ("stolen", ""), ("delayed", "collect")]
)
def test_what_is_grave_or_asks_something_is_told_by_its_own_incident_alone_and_always(effect: str, duty: str):
    actor, here, there, _ = make_storm()
    actions.set_effect(actor, there.pk, effect, must_do=duty)
    assert lines(told(actor, here)["Reader C-both"]) == [("WB1", "delayed", "")]
    assert "Reader C-both" in told(actor, there)
    assert "Reader C-both" in told(actor, there)


@pytest.mark.parametrize("fact", sorted(rules.OFFERS))
def test_an_update_that_offers_something_leaves_nobody_out(fact: str):
    actor, here, there, _ = make_storm()
    told(actor, here)
    offer = {code: {**said, fact: "We bring it for free."} for code, said in NEWS.items()}
    assert set(told(actor, there, facts=offer)) == {"Reader C-both", "Reader C-there"}


def test_a_looser_incident_never_silences_a_stricter_one_and_repeats_its_promise():
    actor, here, there, _ = make_storm()
    actions.change_grade(actor, there.pk, "critical", "Medicines on board")
    there = queries.incident(actor, there.pk)
    assert there.next_update_by is not None
    rows = told(actor, here)
    assert rows["Reader C-both"].lines[1]["of"]["next_by"] == there.next_update_by.isoformat()
    assert set(told(actor, there)) == {"Reader C-both", "Reader C-there"}
    assert set(told(actor, here)) == {"Reader C-here"}


def test_once_the_others_promise_has_passed_or_ended_nobody_is_left_out():
    actor, here, there, _ = make_storm()
    told(actor, here)
    sent = Sending.objects.get(incident=here, phase="update")
    for changed in ({"next_update_by": None}, {"state": "resolved"}, {"state": "closed"}):
        before = Incident.objects.filter(pk=here.pk).values(*changed).get()
        Incident.objects.filter(pk=here.pk).update(**changed)
        assert not queries.together(there, "update", now(), now() + timedelta(days=1)).already_told
        Incident.objects.filter(pk=here.pk).update(**before)
    later = now() + timedelta(days=1)
    assert len(queries.together(there, "update", now(), later).already_told) == 1
    assert sent.promised_by is not None
    assert not queries.together(
        there, "update", sent.promised_by, sent.promised_by + timedelta(days=1)
    ).already_told


@pytest.mark.parametrize(
    ("phase", "facts"),
    [
        ("closing", {"cause": "Wind.", "measures": "Cleared.", "prevention": "Anchors."}),
        ("restored", {"what_works": "All lines."}),
    ],
)
def test_what_ends_an_incident_leaves_nobody_out_and_tells_of_its_own_shipments_alone(
    phase: str, facts: dict[str, str]
):
    actor, here, there, _ = make_storm()
    told(actor, here)
    rows = told(actor, there, phase, dict.fromkeys(LANGUAGES, facts))
    assert lines(rows["Reader C-both"]) == [("WB3", "delayed", "")]


def test_a_drill_joins_nothing_of_a_real_incident():
    actor, here, there, _ = make_storm()
    Incident.objects.filter(pk=there.pk).update(drill=True)
    assert lines(told(actor, here)["Reader C-both"]) == [("WB1", "delayed", "")]


def test_what_no_first_notice_told_is_told_by_no_other_incident():
    actor, here, there, cast = make_storm()
    make_shipment("WB9", cast["both"], make_place(STORM_HUB))
    actions.find_affected(actor, there.pk)
    assert "WB9" not in {waybill for waybill, *_ in lines(told(actor, here)["Reader C-both"])}


def test_a_consignee_hears_neither_of_the_theft_nor_of_its_kind_in_another_incidents_message():
    actor, here, there, cast = make_storm()
    Party.objects.filter(shipment__waybill__in=["WB1", "WB3"]).update(role="consignee")
    for incident in (here, there):
        actions.find_affected(actor, incident.pk)
        Affected.objects.filter(incident=incident, customer_id=cast["both"].pk).update(roles=["consignee"])
    Incident.objects.filter(pk=there.pk).update(kind="theft")
    pick(actor, there, "WB1")
    Affected.objects.filter(incident=there, customer_id=cast["both"].pk).update(
        roles=["consignee"], told_at=NOW
    )
    actions.set_effect(actor, there.pk, "at_risk")
    say(actor, there, "WB1", "stolen")
    row = told(actor, here)["Reader C-both"]
    assert lines(row)[0] == ("WB1", "missing", there.number)
    assert "theft" not in str(row.lines) and "stolen" not in str(row.lines)
    assert row.lines[0]["of"]["kind"] == "loss"


def test_who_chose_changes_only_gets_no_update_for_a_line_of_another_incident():
    actor, here, there, _ = make_storm()
    Contact.objects.filter(name="Reader C-both").update(how_much="changes")
    assert set(told(actor, here)) == {"Reader C-here"}
    actions.set_effect(actor, here.pk, "rerouted")
    assert lines(told(actor, here)["Reader C-both"]) == [("WB3", "delayed", there.number), ("WB1", "rerouted", "")]  # fmt: skip
    assert set(told(actor, here)) == {"Reader C-here"}


def test_the_gravest_of_each_incident_stands_before_the_rest_of_any():
    actor, here, there, cast = make_storm()
    for number in range(8):
        make_shipment(f"VE{number}", cast["both"], make_place())
    actions.find_affected(actor, here.pk)
    told(actor, here, "first_notice")
    row = told(actor, here)["Reader C-both"]
    assert lines(row)[:3] == [("VE0", "delayed", ""), ("WB3", "delayed", there.number), ("VE1", "delayed", "")]  # fmt: skip


def test_an_update_that_everybody_heard_already_goes_to_nobody_and_still_keeps_its_promise():
    actor, here, there, cast = make_storm()
    Contact.objects.filter(customer=cast["there"]).update(ended_at=NOW)
    told(actor, here)
    before = there.next_update_by
    assert told(actor, there) == {}
    after = queries.incident(actor, there.pk)
    assert before and after.next_update_by and after.next_update_by > before
    [update] = [one for one in queries.reach(after, now()) if one.phase == "update"]
    assert (update.under_way, update.unreachable, update.total) == (1, 1, 2)


def test_an_approval_outlives_the_rhythm_that_left_somebody_out():
    actor, here, there, _ = make_storm()
    actions.change_grade(actor, there.pk, "high", "Perishables")
    actions.change_grade(actor, here.pk, "high", "Perishables")
    told(actor, here)
    waiting = actions.tell_phase(actor, there.pk, "update", NEWS)
    assert waiting.sent is None
    approve(waiting.message_id)
    Sending.objects.filter(incident=here, phase="update").update(promised_by=now())
    assert actions.tell_phase(actor, there.pk, "update").sent == 2


def test_the_composer_says_who_stands_in_both_and_whom_the_other_told():
    actor, here, there, _ = make_storm()
    shown = composer(actor, here, "update", now())
    assert (shown.contacts, dict(shown.also_in), dict(shown.already_told)) == (2, {there.number: 1}, {})
    told(actor, here)
    shown = composer(actor, queries.incident(actor, there.pk), "update", now())
    assert (shown.contacts, shown.told, dict(shown.already_told)) == (1, 2, {here.number: 1})


def test_who_does_not_see_the_other_incident_reads_a_number_and_nothing_else_and_the_customer_hears_once():
    actor, here, there, _ = make_storm()
    own_unit = new_id()
    Incident.objects.filter(pk=there.pk).update(unit_id=own_unit)
    stranger = make_actor(units=frozenset({own_unit}))
    shown = composer(stranger, queries.incident(stranger, there.pk), "update", now())
    assert dict(shown.also_in) == {}
    told(actor, here)
    shown = composer(stranger, queries.incident(stranger, there.pk), "update", now())
    assert (shown.contacts, dict(shown.already_told), shown.already_told_elsewhere) == (1, {}, 1)
    assert here.number not in str(shown)
    assert set(told(stranger, queries.incident(stranger, there.pk))) == {"Reader C-there"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {}),
        ({"expected_at": 4}, {"expected_at": 5}),
        ({"expected_at": 4}, {"expected_at": 6}),
        ({"expected_at": 4}, {}),
        ({}, {"expected_from": 4}),
        ({"expected_from": 4}, {"expected_from": 1}),
        ({"effect": "rerouted"}, {}),
        ({"of": "INC-1"}, {}),
        ({"pieces": ["A"]}, {"pieces": ["A", "B"]}),
        (None, {}),
    ],
)
def test_the_statement_means_by_news_what_the_rule_means(
    before: dict[str, Any] | None, after: dict[str, Any]
):
    def line(changes: dict[str, Any]) -> dict[str, Any]:
        at = {name: _hour(changes[name]) for name in ("expected_at", "expected_from") if name in changes}
        return {"waybill": "WB1", "effect": "delayed", **changes, **at}

    was = line(before) if before is not None else None
    assert _says_more_in_sql(was, line(after)) is rules.says_more(was, line(after))


def _hour(hour: int) -> str:
    return datetime(2026, 11, 26, hour).isoformat() + "+00:00"


def _says_more_in_sql(told_line: dict[str, Any] | None, now_line: dict[str, Any]) -> bool:
    values = [json.dumps(told_line) if told_line else None, json.dumps(now_line)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {SAYS_MORE} FROM (SELECT %s::jsonb) told (line), (SELECT %s::jsonb) mine (line)", values
        )
        [said] = cursor.fetchone()
    return said
