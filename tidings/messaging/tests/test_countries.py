"""What countries and platforms let through, by the day and by what is sent."""

from datetime import date, timedelta

import pytest

from tidings.kernel.registry import plugins
from tidings.messaging.channels.base import Channel
from tidings.messaging.rules.countries import (
    Problem,
    Sending,
    coming,
    country_of,
    over_cap,
    problems,
    rule_of,
)
from tidings.messaging.rules.country_table import CALLING, ROWS, Allowed

DAY = date(2026, 12, 1)
NAME, TEXT, LINK = Problem.NAME_UNREGISTERED, Problem.TEXT_UNREGISTERED, Problem.LINK_UNREGISTERED


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+31612345678", "NL"),
        ("0086 138 0013 8000", "CN"),
        ("+85291234567", "HK"),
        ("+12025550143", "US"),
        ("+14165550143", "CA"),
        ("+79161234567", "RU"),
        ("+77011234567", "KZ"),
        ("+3725123456", ""),
        ("0612345678", ""),
    ],
)
def test_which_country_a_number_belongs_to(number: str, country: str) -> None:
    assert country_of(number) == country


@pytest.mark.parametrize(
    ("country", "sending", "found"),
    [
        ("NL", Sending(link=True), ()),
        ("NL", Sending(asks=True), (Problem.NO_ANSWERS,)),
        ("NL", Sending(name=False, asks=True), ()),
        ("US", Sending(), (Problem.NAME_NOT_TAKEN,)),
        ("US", Sending(name=False, link=True), ()),
        ("CN", Sending(link=True), (Problem.NAME_NOT_TAKEN, TEXT, LINK)),
        ("CN", Sending(name=False, link=True, registered=True), ()),
        ("IN", Sending(link=True), (NAME, TEXT, LINK)),
        ("IN", Sending(registered=True, registered_names=frozenset({"IN"})), ()),
        ("SG", Sending(), (NAME,)),
        ("SG", Sending(registered_names=frozenset({"SG"})), ()),
        ("KE", Sending(name=False, asks=True), (Problem.NO_ANSWERS,)),
    ],
)
def test_what_stands_between_a_message_and_the_phone(
    country: str, sending: Sending, found: tuple[Problem, ...]
) -> None:
    rule = rule_of(country, DAY)
    assert rule is not None
    assert problems(rule, sending) == found


def test_a_rule_holds_from_its_day_and_is_seen_coming() -> None:
    before, after = date(2026, 9, 14), date(2026, 9, 15)
    assert [rule.names for rule in (rule_of("ES", before), rule_of("ES", after)) if rule] == [
        Allowed.FREE,
        Allowed.REGISTERED,
    ]
    ahead = coming("ES", before)
    assert ahead is not None and ahead.since == after
    assert coming("ES", after) is None
    assert coming("ES", date(2026, 1, 1)) is None


def test_a_country_that_is_not_in_the_table_is_not_known() -> None:
    assert rule_of("EE", DAY) is None
    assert rule_of("", DAY) is None


@pytest.mark.parametrize(
    ("ago", "wait"),
    [
        ([], None),
        ([20], timedelta(seconds=40)),
        ([61], None),
        ([61, 200, 300, 400, 500], timedelta(hours=1) - timedelta(seconds=500)),
        ([61, 200, 300, 400, 3601], None),
    ],
)
def test_a_platforms_caps_say_how_long_to_wait(ago: list[int], wait: timedelta | None) -> None:
    rule = rule_of("aliyun_sms", DAY)
    assert rule is not None
    assert over_cap(rule, [timedelta(seconds=one) for one in ago]) == wait


def test_every_row_names_its_source_and_every_place_is_a_country_or_a_channel() -> None:
    channels = plugins("tidings.messaging.channels", Channel)
    known = {*CALLING.values(), "US", "CA", *channels}
    assert {row.where for row in ROWS} <= known
    assert set(CALLING.values()) <= {row.where for row in ROWS}
    assert all(len(row.source) > 20 and row.read <= date(2026, 12, 1) for row in ROWS)
    named = [(row.where, row.since) for row in ROWS]
    assert len(named) == len(set(named))


def test_a_channel_of_registered_texts_has_a_row_that_says_so() -> None:
    for code, channel in plugins("tidings.messaging.channels", Channel).items():
        rule = rule_of(code, DAY)
        if channel.rung == "sms" and channel.limits.registered_only:
            assert rule is not None and rule.texts is Allowed.REGISTERED
