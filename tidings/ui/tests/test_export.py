"""Lists as files: whole, in little memory, in their reader's language, and never a formula."""

import csv
import tracemalloc

import pytest
from django.utils import timezone, translation

from tidings.config.environment import CHECKOUT
from tidings.ui.export import csv_file, harmless


@pytest.mark.parametrize("cell", ["=1+1", "+31 6", "-1", "@SUM(A1)", "\tx", "\r=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_an_export_is_read_back_as_it_was() -> None:
    answer = csv_file("x", ["名称", "n"], [['Ærø, "quoted"\nline', 3], [None, -4]])
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
    with translation.override("nl"), timezone.override("Asia/Shanghai"):
        rows = ([translation.get_language(), timezone.get_current_timezone_name()] for _ in range(2))
        answer = csv_file("x", ["n", "z"], rows)
    assert b"".join(answer.streaming_content).decode("utf-8-sig").split() == [
        "n,z",
        *["nl,Asia/Shanghai"] * 2,
    ]


async def test_a_long_export_leaves_piece_by_piece_as_a_server_sends_it() -> None:
    rows = ([f"waybill {number}", "x" * 80] for number in range(200_000))
    tracemalloc.start()
    size = pieces = 0
    async for piece in csv_file("x", ["waybill", "text"], rows):
        size, pieces = size + len(piece), pieces + 1
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 18_000_000
    assert pieces > 200
    assert most < 3_000_000


def test_every_export_takes_this_road() -> None:
    streaming = {
        str(path.relative_to(CHECKOUT))
        for path in (CHECKOUT / "tidings").rglob("*.py")
        if "tests" not in path.parts and "StreamingHttpResponse" in path.read_text()
    }
    assert streaming == {"tidings/ui/export.py", "tidings/kernel/live.py"}
