"""Single cells: dates in many styles, amounts, codes, addresses."""

from datetime import UTC, datetime

import pytest

from tidings.shipments.importers import cells
from tidings.shipments.importers.cells import BadCell
from tidings.shipments.rules import are_plain_numbers, number_key, number_keys

LATEST = datetime(2031, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("styles", "text", "expected"),
    [
        (["D-MMM-YY"], "2-Jun-06", "2006-06-01T22:00:00+00:00"),
        (["D-MMM-YY"], "29-Aug-14", "2014-08-28T22:00:00+00:00"),
        (["M/D/YY"], "11/30/13", "2013-11-29T23:00:00+00:00"),
        (["DD-MM-YYYY hh:mm"], "01-12-2026 08:30", "2026-12-01T07:30:00+00:00"),
        (["M/D/YYYY h:mm AM"], "7/4/2026 12:05 am", "2026-07-03T22:05:00+00:00"),
        (["YYYY年M月D日"], "2026年3月1日", "2026-02-28T23:00:00+00:00"),
        (["D MMM YYYY"], "3 mrt 2026", "2026-03-02T23:00:00+00:00"),
        (["ISO"], "2026-11-22T10:00:00Z", "2026-11-22T10:00:00+00:00"),
        (["ISO"], "2026-11-22 10:00", "2026-11-22T09:00:00+00:00"),
        (["ISO", "D/M/YYYY"], "22/11/2026", "2026-11-21T23:00:00+00:00"),
        (["YYYY-MM-DD hh:mm Z"], "2026-11-22 10:00 +0800", "2026-11-22T02:00:00+00:00"),
    ],
)
def test_a_moment_is_read_in_its_style_and_zone(styles: list[str], text: str, expected: str) -> None:
    assert cells.moment(styles, "Europe/Amsterdam", LATEST)(text) == expected


@pytest.mark.parametrize(
    ("styles", "text", "reason"),
    [
        (["ISO"], "Date Not Captured", "not_a_date"),
        (["M/D/YY"], "13/1/14", "not_a_date"),
        (["D-MMM-YY"], "1-Foo-14", "not_a_date"),
        (["D-M-YYYY"], "31-2-2026", "not_a_date"),
        (["D-M-YYYY"], "1-1-0206", "date_out_of_range"),
        (["D-M-YYYY"], "1-1-2099", "date_out_of_range"),
    ],
)
def test_a_moment_that_cannot_be_is_refused(styles: list[str], text: str, reason: str) -> None:
    with pytest.raises(BadCell) as bad:
        cells.moment(styles, "UTC", LATEST)(text)
    assert bad.value.reason == reason


@pytest.mark.parametrize(
    ("decimal", "text", "cents"),
    [
        (".", "1,234.56", "123456"),
        (",", "1.234,56", "123456"),
        (",", "12,5", "1250"),
        (".", "0", "0"),
        (".", "0.005", "0"),
        (".", ".5", "50"),
        (".", "1 234", "123400"),
    ],
)
def test_an_amount_is_read_in_cents(decimal: str, text: str, cents: str) -> None:
    assert cells.amount(decimal)(text) == cents


@pytest.mark.parametrize("text", ["1,5", "12,34.5", "abc", "1e9", "NaN", "-1", "1,234,5", "", "=1+1"])
def test_what_is_no_amount_is_refused_rather_than_guessed(text: str) -> None:
    with pytest.raises((BadCell, IndexError)):
        cells.amount(".")(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('="00123"', "00123"),
        ("'@home", "@home"),
        ("a\tb\nc", "a b c"),
        ("王小明", "王小明"),
        ("+31 6", "+31 6"),
    ],
)
def test_a_name_is_one_line_of_plain_text(text: str, expected: str) -> None:
    assert cells.words()(text) == expected


@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("x")', "'=1+1", "x" * 501])
def test_a_formula_or_an_endless_name_is_refused(text: str) -> None:
    with pytest.raises(BadCell):
        cells.words()(text)


@pytest.mark.parametrize("text", ["a@b", "ana@example.org", "o'brien+x@sub.example.org", "王@example.org"])
def test_an_address_that_could_be_is_taken(text: str) -> None:
    assert cells.email(text) == text


@pytest.mark.parametrize(
    "text", ["ana", "a b@example.org", "a@b@c", "a@example.org\r\nBcc: x", "<a@example.org>", "a@b,c@d"]
)
def test_an_address_that_could_carry_something_else_is_refused(text: str) -> None:
    with pytest.raises(BadCell):
        cells.email(text)


@pytest.mark.parametrize(
    ("text", "code"), [("nl rtm", "NLRTM"), ("dui-1", "DUI-1"), ("上海", "上海"), ("NL", "NL")]
)
def test_a_place_is_read_as_its_code(text: str, code: str) -> None:
    assert cells.place(text) == code


@pytest.mark.parametrize(
    ("texts", "plain"),
    [
        (["TB1NL", "so-2"], True),
        (["TB1NL", "-"], False),
        (["TB1NL", ""], False),
        (["TB1NL", "=1"], False),
        (["TB1NL", "TB 2"], False),
        (["TB1NL", "单号7"], False),
        (["TB1NL", "A\x1fB"], False),
        (["A" * 64], True),
        (["A" * 65], False),
        ([], False),
    ],
)
def test_a_column_of_plain_numbers_is_taken_as_written_and_no_other(texts: list[str], plain: bool) -> None:
    assert are_plain_numbers(texts) is plain
    assert number_keys(texts) == [number_key(text) for text in texts]
