"""Every list filters, sorts and pages in the same way and place; as a file it is made by `export.py`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest

Row = TypeVar("Row")

PER_PAGE = 50
DEEPEST_PAGE = 400


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """One page of a list. `total` is None where counting would cost more than it tells."""

    rows: list[Row]
    page: int
    has_next: bool
    sort: str
    total: int | None = None
    exports: bool = False
    sheets: bool = False

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
    page = page_of(request)
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


def _turned(field: str) -> str:
    return field.removeprefix("-") if field.startswith("-") else f"-{field}"


def page_of(request: HttpRequest) -> int:
    """The page that `?page=` asks for, from 1; nonsense is the first."""
    asked = request.GET.get("page", "1")
    return (
        min(max(int(asked), 1), DEEPEST_PAGE) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    )
