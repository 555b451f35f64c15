"""Lists as files: CSV written while it is read, and spreadsheets in little memory. No cell is ever a formula."""

import csv
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO

import xlsxwriter
from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse
from django.utils import timezone, translation

from tidings.kernel.errors import Refused

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSX_ROWS = 1_048_575
"""What a sheet holds beside its heading (Excel specifications and limits)."""
_CHUNK = 1 << 16
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class Streamed(StreamingHttpResponse):
    """Sends an iterator piece by piece under ASGI too, where Django would gather the whole of it in memory first.

    Each piece is made in the request's own thread, so that its database connection is the one the request began with.
    """

    def __aiter__(self) -> AsyncIterator[bytes]:
        async def pieces() -> AsyncIterator[bytes]:
            made: Iterator[bytes] = iter(self.streaming_content)  # type: ignore[arg-type]  # ours is never async
            while (piece := await sync_to_async(_next)(made)) is not None:
                yield piece

        return pieces()


def csv_file(name: str, header: Sequence[object], rows: Iterable[Sequence[object]]) -> Streamed:
    """A CSV file of any length, written while it is read: UTF-8 with a mark, so that spreadsheets know it.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection). Rows are made
    in the reader's language and zone, although the request is over by then.
    """
    answer = Streamed(_as_its_reader(_gathered(_lines(header, rows))), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def harmless(value: object) -> object:
    """A cell's value that no spreadsheet runs as a formula. Numbers stay numbers."""
    if value is None or isinstance(value, int | float):
        return "" if value is None else value
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def xlsx_file(name: str, header: Sequence[object], rows: Iterable[Sequence[object]]) -> Streamed:
    """A spreadsheet; text is always text, moments are moments of the reader's zone.

    Raises Refused("list.too_long_for_xlsx") past what one sheet holds.
    """
    made = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the answer, which outlives this function
    _write_sheet(made, header, rows)
    made.seek(0)
    answer = Streamed(_read(made), content_type=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer


def _write_sheet(made: BinaryIO, header: Sequence[object], rows: Iterable[Sequence[object]]) -> None:
    plain = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, plain) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for column, title in enumerate(header):
            sheet.write_string(0, column, str(title), bold)
        sheet.freeze_panes(1, 0)
        for line, row in enumerate(rows, 1):
            if line > XLSX_ROWS:
                raise Refused("list.too_long_for_xlsx", most=XLSX_ROWS)
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    sheet.write_datetime(line, column, timezone.localtime(cell).replace(tzinfo=None), moment)
                elif isinstance(cell, date):
                    sheet.write_datetime(line, column, cell, day)
                elif isinstance(cell, int | float):
                    sheet.write_number(line, column, cell)
                elif cell is not None:
                    sheet.write_string(line, column, str(cell))


def _read(made: BinaryIO) -> Iterator[bytes]:
    with made:
        while piece := made.read(_CHUNK):
            yield piece


class _Echo:
    def write(self, line: str) -> str:
        return line


def _lines(header: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    write: Callable[[Iterable[object]], Any] = csv.writer(_Echo()).writerow
    yield "\ufeff" + str(write([str(cell) for cell in header]))
    for row in rows:
        yield str(write([harmless(cell) for cell in row]))


def _as_its_reader(pieces: Iterator[str]) -> Iterator[str]:
    language, zone = translation.get_language() or "en", timezone.get_current_timezone()

    def made() -> Iterator[str]:
        while True:
            with translation.override(language), timezone.override(zone):
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece

    return made()


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)


def _gathered(lines: Iterable[str]) -> Iterator[str]:
    """Lines in pieces of some 64 KB: one crossing to the request's thread per piece, not per line."""
    waiting: list[str] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= _CHUNK:
            yield "".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield "".join(waiting)
