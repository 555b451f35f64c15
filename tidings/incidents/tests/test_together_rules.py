"""What a shipment in two incidents shows, what is news within a rhythm, and which update stands for which: tables."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from tidings.incidents import rules

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
THURSDAY, FRIDAY = "2026-11-26T16:00:00+00:00", "2026-11-27T09:00:00+00:00"
A_BIT_LATER, MUCH_LATER = "2026-11-26T17:59:00+00:00", "2026-11-26T18:00:00+00:00"


def line(effect: str, at: str | None = None, *, of: str = "", **more: str) -> dict[str, Any]:
    told = {"waybill": "WB1", "effect": effect, **({"expected_at": at} if at else {}), **more}
    return {**told, "of": {"about": of}} if of else told


@pytest.mark.parametrize(
    ("lines", "effect", "expected_at", "whose"),
    [
        ([line("delayed", THURSDAY), line("damaged", of="INC-B")], "damaged", None, "INC-B"),
        ([line("lost"), line("delayed", FRIDAY, of="INC-B")], "lost", None, ""),
        ([line("delayed", THURSDAY), line("delayed", FRIDAY, of="INC-B")], "delayed", FRIDAY, "INC-B"),
        ([line("delayed", FRIDAY), line("delayed", THURSDAY, of="INC-B")], "delayed", FRIDAY, ""),
        ([line("delayed", FRIDAY), line("delayed", of="INC-B")], "delayed", None, "INC-B"),
        ([line("delayed", FRIDAY), line("delayed", FRIDAY, of="INC-B")], "delayed", FRIDAY, ""),
        ([line("missing"), line("at_risk", of="INC-B"), line("held", of="INC-C")], "missing", None, ""),
        ([line("rerouted", of="INC-B"), line("held", of="INC-C")], "held", None, "INC-C"),
    ],
)
def test_a_shipment_in_several_incidents_shows_the_graver_effect_and_of_equal_ones_the_later_time(
    lines: list[dict[str, Any]], effect: str, expected_at: str | None, whose: str
) -> None:
    for order in permutations(lines):
        shown = rules.graver(order)
        assert (shown["effect"], shown.get("expected_at"), shown.get("of", {}).get("about", "")) == (
            effect,
            expected_at,
            whose,
        )


@pytest.mark.parametrize(
    ("lines", "must_do", "do_by"),
    [
        ([line("damaged"), line("held", must_do="pay_charges", do_by=FRIDAY, of="INC-B")], "pay_charges", FRIDAY),
        (
            [line("held", must_do="collect", do_by=FRIDAY), line("held", must_do="inspect", do_by=THURSDAY, of="B")],
            "inspect",
            THURSDAY,
        ),
        ([line("held", must_do="collect"), line("delayed", must_do="inspect", do_by=FRIDAY, of="B")], "inspect", FRIDAY),
        ([line("delayed"), line("delayed", of="INC-B")], None, None),
    ],
)  # fmt: skip
def test_what_a_customer_must_do_first_stands_on_the_line_whichever_incident_asks_it(
    lines: list[dict[str, Any]], must_do: str | None, do_by: str | None
) -> None:
    for order in permutations(lines):
        shown = rules.graver(order)
        assert (shown.get("must_do"), shown.get("do_by")) == (must_do, do_by)


@pytest.mark.parametrize(
    ("told", "now", "more"),
    [
        (None, line("delayed", THURSDAY), True),
        (line("delayed", THURSDAY), line("delayed", THURSDAY), False),
        (line("delayed", THURSDAY, of="INC-B"), line("delayed", THURSDAY), False),
        (line("delayed", THURSDAY), line("delayed", A_BIT_LATER), False),
        (line("delayed", THURSDAY), line("delayed", MUCH_LATER), True),
        (line("delayed", MUCH_LATER), line("delayed", THURSDAY), True),
        (line("delayed", THURSDAY), line("delayed"), True),
        (line("delayed"), line("delayed", THURSDAY), True),
        (line("delayed", FRIDAY), line("delayed", FRIDAY, expected_from=THURSDAY), True),
        (line("delayed", THURSDAY), line("rerouted", THURSDAY), True),
        (line("held", held_by="customs"), line("held", held_by="police"), True),
        (line("held"), line("held", must_do="collect"), True),
    ],
)
def test_what_is_news_within_a_rhythm(told: dict[str, Any] | None, now: dict[str, Any], more: bool) -> None:
    assert rules.says_more(told, now) is more


@pytest.mark.parametrize(
    ("promised", "state", "owes", "next_by", "stands"),
    [
        (4, "responding", 4, 8, True),
        (8, "responding", 8, 8, True),
        (24, "responding", 24, 8, False),
        (0, "responding", 0, 8, False),
        (-1, "responding", -1, 8, False),
        (4, "recovering", 4, 8, True),
        (4, "recovering", None, 8, False),
        (4, "resolved", 4, 8, False),
        (4, "closed", 4, 8, False),
        (None, "responding", 4, 8, False),
        (4, "responding", 4, None, False),
    ],
)
def test_an_update_stands_for_another_while_its_promise_is_ahead_kept_and_no_looser(
    promised: int | None, state: str, owes: int | None, next_by: int | None, stands: bool
) -> None:
    after = {None: None, **{hours: NOW + timedelta(hours=hours) for hours in (-1, 0, 4, 8, 24)}}
    found = rules.stands_for(
        after[promised], state=state, update_by=after[owes], next_by=after[next_by], now=NOW
    )
    assert found is stands


@pytest.mark.parametrize(
    ("own", "other", "by", "repeated"),
    [(24, 2, 1, True), (24, 2, -1, False), (24, 2, None, False), (8, 8, 1, False), (2, 24, 1, False)],
)
def test_a_stricter_incidents_promise_is_repeated_a_looser_ones_is_kept_by_the_message(
    own: int, other: int, by: int | None, repeated: bool
) -> None:
    other_by = NOW + timedelta(hours=by) if by is not None else None
    found = rules.stricter_promise(timedelta(hours=own), timedelta(hours=other), other_by, NOW)
    assert found == (other_by if repeated else None)


def test_an_update_that_offers_something_leaves_nobody_out() -> None:
    assert rules.leaves_out(["status", "what_changed", "measures"])
    for fact in ("alternatives", "compensation", "what_you_can_do"):
        assert not rules.leaves_out(["status", fact])
