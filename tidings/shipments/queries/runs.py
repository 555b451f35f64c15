"""Imports that were asked for: how far they are and what came of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing
from tidings.people.queries import names_of
from tidings.shipments.models import ImportRun
from tidings.shipments.queries.imports import profiles

_THINGS = (
    "shipments",
    "events",
    "customers",
    "contacts",
    "addresses",
    "parties",
    "references",
    "pieces",
    "legs",
)
RUNNING = ("waiting", "reading", "merging")
PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class Counted:
    """How many things of one kind an import made and changed."""

    thing: str
    created: int
    changed: int


@dataclass(frozen=True, slots=True)
class Run:
    """An import, who asked for it, and what its profile calls itself."""

    row: ImportRun
    by: str
    profile: str

    @property
    def running(self) -> bool:
        return self.row.state in RUNNING

    @property
    def percent(self) -> int:
        """How much of the file has been read; the rest of the work comes after it."""
        return min(100, 100 * self.row.bytes_read // self.row.bytes_total) if self.row.bytes_total else 0

    @property
    def things(self) -> list[Counted]:
        found: Mapping[str, Mapping[str, int]] = self.row.counts.get("things", {})
        counted = [
            Counted(thing, one.get("created", 0), one.get("changed", 0)) for thing, one in found.items()
        ]
        return sorted((one for one in counted if one.created or one.changed), key=_order)

    @property
    def examples(self) -> list[Mapping[str, object]]:
        """Some of the rejected rows, by line."""
        found: list[Mapping[str, object]] = self.row.counts.get("examples", [])
        return sorted(found, key=lambda example: int(str(example["line"])))


def run_of(actor: Actor, run_id: UUID) -> Run:
    """One import. Raises Missing("import.missing") where it is somebody else's of another unit."""
    actor.require("import.read")
    row = ImportRun.objects.filter(pk=run_id).first()
    if row is None or not _sees(actor, row):
        raise Missing("import.missing")
    return Run(row, names_of([row.asked_by])[row.asked_by], _profile_names().get(row.profile, row.profile))


def latest_runs(actor: Actor, before: datetime | None = None) -> list[Run]:
    """The newest imports, those before a moment; one more than a page, so that the page knows whether there are more.

    Headquarters sees everybody's; others see those they asked for themselves.
    """
    actor.require("import.read")
    found = ImportRun.objects.order_by("-asked_at", "-id")
    if actor.units is not None:
        found = found.filter(asked_by=actor.ref)
    if before is not None:
        found = found.filter(asked_at__lt=before)
    rows = list(found.defer("profile_text")[: PER_PAGE + 1])
    names = names_of(sorted({row.asked_by for row in rows}))
    called = _profile_names()
    return [Run(row, names[row.asked_by], called.get(row.profile, row.profile)) for row in rows]


def _profile_names() -> dict[str, str]:
    return {one.code: one.name for one in profiles()}


def _order(counted: Counted) -> int:
    return _THINGS.index(counted.thing) if counted.thing in _THINGS else len(_THINGS)


def _sees(actor: Actor, row: ImportRun) -> bool:
    return actor.units is None or row.asked_by == actor.ref
