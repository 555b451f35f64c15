"""Every list filters, sorts, pages and exports in the same way and place."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import translation

Row = TypeVar("Row")

PER_PAGE = 50
DEEPEST_PAGE = 400
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """One page of a list. `total` is None where counting would cost more than it tells."""

    rows: list[Row]
    page: int
    has_next: bool
    sort: str
    total: int | None = None
    exports: bool = False

    @property
    def previous(self) -> int:
        return self.page - 1

    @property
    def next(self) -> int:
        return self.page + 1


def listing(
    request: HttpRequest,
    rows: "QuerySet[Any] | Sequence[Any]",
    *,
    sorts: Mapping[str, Sequence[str]] | None = None,
    default: str = "",
    per_page: int = PER_PAGE,
    counted: bool = False,
    exports: bool = False,
) -> Listing[Any]:
    """The page that `?page=` asks for, sorted by `?sort=`: a key of `sorts`, with `-` before it for the other way.

    `sorts` gives each key the fields that a QuerySet is ordered by; end them with a unique one. An unknown key is the default.
    """
    sort = sort_of(request, sorts or {}, default)
    if sort and sorts and isinstance(rows, QuerySet):
        rows = rows.order_by(*ordering(sorts, sort))
    page = _page_of(request)
    first = (page - 1) * per_page
    found = list(rows[first : first + per_page + 1])
    total = (rows.count() if isinstance(rows, QuerySet) else len(rows)) if counted else None
    return Listing(found[:per_page], page, len(found) > per_page, sort, total, exports)


def sort_of(request: HttpRequest, sorts: Mapping[str, Sequence[str]], default: str) -> str:
    """What `?sort=` asks for, if it is one of `sorts`."""
    asked = request.GET.get("sort", "")
    return asked if asked.removeprefix("-") in sorts else default


def ordering(sorts: Mapping[str, Sequence[str]], sort: str) -> list[str]:
    """The fields to order by; a leading `-` turns each round."""
    fields = sorts[sort.removeprefix("-")]
    return [_turned(field) for field in fields] if sort.startswith("-") else list(fields)


def csv_answer(
    name: str, header: Sequence[object], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """A CSV file, written while it is read, UTF-8 with a mark so that spreadsheets know it.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection). Rows are made
    in the reader's language, although the request is over by then.
    """
    answer = StreamingHttpResponse(_spoken(csv_lines(header, rows)), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def harmless(value: object) -> object:
    """A cell's value that no spreadsheet runs as a formula. Numbers stay numbers."""
    if value is None or isinstance(value, int | float):
        return "" if value is None else value
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _spoken(lines: Iterator[str]) -> Iterator[str]:
    language = translation.get_language() or "en"
    return _in_language(language, lines)


def _in_language(language: str, lines: Iterator[str]) -> Iterator[str]:
    while True:
        with translation.override(language):
            line = next(lines, None)
        if line is None:
            return
        yield line


class _Echo:
    def write(self, line: str) -> str:
        return line


def csv_lines(header: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a CSV file, the mark first; see `csv_answer`."""
    write: Callable[[Iterable[object]], Any] = csv.writer(_Echo()).writerow
    yield "\ufeff" + str(write([str(cell) for cell in header]))
    for row in rows:
        yield str(write([harmless(cell) for cell in row]))


def _turned(field: str) -> str:
    return field.removeprefix("-") if field.startswith("-") else f"-{field}"


def _page_of(request: HttpRequest) -> int:
    asked = request.GET.get("page", "1")
    return (
        min(max(int(asked), 1), DEEPEST_PAGE) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    )
