"""What becomes of a message: the transition table in every order, back-off, rungs, and what a 250 proves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations, product
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.messaging.engine.ledger import Fact
from tidings.messaging.engine.moves import Due, Standing, after_fact, counted, when_due
from tidings.messaging.rules.delivery import (
    TRANSITIONS,
    Event,
    Outcome,
    RecipientState,
    Rung,
    back_off,
    destination_of,
    next_rung,
    standing_of,
    state_after,
    taken_as,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ID = UUID(int=1)
WAITING = Standing("waiting", "", 1, 0, 1, ID, "email", "p@example.org", (), None, None, None, "")


def fact(outcome: str, attempt: int = 1) -> Fact:
    doubtful = outcome in ("later", "uncertain")
    return Fact(ID, attempt, outcome, NOW, ID, ID, next_at=NOW + timedelta(minutes=1) if doubtful else None)


def after(facts: list[Fact], row: Standing = WAITING) -> Standing:
    known: list[tuple[int, str]] = []
    for one in facts:
        if (one.attempt, one.outcome) not in known:
            row = after_fact(row, known, one, timedelta(minutes=15))
            known.append((one.attempt, one.outcome))
    return row


def test_the_table_has_every_pair() -> None:
    assert set(TRANSITIONS) == set(product(RecipientState, Event))


FACTS = st.lists(
    st.builds(fact, st.sampled_from([str(outcome) for outcome in Outcome]), st.integers(0, 2)), max_size=6
)


@given(FACTS, st.randoms(use_true_random=False))
@settings(max_examples=400, deadline=None)
def test_no_order_of_the_same_facts_changes_where_a_recipient_stands(facts: list[Fact], draw: object) -> None:
    shuffled = list(facts)
    draw.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = after(facts), after([*shuffled, *facts])
    assert (one.state, one.standing, one.doubts, one.reached_at) == (
        other.state,
        other.standing,
        other.doubts,
        other.reached_at,
    )
    pairs = [(each.attempt, each.outcome) for each in facts]
    assert counted(pairs, 1) == counted(reversed(pairs), 1)


def test_every_order_of_every_outcome_ends_alike() -> None:
    for count in (2, 3, 4):
        for chosen in permutations(Outcome, count):
            row = after([fact(outcome) for outcome in chosen])
            heaviest = standing_of(chosen)
            assert row.standing == heaviest
            assert (row.state == "reached") == (heaviest in (Outcome.DELIVERED, Outcome.CONFIRMED))


@given(st.lists(st.sampled_from(list(Event)), max_size=12))
def test_a_superseded_recipient_only_comes_back_by_evidence(events: list[Event]) -> None:
    state = RecipientState.SUPERSEDED
    for event in events:
        state = state_after(state, event)
        if event not in (Event.EVIDENCE, Event.SETTLED) and Event.EVIDENCE not in events:
            assert state is RecipientState.SUPERSEDED


@pytest.mark.parametrize(
    ("row", "due"),
    [
        (replace(WAITING, standing="later", state="trying"), Due.AGAIN),
        (replace(WAITING, standing="uncertain", doubts=1, state="trying"), Due.AGAIN),
        (replace(WAITING, standing="uncertain", doubts=2, state="trying"), Due.UNREACHABLE),
        (replace(WAITING, standing="refused", state="trying"), Due.UNREACHABLE),
        (replace(WAITING, standing="refused", state="trying", further=(Rung("call", "+31"),)), Due.TO_CALL),
        (replace(WAITING, standing="refused", state="trying", further=(Rung("fax", "1"), Rung("email", "b@c.d"))), Due.NEXT_RUNG),
        (replace(WAITING, standing="accepted", state="trying"), Due.REACHED),
        (replace(WAITING, standing="accepted", state="unreachable"), Due.REACHED),
        (replace(WAITING, standing="later", state="trying", rung_began_at=NOW - timedelta(hours=5)), Due.UNREACHABLE),
        (replace(WAITING, standing="later", state="trying", attempt=30), Due.UNREACHABLE),
        (WAITING, Due.AGAIN),
        (replace(WAITING, state="superseded", standing="later"), Due.NOTHING),
        (replace(WAITING, state="reached", standing="accepted"), Due.NOTHING),
    ],
)  # fmt: skip
def test_what_is_due_goes_on_as_its_standing_asks(row: Standing, due: Due) -> None:
    what, moved = when_due(
        row,
        channels=frozenset({"email"}),
        patience=timedelta(hours=4),
        due_by=None,
        new_id=UUID(int=9),
        now=NOW,
    )
    assert what is due
    assert moved.next_at is None
    if what is Due.AGAIN and row.standing:
        assert (moved.attempt, moved.delivery_id) == (row.attempt + 1, row.delivery_id)
    if what is Due.NEXT_RUNG:
        assert (moved.delivery_id, moved.attempt, moved.address) == (UUID(int=9), 1, "b@c.d")


@pytest.mark.parametrize(
    ("kind", "demo", "drill", "outcome"),
    [
        ("relay", True, True, "handed_over"),
        ("direct", False, False, "accepted"),
        ("catcher", False, False, "handed_over"),
        ("catcher", True, False, "accepted"),
        ("catcher", False, True, "accepted"),
    ],
)
def test_only_the_recipients_own_server_proves_anything(
    kind: str, demo: bool, drill: bool, outcome: str
) -> None:
    assert taken_as(kind, demo=demo, drill=drill) == outcome


def test_back_off_grows_and_stays_at_an_hour() -> None:
    waits = [back_off(attempt).total_seconds() for attempt in (1, 2, 3, 4, 5, 6, 29)]
    assert waits == [60, 300, 900, 1800, 3600, 3600, 3600]


def test_a_rung_on_a_channel_we_do_not_have_is_passed_over() -> None:
    assert next_rung([Rung("fax", "1"), Rung("email", "x@y.z")], frozenset({"email"})) == (
        Event.NEXT_RUNG, Rung("email", "x@y.z"),
    )  # fmt: skip
    assert next_rung([Rung("fax", "1")], frozenset({"email"})) == (Event.NO_RUNG, None)


@pytest.mark.parametrize(
    ("domain", "hosts", "group"),
    [
        ("GMAIL.com", [], "gmail"),
        ("firm.nl", ["firm-nl.mail.protection.outlook.com."], "microsoft"),
        ("firm.cn", ["mxbiz1.qq.com"], "qq"),
        ("firm.cn", ["qiye163mx01.mxmail.netease.com"], "netease"),
        ("firm.nl", ["aspmx.l.google.com", "alt1.aspmx.l.google.com"], "gmail"),
        ("firm.nl", ["mx.firm.nl"], "others"),
        ("notqq.com", ["mx.notqq.com"], "others"),
    ],
)
def test_a_domain_belongs_to_who_takes_its_mail(domain: str, hosts: list[str], group: str) -> None:
    assert destination_of(domain, hosts) == group
