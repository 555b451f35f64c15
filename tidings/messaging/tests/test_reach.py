"""The numbers of reach always add up, whatever came and in whatever order."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tidings.messaging import actions, queries
from tidings.messaging.models import Message, Recipient, Result
from tidings.messaging.queries import PARTS
from tidings.messaging.rules.content import Audience
from tidings.messaging.tests.cast import ABOUT, NOW, WRITER, make_message, make_sent

pytestmark = pytest.mark.django_db
DUE = NOW + timedelta(hours=4)
SETTLE = timedelta(seconds=900)
OUTCOMES = ("uncertain", "later", "handed_over", "accepted", "delivered", "refused", "confirmed")


@pytest.fixture
def sent() -> UUID:
    """Ten recipients whose mail goes through a relay: nine with an address, one without."""
    from tidings.messaging.models import Broadcast

    message = make_sent(10, due_by=DUE)
    Broadcast.objects.filter(message_id=message).update(settle_seconds=SETTLE.total_seconds())
    return message


def tell(row: Recipient, outcome: str, at: object, attempt: int = 1) -> None:
    Result.objects.get_or_create(
        delivery_id=row.delivery_id,
        attempt=attempt,
        outcome=outcome,
        defaults={"recipient_id": row.pk, "broadcast_id": row.broadcast_id, "at": at},
    )


@pytest.mark.parametrize(
    ("facts", "looked_at", "part", "strength"),
    [
        ([], NOW, "under_way", ""),
        ([], DUE + timedelta(1), "overdue", ""),
        ([("handed_over", NOW)], DUE + timedelta(1), "overdue", ""),
        ([("accepted", NOW)], NOW + timedelta(minutes=14), "under_way", ""),
        ([("accepted", NOW)], NOW + timedelta(minutes=15), "in_time", "presumed"),
        ([("accepted", DUE)], DUE + SETTLE, "in_time", "presumed"),
        ([("accepted", DUE + timedelta(seconds=1))], DUE + timedelta(hours=1), "late", "presumed"),
        ([("accepted", NOW), ("refused", NOW + timedelta(hours=1))], DUE, "under_way", ""),
        (
            [("accepted", NOW), ("delivered", NOW + timedelta(hours=5))],
            DUE + timedelta(1),
            "in_time",
            "delivered",
        ),
        ([("delivered", DUE + timedelta(1))], DUE + timedelta(2), "late", "delivered"),
        ([("refused", NOW), ("confirmed", NOW + timedelta(hours=1))], DUE, "in_time", "confirmed"),
        ([("later", NOW), ("uncertain", NOW)], DUE + timedelta(1), "overdue", ""),
    ],
)
def test_where_a_recipient_stands_by_the_facts(
    sent: UUID, facts: list[tuple[str, object]], looked_at: object, part: str, strength: str
) -> None:
    row = Recipient.objects.filter(message_id=sent, state="waiting").order_by("id").first()
    assert row is not None
    for attempt, (outcome, at) in enumerate(facts, 1):
        tell(row, outcome, at, attempt)
    told = {one.id: one for one in queries.recipients(WRITER, sent, looked_at)}  # type: ignore[arg-type]
    assert (told[row.pk].part, told[row.pk].strength) == (part, strength)


@pytest.mark.parametrize(
    ("facts", "looked_at", "part", "strength"),
    [
        (["accepted"], NOW + SETTLE, "under_way", ""),
        (["accepted", "delivered"], DUE + timedelta(1), "overdue", ""),
        (["accepted", "confirmed"], DUE, "in_time", "confirmed"),
        (["refused", "confirmed"], DUE, "in_time", "confirmed"),
    ],
)
def test_who_must_confirm_is_reached_by_nothing_less(
    sent: UUID, facts: list[str], looked_at: object, part: str, strength: str
) -> None:
    Recipient.objects.update(needs_confirmed=True)
    row = Recipient.objects.filter(message_id=sent, state="waiting").order_by("id").first()
    assert row is not None
    for outcome in facts:
        tell(row, outcome, NOW)
    told = {one.id: one for one in queries.recipients(WRITER, sent, looked_at)}  # type: ignore[arg-type]
    assert (told[row.pk].part, told[row.pk].strength) == (part, strength)


@pytest.mark.parametrize(("effect", "needs"), [("damaged", True), ("held", True), ("delayed", False)])
def test_what_must_be_confirmed_is_known_at_planning(effect: str, needs: bool) -> None:
    message = make_message()
    lines = f"""'[{{"waybill": "1", "effect": "{effect}"}}, {{"waybill": "2", "effect": "lost"}}]'::jsonb"""
    audience = Audience(
        "SELECT gen_random_uuid() AS contact_id, 'Bo' AS name, 'en' AS language, 'UTC' AS time_zone, 'email' AS channel,"
        f" 'bo@example.org' AS address, now() AS due_by, ARRAY[gen_random_uuid()] AS shipment_ids, {lines} AS lines"
    )
    actions.send_message(WRITER, message, audience)
    assert Recipient.objects.get().needs_confirmed == needs, (
        "the gravest shipment, which stands first, decides"
    )


FACTS = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.sampled_from(OUTCOMES),
        st.integers(-60, 600),
        st.integers(1, 3),
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=FACTS, looked=st.integers(-10, 1000), data=st.data())
def test_the_parts_add_up_in_every_order_of_events(
    sent: UUID, facts: list, looked: int, data: st.DataObject
) -> None:
    Result.objects.all().delete()
    rows = list(Recipient.objects.filter(message_id=sent).order_by("id"))
    states = data.draw(
        st.lists(st.sampled_from(["trying", "call_list", "unreachable"]), min_size=10, max_size=10)
    )
    strict = data.draw(st.lists(st.booleans(), min_size=10, max_size=10))
    for row, state, needs in zip(rows, states, strict, strict=True):
        Recipient.objects.filter(pk=row.pk).update(state=state, needs_confirmed=needs)
    now = NOW + timedelta(minutes=looked)

    def counted(order: list) -> object:
        Result.objects.all().delete()
        for who, outcome, minutes, attempt in order:
            tell(rows[who], outcome, NOW + timedelta(minutes=minutes), attempt)
        [reach] = queries.reach(ABOUT, now)
        assert queries.reach_in_all(ABOUT, now) == ([reach], queries.reach_by_message(ABOUT, now))
        assert reach.total == 10 == sum(getattr(reach, part) for part in PARTS)
        assert reach.presumed + reach.delivered + reach.confirmed == reach.reached
        assert sum(one.total for one in reach.by_language.values()) == 10
        for part in PARTS:
            shown = queries.recipients(WRITER, sent, now, part=part)
            behind = queries.people_of_phase(ABOUT, reach.phase, now, queries.Shown(part=part))
            assert len(shown) == len(behind) == getattr(reach, part)
        missing = queries.people_of_phase(ABOUT, reach.phase, now, queries.Shown(part="not_reached"))
        assert len(missing) == reach.under_way + reach.overdue + reach.unreachable
        assert {one.id for one in missing} == {
            one
            for some in queries.unreached(ABOUT, reach.phase, now, queries.Shown()).values()
            for one in some
        }
        return reach

    once = {
        (who, outcome, attempt): (who, outcome, minutes, attempt) for who, outcome, minutes, attempt in facts
    }
    facts = list(once.values())
    assert counted(facts) == counted(data.draw(st.permutations(facts)))


def test_without_any_message_there_is_nothing_to_add_up() -> None:
    assert queries.reach("INC-NONE", NOW) == []


def told_again() -> tuple[list[Recipient], list[Recipient]]:
    """Two messages of one phase for the same ten contacts: their recipients, in the order of the contacts."""
    make_sent(10, due_by=DUE)
    second = make_message()
    again = Audience(
        "SELECT contact_id, name, language, time_zone, channel, address, due_by, shipment_ids, lines"
        " FROM messaging_recipient WHERE message_id <> %(second)s",
        {"second": second},
    )
    actions.send_message(WRITER, second, again)
    every = Recipient.objects.order_by("contact_id")
    return list(every.exclude(message_id=second)), list(every.filter(message_id=second))


def test_a_contact_told_twice_in_one_phase_counts_once_with_the_best_that_came_of_it() -> None:
    before, after = told_again()
    told = [one for one in before if one.state == "waiting"]
    for row in told:
        tell(row, "confirmed", NOW)
    tell(next(one for one in after if one.contact_id == told[0].contact_id), "delivered", DUE + timedelta(1))
    [reach] = queries.reach(ABOUT, DUE + timedelta(2))
    assert (reach.total, reach.in_time, reach.late, reach.unreachable) == (10, 9, 0, 1)
    assert sum(one.total for one in reach.by_language.values()) == 10
    each = queries.reach_by_message(ABOUT, DUE + timedelta(2))
    assert (each[before[0].message_id].reached, each[after[0].message_id].reached) == (9, 1)
    assert queries.reach_in_all(ABOUT, DUE + timedelta(2)) == ([reach], each)


def test_a_newer_update_is_not_counted_as_reached_because_an_older_one_was() -> None:
    before, _after = told_again()
    Message.objects.update(phase="update")
    for row in before:
        tell(row, "confirmed", NOW)
    [reach] = queries.reach(ABOUT, NOW)
    assert (reach.total, reach.reached, reach.under_way) == (10, 0, 9)
