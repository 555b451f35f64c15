"""The rules of an incident, as tables. No database."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tidings.incidents import rules
from tidings.incidents.rules import Effect, Phase, Severity, State
from tidings.incidents.rules.brake import is_looser

DETECTED = datetime(2026, 11, 22, 6, 40, tzinfo=UTC)
SHIPPED = rules.SHIPPED_POLICIES
LOW, MEDIUM, HIGH, CRITICAL = Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


@pytest.mark.parametrize(
    ("held", "due_after"),
    [
        ([MEDIUM], hours(24)),
        ([HIGH], hours(4)),
        ([CRITICAL], hours(1)),
        ([LOW], hours(24)),
        ([MEDIUM, HIGH], hours(4)),
        ([MEDIUM, HIGH, CRITICAL], hours(1)),
        ([CRITICAL, LOW], hours(1)),
        ([HIGH, MEDIUM], hours(4)),
    ],
)
def test_the_first_notice_counts_from_detection_by_the_strictest_grade_ever_held(held, due_after):
    assert rules.first_notice_by(DETECTED, held, SHIPPED) == DETECTED + due_after


def test_a_raised_grade_may_be_late_at_once():
    raised_at = DETECTED + hours(5)
    assert rules.first_notice_by(DETECTED, [MEDIUM, HIGH], SHIPPED) < raised_at


@pytest.mark.parametrize(
    ("severity", "promised_after", "due_after"),
    [
        (MEDIUM, None, 24),
        (HIGH, None, 8),
        (CRITICAL, None, 2),
        (MEDIUM, 3, 3),
        (CRITICAL, 3, 2),
        (HIGH, -1, 8),
    ],
)
def test_a_promise_given_is_never_moved_later(severity, promised_after, due_after):
    promised = None if promised_after is None else DETECTED + hours(promised_after)
    assert rules.next_update_by(DETECTED, severity, SHIPPED, promised) == DETECTED + hours(due_after)


@pytest.mark.parametrize(("promised_after", "due_after"), [(None, 32), (20, 20), (30, 30)])
def test_news_is_due_by_the_promise_given_also_when_that_has_passed(promised_after, due_after):
    promised = None if promised_after is None else DETECTED + hours(promised_after)
    owed = rules.promise(
        "update",
        SHIPPED,
        severity="high",
        strictest_severity="high",
        promised_by=promised,
        first_by=DETECTED + hours(4),
        now=DETECTED + hours(24),
    )
    assert owed.due_by == DETECTED + hours(due_after)


@pytest.mark.parametrize(
    ("phase", "before", "made", "is_first", "stands"),
    [
        ("first_notice", None, 8, True, 8),
        ("first_notice", -1, 8, True, 8),
        ("first_notice", -1, 8, False, -1),
        ("first_notice", 3, 8, False, 3),
        ("first_notice", 8, 3, False, 3),
        ("first_notice", None, 8, False, 8),
        ("holding", None, 4, True, 4),
        ("holding", -1, 4, True, -1),
        ("holding", 3, 4, False, 3),
        ("update", -1, 8, False, 8),
        ("update", 3, 8, False, 8),
        ("restored", 3, None, False, None),
        ("closing", 3, None, False, None),
        ("correction", 3, None, False, 3),
    ],
)
def test_what_newcomers_are_told_never_moves_a_promise_later(phase, before, made, is_first, stands):
    def at(after):
        return None if after is None else DETECTED + hours(after)

    assert rules.promise_standing(phase, at(before), at(made), is_first=is_first) == at(stands)


@pytest.mark.parametrize(
    ("standing", "severity", "stands"),
    [(8, CRITICAL, 2), (8, MEDIUM, 8), (-1, MEDIUM, -1), (-1, CRITICAL, -1)],
)
def test_another_grade_never_gives_a_promise_more_time(standing, severity, stands):
    found = rules.promise_regraded(DETECTED + hours(standing), DETECTED, severity, SHIPPED)
    assert found == DETECTED + hours(stands)


def test_no_policy_is_looser_than_a_day():
    with pytest.raises(ValueError, match="24 hours"):
        rules.Policy(MEDIUM, timedelta(hours=25), hours(24), False, False, frozenset())
    assert all(policy.first_notice_within <= rules.LIMIT for policy in rules.SHIPPED_POLICIES.values())


@pytest.mark.parametrize("kind", rules.SHIPPED_KINDS)
def test_every_kind_has_a_likely_effect(kind):
    assert rules.likely_effect(kind) in Effect


def test_every_kind_of_the_mission_is_there_once():
    assert len(set(rules.SHIPPED_KINDS)) == len(rules.SHIPPED_KINDS) == 22


MAY = {
    "reported": "assessing responding dismissed merged",
    "assessing": "responding dismissed merged",
    "responding": "recovering resolved merged",
    "recovering": "responding resolved merged",
    "resolved": "responding closed",
    "closed": "reopened",
    "reopened": "responding recovering resolved",
    "dismissed": "reopened",
    "merged": "",
}


@pytest.mark.parametrize("start", list(State))
@pytest.mark.parametrize("target", list(State))
def test_only_the_drawn_moves_are_allowed(start, target):
    assert rules.may_move(start, target) is (target.value in MAY[start].split())


@pytest.mark.parametrize(
    ("state", "phase", "after"),
    [
        ("reported", "first_notice", "responding"),
        ("assessing", "first_notice", "responding"),
        ("responding", "update", "responding"),
        ("responding", "restored", "recovering"),
        ("resolved", "closing", "resolved"),
        ("reopened", "update", "responding"),
        ("reopened", "correction", "reopened"),
        ("resolved", "all_clear", "resolved"),
    ],
)
def test_what_was_sent_moves_the_state(state, phase, after):
    assert rules.state_after_sending(state, phase) == after


@pytest.mark.parametrize(
    ("state", "first_sent", "update_by", "now", "expected"),
    [
        ("reported", None, None, hours(1), (Phase.FIRST_NOTICE, hours(4), False)),
        ("reported", None, None, hours(4), (Phase.FIRST_NOTICE, hours(4), False)),
        ("reported", None, None, hours(5), (Phase.FIRST_NOTICE, hours(4), True)),
        ("responding", hours(1), hours(9), hours(2), (Phase.UPDATE, hours(9), False)),
        ("responding", hours(1), hours(9), hours(10), (Phase.UPDATE, hours(9), True)),
        ("resolved", hours(1), hours(9), hours(8), (Phase.CLOSING, hours(9), False)),
        ("resolved", hours(1), hours(9), hours(10), (Phase.CLOSING, hours(9), True)),
        ("recovering", hours(1), hours(9), hours(8), (Phase.UPDATE, hours(9), False)),
        ("resolved", hours(1), None, hours(10), ("close", None, False)),
        ("recovering", hours(1), None, hours(10), ("resolve", None, False)),
        ("closed", hours(1), None, hours(10), None),
        ("dismissed", None, None, hours(1), None),
    ],
)
def test_the_clock_shows_what_is_owed_next(state, first_sent, update_by, now, expected):
    found = rules.clock(
        state,
        first_by=DETECTED + hours(4),
        first_sent_at=first_sent and DETECTED + first_sent,
        update_by=update_by and DETECTED + update_by,
        now=DETECTED + now,
    )
    due_after = found and found.due_by and found.due_by - DETECTED
    assert (found and (found.what, due_after, found.late)) == expected


def test_once_service_is_restored_the_closing_message_is_due():
    found = rules.clock(
        "recovering",
        first_by=DETECTED,
        first_sent_at=DETECTED,
        update_by=DETECTED + hours(9),
        next_phase="closing",
        now=DETECTED + hours(10),
    )
    assert found == rules.Clock(Phase.CLOSING, DETECTED + hours(9), late=True)


@pytest.mark.parametrize(
    ("phase", "before", "is_first", "closing_owed", "owed"),
    [
        ("first_notice", "", True, True, "update"),
        ("first_notice", "closing", False, True, "closing"),
        ("first_notice", "", False, True, "update"),
        ("holding", "", True, True, "update"),
        ("update", "closing", False, True, "update"),
        ("restored", "update", False, True, "closing"),
        ("restored", "update", False, False, ""),
        ("closing", "closing", False, True, ""),
        ("all_clear", "closing", False, True, "closing"),
    ],
)
def test_what_is_owed_next_follows_what_was_told(phase, before, is_first, closing_owed, owed):
    assert rules.next_owed(phase, before, is_first=is_first, closing_owed=closing_owed) == owed


@pytest.mark.parametrize(
    ("before", "target", "standing", "due_after"),
    [
        ("resolved", "responding", None, 8),
        ("resolved", "responding", 3, 3),
        ("resolved", "responding", -1, -1),
        ("closed", "reopened", None, 8),
        ("closed", "reopened", -1, 8),
    ],
)
def test_an_incident_that_begins_again_has_a_rhythm_again(before, target, standing, due_after):
    stands = None if standing is None else DETECTED + hours(standing)
    assert rules.begins_again(before, target)
    found = rules.promise_taken_up(before, stands, DETECTED, HIGH, SHIPPED)
    assert found == DETECTED + hours(due_after)


@pytest.mark.parametrize(
    ("before", "target"), [("recovering", "responding"), ("reopened", "responding"), ("resolved", "closed")]
)
def test_going_on_is_not_beginning_again(before, target):
    assert not rules.begins_again(before, target)


@pytest.mark.parametrize(
    ("severity", "sent", "cause", "measures", "settled", "missing"),
    [
        (HIGH, ["first_notice", "closing"], True, True, True, []),
        (HIGH, ["first_notice"], True, True, True, ["phase.closing"]),
        (
            HIGH,
            [],
            False,
            False,
            False,
            ["phase.first_notice", "phase.closing", "recipients", "cause", "measures"],
        ),
        (LOW, [], True, True, True, []),
        (MEDIUM, ["first_notice", "closing"], True, True, False, ["recipients"]),
    ],
)
def test_it_cannot_close_before_everyone_was_told(severity, sent, cause, measures, settled, missing):
    found = rules.missing_for_closing(
        SHIPPED[severity].required, sent, has_cause=cause, has_measures=measures, settled=settled
    )
    assert found == missing


@pytest.mark.parametrize(
    ("sent", "lacking", "missing"),
    [
        (["first_notice", "closing"], {"closing": 1}, ["people.closing"]),
        (["first_notice"], {"closing": 1}, ["phase.closing"]),
        (["first_notice", "update", "closing"], {"update": 3}, []),
        (["first_notice", "closing"], {}, []),
    ],
)
def test_it_cannot_close_while_somebody_lacks_a_phase_that_is_required(sent, lacking, missing):
    found = rules.missing_for_closing(
        SHIPPED[MEDIUM].required, sent, has_cause=True, has_measures=True, settled=True, lacking=lacking
    )
    assert found == missing


def test_a_saved_question_reads_back_as_it_was():
    term, kind = rules.Term, rules.TermKind
    everything = (
        term(kind.PLACE, ("NLVEN-H1", "DE")),
        term(kind.LANE, ("NLRTM",), to=("DEDUI",)),
        term(kind.TRANSPORT, ("KL 867",), day=DETECTED.date()),
        term(kind.CONTAINER, ("MSKU1234565",)),
        term(kind.NUMBER, ("WB1", "WB2")),
        term(kind.CLIENT, ("C-1",), roles=("account", "seller")),
        term(kind.SERVICE, ("express",)),
    )
    question = rules.Question(
        (rules.Group(everything, DETECTED), rules.Group(everything[:1], DETECTED, DETECTED + hours(3)))
    )
    assert rules.question_from(json.loads(json.dumps(question.as_json()))) == question


def test_a_question_of_the_first_form_is_still_read():
    first = {"any": [{"place": "NLVEN-H1", "from": DETECTED.isoformat(), "until": None}]}
    assert rules.question_from(first) == rules.at_place("NLVEN-H1", DETECTED)


@pytest.mark.parametrize(
    ("groups", "fault"),
    [
        ((), "incident.question_empty"),
        ((rules.Group((), DETECTED),), "incident.question_empty"),
        ((rules.Group((rules.Term(rules.TermKind.NUMBER, ()),), DETECTED),), "incident.term_empty"),
        ((rules.Group((rules.Term(rules.TermKind.LANE, ("NLRTM",)),), DETECTED),), "incident.term_empty"),
        (rules.at_place("DEDUI", DETECTED, DETECTED).groups, "incident.window_backwards"),
        (rules.at_place("DEDUI", DETECTED).groups * (rules.MOST_GROUPS + 1), "incident.question_too_long"),
        (
            (rules.Group((rules.Term(rules.TermKind.CLIENT, ("C",), roles=("king",)),), DETECTED),),
            "incident.role_unknown",
        ),
        (rules.at_place("DEDUI", DETECTED).groups, None),
    ],
)
def test_a_question_that_cannot_be_asked_says_why(groups, fault):
    assert rules.fault_of(rules.Question(tuple(groups))) == fault


def test_every_effect_has_its_place_in_the_order_of_gravity():
    assert set(rules.GRAVEST_FIRST) == set(Effect)
    assert len(rules.GRAVEST_FIRST) == len(Effect)


@pytest.mark.parametrize(
    ("came", "went", "before", "braked"),
    [
        (501, 0, 100_000, True),
        (0, 501, 100_000, True),
        (500, 500, 100_000, False),
        (20, 0, 4, False),
        (21, 0, 4, True),
        (25, 0, 100, False),
        (26, 0, 100, True),
        (0, 26, 100, True),
    ],
)
def test_a_change_too_large_to_go_by_itself_is_braked(came, went, before, braked):
    assert rules.is_braked(rules.SHIPPED_BRAKE, came, went, before) is braked


def test_newcomers_are_told_once_changes_were_gathered():
    brake = rules.Brake(gathered=timedelta(minutes=10))
    assert not rules.is_gathered(brake, DETECTED, DETECTED + timedelta(minutes=10, seconds=-1))
    assert rules.is_gathered(brake, DETECTED, DETECTED + timedelta(minutes=10))


@pytest.mark.parametrize(
    ("figures", "looser"),
    [
        ({}, False),
        ({"customers": 501}, True),
        ({"customers": 100, "share": 10, "few": 0}, False),
        ({"share": 26}, True),
        ({"few": 21, "customers": 1}, True),
        ({"gathered": timedelta(minutes=2)}, True),
        ({"gathered": timedelta(minutes=30)}, False),
    ],
)
def test_a_brake_is_looser_where_more_goes_by_itself(figures, looser):
    assert is_looser(rules.SHIPPED_BRAKE, rules.Brake(**figures)) is looser


@pytest.mark.parametrize(
    "figures", [{"customers": 0}, {"share": 101}, {"share": 0}, {"few": -1}, {"gathered": timedelta(0)}]
)
def test_a_brake_has_a_limit(figures):
    with pytest.raises(ValueError, match=r"brake|gathered"):
        rules.Brake(**figures)
