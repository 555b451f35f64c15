"""What the tags show: clocks, grades and reach say it in words, not in colour alone."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone, translation
from django.utils.html import strip_tags

from tidings.kernel.clock import now
from tidings.ui import moments


def shown(text: str, **values: object) -> str:
    return Template("{% load tidings %}" + text).render(Context(values))


@pytest.mark.parametrize(
    ("left", "language", "said", "state"),
    [
        (timedelta(hours=1, minutes=12, seconds=30), "en", "due in 1 h 12 min", "due"),
        (timedelta(minutes=5, seconds=30), "en", "due in 5 min", "soon"),
        (timedelta(minutes=-5, seconds=-30), "en", "late by 5 min", "late"),
        (timedelta(days=2, hours=3, seconds=30), "en", "due in 2 d 3 h", "due"),
        (timedelta(days=89, hours=23, seconds=30), "en", "due in 89 days", "due"),
    ],
)
def test_a_clock_says_how_much_is_left(left: timedelta, language: str, said: str, state: str) -> None:
    with translation.override(language):
        page = shown("{% clock at %}", at=now() + left)
    assert said in page and f'data-state="{state}"' in page


@pytest.mark.parametrize("severity", ["low", "medium", "high", "critical"])
def test_a_grade_has_a_shape_and_a_word(severity: str) -> None:
    page = shown("{% grade code %}", code=severity)
    assert "<svg" in page and severity.capitalize() in page


@dataclass(frozen=True)
class Reach:
    in_time: int = 1101
    late: int = 43
    under_way: int = 77
    overdue: int = 63
    unreachable: int = 0


def test_the_reach_bar_adds_up_and_is_spoken() -> None:
    page = shown("{% reach_bar reach %}", reach=Reach())
    assert "1,101 in time, 43 late, 77 under way, 63 overdue" in page
    assert "adds up to 1,284" in page and "style=" not in page


def test_dates_and_numbers_follow_the_readers_language() -> None:
    moment = now().replace(month=3, day=9, hour=14, minute=5)
    told = {}
    for language in ("en", "nl", "zh-hans"):
        with translation.override(language):
            told[language] = (moments.short_moment(moment), moments.count(1284))
    assert told["en"][0].startswith("9 Mar") and told["en"][1] == "1,284"
    assert told["nl"][0].startswith("9 mrt") and told["nl"][1] == "1.284"
    assert told["zh-hans"][0].startswith("3月9日")


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(hours=24), "24 h"),
        (timedelta(hours=4), "4 h"),
        (timedelta(minutes=72), "1 h 12 min"),
        (timedelta(days=3), "3 d 0 h"),
        (timedelta(0), "0 min"),
    ],
)
def test_whole_hours_are_said_as_promises_are(span: timedelta, said: str) -> None:
    assert moments.length(span) == said


def test_a_promise_of_today_is_said_by_its_time_and_zone_alone() -> None:
    at = now()
    with timezone.override("UTC"), translation.override("en"):
        assert moments.zoned_moment(at) == f"{at:%H:%M} UTC"
        assert moments.zoned_moment(at + timedelta(days=1)).count(",") == 1


def test_days_from_one_to_another_say_each_part_once() -> None:
    first = now().replace(month=3, day=23)
    with translation.override("en"):
        assert moments.short_days(first.date(), first.replace(day=25).date()) == "23–25 Mar"
    with translation.override("zh-hans"):
        assert moments.short_days(first.date(), first.replace(day=25).date()) == "3月23日至25日"


def test_reach_says_only_the_evidence_that_there_is() -> None:
    @dataclass(frozen=True)
    class Proved(Reach):
        presumed: int = 1100
        delivered: int = 0
        confirmed: int = 44

    page = shown("{% reach_bar reach %}", reach=Proved())
    assert "44 confirmed, 1,100 presumed" in page and "delivered" not in page


def test_what_a_program_noted_is_a_moment_and_what_a_person_wrote_stays() -> None:
    assert "<time" in shown("{{ said|moment_or_text }}", said="2026-11-22T10:00:00+00:00")
    assert shown("{{ said|moment_or_text }}", said="relay in repair") == "relay in repair"
    assert shown("{{ said|moment_or_text }}", said="2026-11-22") == "2026-11-22"


def test_a_secret_is_shown_in_groups_that_can_be_typed_off() -> None:
    assert shown("{{ secret|in_fours }}", secret="ABCDEFGHIJ") == "ABCD EFGH IJ"


def test_a_day_as_a_heading_is_said_in_full_in_every_language() -> None:
    said = {}
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False):
        for language in ("en", "nl", "zh-hans"):
            with translation.override(language):
                said[language] = moments.long_day(date(2026, 11, 22))
    assert said == {"en": "Sunday 22 November", "nl": "Zondag 22 november", "zh-hans": "11月22日星期日"}


@pytest.mark.parametrize(
    ("thing", "name", "value", "said"),
    [
        ("person", "begins_at", "2026-03-09T13:05:00.123456+00:00", "9 Mar 2026, 14:05"),
        ("message", "planned", 1284, "1,284"),
        ("incident", "owner", "", "—"),
        ("incident", "options", ["wait", "redeliver"], "Wait, Deliver again"),
        ("text", "phase", "holding", "Holding notice"),
        ("text", "kind", "accident", "Accident"),
        ("text", "kind", "general", "any kind"),
        ("message", "languages", ["en", "zh-hans"], "English, 中文（简体）"),
        ("recipient", "outcome", "no_answer", "No answer"),
        ("kind", "floor", "low", "Low"),
        ("events", "profile", "scms", "scms"),
    ],
)
def test_a_fact_of_an_audit_line_is_said_in_words(thing: str, name: str, value: object, said: str) -> None:
    with timezone.override("Europe/Amsterdam"), time_machine.travel("2027-01-01", tick=False):
        page = shown("{% fact thing name value %}", thing=thing, name=name, value=value)
    assert strip_tags(page) == said
