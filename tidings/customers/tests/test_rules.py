"""Rules of ladders, languages and names."""

from datetime import UTC, datetime, timedelta

import pytest

from tidings.customers.rules import Rung, address_key, first_rung, language_code, name_words

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MAIL = Rung("email", "ana@example.org", 0)
SMS = Rung("sms", "+31201234567", 1)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("zh", "zh-hans"),
        ("zh_CN", "zh-hans"),
        ("NL", "nl"),
        (" en ", "en"),
        ("zh-hans", "zh-hans"),
        ("fr", "fr"),
    ],
)
def test_a_language_is_known_however_it_is_written(written: str, code: str) -> None:
    assert language_code(written) == code


@pytest.mark.parametrize(
    ("ladder", "expected"),
    [
        ([SMS, MAIL], MAIL),
        ([Rung("email", "a@example.org", 0, dead_since=NOW), SMS], SMS),
        ([Rung("email", "masked@example.org", 0, ends_at=NOW), SMS], SMS),
        ([Rung("email", "masked@example.org", 0, ends_at=NOW + timedelta(seconds=1)), SMS], None),
        ([], None),
    ],
)
def test_the_first_usable_rung_is_taken(ladder: list[Rung], expected: Rung | None) -> None:
    assert first_rung(ladder, NOW) == (expected or (ladder[0] if ladder else None))


@pytest.mark.parametrize(
    ("channel", "one", "other"),
    [
        ("sms", "+31 20 123 45 67", "0031-201234567"),
        ("voice", "＋８６ １３８", "+86138"),
        ("email", "Ana@Example.org ", "ana@example.ORG"),
    ],
)
def test_two_spellings_of_one_address_share_a_key(channel: str, one: str, other: str) -> None:
    assert address_key(channel, one) == address_key(channel, other) != ""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("王小明", ["王小", "小明"]),
        ("李", ["李"]),
        ("O'Brien & Zn.", ["o", "brien", "zn"]),
        ("顺丰 Express", ["顺丰", "express"]),
        ("Jansen JANSEN", ["jansen"]),
        ("", []),
    ],
)
def test_a_name_is_found_by_its_words_and_character_pairs(name: str, words: list[str]) -> None:
    assert name_words(name) == words
