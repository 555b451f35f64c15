"""Rules of ladders, languages and names."""

from datetime import UTC, datetime, timedelta

import pytest

from tidings.customers.rules import (
    Rung,
    Use,
    address_key,
    first_rung,
    language_code,
    name_words,
    said_uses,
    uses_in,
)

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


@pytest.mark.parametrize(
    ("written", "uses", "again"),
    [
        ("", (), ""),
        ("Portal; link", (Use("portal"), Use("link")), "portal; link"),
        ("pickup nlrtm", (Use("pickup", "NLRTM"),), "pickup NLRTM"),
        ("PICKUP NLRTM 5 1 1\nEXPRESS", (Use("pickup", "NLRTM", (1, 5)), Use("EXPRESS")), "pickup NLRTM 1 5; EXPRESS"),
        ("portal；portal", (Use("portal"),), "portal"),
        ("pickup A 1; pickup B 1; pickup A 2", (Use("pickup", "A", (1,)), Use("pickup", "B", (1,))), "pickup A 1; pickup B 1"),
    ],
)  # fmt: skip
def test_services_are_read_as_files_and_people_write_them(
    written: str, uses: tuple[Use, ...], again: str
) -> None:
    assert uses_in(written) == uses
    assert said_uses(uses) == again
    assert uses_in(again) == uses


@pytest.mark.parametrize(
    "written", ["pickup", "pickup NLRTM 8", "pickup NLRTM mon", "portal NLRTM", "night express"]
)
def test_what_is_no_service_is_not_guessed(written: str) -> None:
    with pytest.raises(ValueError, match=written):
        uses_in(f"link; {written}")
