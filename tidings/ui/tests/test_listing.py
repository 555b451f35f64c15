"""Lists: paging, sorting and exporting take whatever an address bar holds."""

import csv

import pytest
from django.test import RequestFactory
from django.utils import translation

from tidings.ui.listing import DEEPEST_PAGE, csv_answer, harmless, listing


@pytest.mark.parametrize(
    ("asked", "page", "rows"),
    [
        ("", 1, 50),
        ("2", 2, 50),
        ("3", 3, 20),
        ("4", 4, 0),
        ("-1", 1, 50),
        ("x", 1, 50),
        ("٣", 1, 50),
        ("99999999", 1, 50),
        ("99999", DEEPEST_PAGE, 0),
    ],
)
def test_a_page_number_is_taken_as_far_as_it_makes_sense(asked: str, page: int, rows: int) -> None:
    shown = listing(RequestFactory().get("/", {"page": asked}), list(range(120)), counted=True)
    assert (shown.page, len(shown.rows), shown.total) == (page, rows, 120)


@pytest.mark.parametrize("cell", ["=1+1", "+31 6", "-1", "@SUM(A1)", "\tx", "\r=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_an_export_is_read_back_as_it_was() -> None:
    answer = csv_answer("x", ["名称", "n"], [['Ærø, "quoted"\nline', 3], [None, -4]])
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert list(csv.reader(text.splitlines(keepends=True))) == [
        ["名称", "n"],
        ['Ærø, "quoted"\nline', "3"],
        ["", "-4"],
    ]


class _Unit:
    def __str__(self) -> str:
        return "=1+1"


def test_a_thing_whose_name_is_a_formula_is_made_text_too() -> None:
    assert harmless(_Unit()) == "'=1+1"


def test_an_export_speaks_its_readers_language_although_the_request_is_over() -> None:
    with translation.override("nl"):
        answer = csv_answer("x", ["n"], ([translation.get_language()] for _ in range(2)))
    assert b"".join(answer.streaming_content).decode("utf-8-sig").split() == ["n", "nl", "nl"]
