"""Shapes that every domain's `api.py` shares: text that a database can hold, moments with an offset, pages of a list, refusals."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import QuerySet
from ninja import Field, Schema
from pydantic import AwareDatetime, ConfigDict, StringConstraints
from pydantic.functional_validators import AfterValidator

from tidings.ui.listing import DEEPEST_PAGE, Listing, ordering

Item = TypeVar("Item")


def example(**fields: Any) -> ConfigDict:
    """A body as a caller would send it, for the OpenAPI document: `model_config = example(...)`."""
    return ConfigDict(from_attributes=True, json_schema_extra={"example": fields})


_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_READABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"


def _within_reason(at: datetime) -> datetime:
    if not _EARLIEST <= at < _LATEST:
        raise ValueError("a moment from 1990 to 2099")
    return at


Moment = Annotated[AwareDatetime, AfterValidator(_within_reason)]
"""A moment with its offset, such as 2026-11-22T05:55:00+01:00: without one nobody knows when it is."""

Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120, pattern=_READABLE)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=8000, pattern=_READABLE)]
Count = Annotated[int, Field(ge=0, le=2_000_000_000)]
Number = Annotated[str, StringConstraints(max_length=40, pattern=r"^[A-Za-z0-9-]+$")]


class Problem(Schema):
    """Every refusal has this shape: a stable code, a sentence in the language of Accept-Language, and the facts behind it."""

    code: str
    message: str
    facts: dict[str, Any]


class Paging(Schema):
    """Which page of a list, and sorted by what; `-` before a sort turns it round."""

    page: int = Field(1, ge=1, le=DEEPEST_PAGE)
    per_page: int = Field(50, ge=1, le=500)
    sort: Annotated[str, StringConstraints(max_length=40, pattern=r"^-?[a-z_]*$")] = ""


class Page(Schema, Generic[Item]):
    """A page of a list. `total` is null where counting would cost more than it tells."""

    items: list[Item]
    page: int
    has_next: bool
    total: int | None = None


def sorted_page(
    rows: QuerySet[Any], paging: Paging, *, sorts: Mapping[str, Sequence[str]], default: str
) -> Listing[Any]:
    """The page of a queryset that was asked for; an unknown sort is the default."""
    sort = paging.sort if paging.sort.removeprefix("-") in sorts else default
    first = (paging.page - 1) * paging.per_page
    found = list(rows.order_by(*ordering(sorts, sort))[first : first + paging.per_page + 1])
    return Listing(found[: paging.per_page], paging.page, len(found) > paging.per_page, sort, rows.count())


def cut_page(found: Sequence[Any], paging: Paging) -> Listing[Any]:
    """A page from rows that were read one beyond its end."""
    return Listing(list(found[: paging.per_page]), paging.page, len(found) > paging.per_page, paging.sort)
