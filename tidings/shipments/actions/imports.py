"""Imports: a file is read, staged and merged in one transaction. The same file twice changes nothing.

A large file is read and mapped by a process of its own, and where its lines allow it merged slice by slice meanwhile. A dry
run does all of it and rolls the merge back, so that its counts are exact.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.db import connection, transaction

from tidings.customers import actions as customers
from tidings.kernel import audit, files, live
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.kernel.jobs import enqueue
from tidings.kernel.partitions import ensure_months
from tidings.kernel.registry import plugins
from tidings.shipments.actions.aside import Aside
from tidings.shipments.actions.failing import note, noting_failure
from tidings.shipments.actions.merging import Merged, Merging, Spread, goes_by_slices
from tidings.shipments.actions.staging import Copying, Explain, Rejects, plainly, reject_lines
from tidings.shipments.importers.base import Reader
from tidings.shipments.importers.batches import Batch, Reading
from tidings.shipments.importers.profile import Profile, parse_profile
from tidings.shipments.models import ImportRun
from tidings.shipments.queries.imports import profile_text
from tidings.shipments.sql import events as events_sql
from tidings.shipments.sql import lines
from tidings.shipments.sql import staging as staging_sql

MAX_FILE_BYTES = 1 << 30
JOB = "shipments.import"
LOOK_ANEW = "shipments.look_anew"
_READERS = "tidings.shipments.importers"
_TOLD_EVERY_SECONDS = 1


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did. `created`, `changed` and `unchanged` count the things of the file's kind; `things` counts all.

    `left` counts customers of other units who stand on the file's shipments and stay as they were.
    """

    run: UUID
    kind: str
    dry_run: bool
    rows: int
    created: int
    changed: int
    unchanged: int
    rejected: int
    things: dict[str, dict[str, int]] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    examples: list[dict[str, Any]] = field(default_factory=list)
    reject_digest: str = ""
    left: int = 0


@dataclass(frozen=True, slots=True)
class Large:
    """From how many bytes on a file is read by a process of its own, how many rows are merged at a time, and after how many the
    planner looks at the tables anew.
    """

    bytes: int = 8 << 20
    rows_per_slice: int = 50_000
    rows_to_look_anew: int = 50_000


LARGE = Large()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is."""

    state: str
    rows: int
    bytes_read: int
    bytes_total: int


def start_import(
    actor: Actor,
    file_digest: str,
    kind: str,
    profile: str,
    *,
    text: str | None = None,
    file_name: str = "",
    dry_run: bool = False,
) -> UUID:
    """Asks a worker to import a kept file, and gives the run's id. Raises Refused or Missing for a profile that will not do.

    `text` is the profile's text as an earlier run had it; without it the profile is taken as it stands.
    """
    actor.require("shipment.import")
    unit = unit_for(actor)
    text = profile_text(profile) if text is None else text
    _must_fit(parse_profile(text), kind)
    with transaction.atomic():
        run = ImportRun.objects.create(
            kind=kind, profile=profile, profile_text=text, file_name=file_name, file_digest=file_digest,
            dry_run=dry_run, asked_by=actor.ref,
        )  # fmt: skip
        audit.record(actor, "import.ask", "import", run.id, {"file": file_digest, "profile": profile})
        units = None if actor.units is None else [str(seen) for seen in actor.units]
        enqueue(JOB, run_id=str(run.id), unit=_text(unit), units=units)
    return run.id


def import_file(
    actor: Actor,
    path: Path,
    kind: str,
    profile: str,
    *,
    dry_run: bool = False,
    explain: Explain = plainly,
    on_progress: Callable[[Progress], None] | None = None,
    large: Large = LARGE,
) -> ImportResult:
    """Imports a file at once, in this process. `profile` is a code, or the path of a profile's file."""
    actor.require("shipment.import")
    unit = unit_for(actor)
    given = Path(profile)
    text = given.read_text("utf-8") if given.suffix == ".toml" and given.is_file() else profile_text(profile)
    _must_fit(parse_profile(text), kind)
    run = ImportRun.objects.create(
        kind=kind, profile=given.stem, profile_text=text, file_name=path.name, dry_run=dry_run,
        asked_by=actor.ref,
    )  # fmt: skip
    with path.open("rb") as stream:
        return carry_out(actor, run.id, stream, unit, explain=explain, on_progress=on_progress, large=large)


def carry_out(
    actor: Actor,
    run_id: UUID,
    stream: BinaryIO,
    unit: UUID | None = None,
    *,
    explain: Explain = plainly,
    on_progress: Callable[[Progress], None] | None = None,
    large: Large = LARGE,
) -> ImportResult:
    """Reads, stages and merges a run's file (a seekable stream); new shipments and customers get `unit`, and only what the
    actor sees is changed.

    Raises what the file or its profile deserve, after noting it on the run. Twice does no harm.
    """
    run = ImportRun.objects.get(id=run_id)
    try:
        with noting_failure(run), tempfile.TemporaryFile() as rejected:
            work = _Import(actor, run, stream, unit, explain, on_progress, large)
            return work.all_of_it(cast(BinaryIO, rejected))
    finally:
        drop_staged()


def look_anew() -> None:
    """Has the server look at what the tables hold now, so that it plans questions by it."""
    with connection.cursor() as cursor:
        cursor.execute(staging_sql.LOOK_ANEW)


def unit_for(actor: Actor) -> UUID | None:
    """The unit that new things of an import get: the importer's own; headquarters' belong to every unit.

    Raises Refused("shipments.import_needs_a_unit") for somebody of no unit, who would not see what they imported.
    """
    if actor.units is None:
        return None
    unit = actor.unit or (next(iter(actor.units)) if len(actor.units) == 1 else None)
    if unit is None or unit not in actor.units:
        raise Refused("shipments.import_needs_a_unit")
    return unit


class _Import:
    """One run at work: the steps share what they find out about the file."""

    def __init__(
        self, actor: Actor, run: ImportRun, stream: BinaryIO, unit: UUID | None, explain: Explain,
        on_progress: Callable[[Progress], None] | None, large: Large,
    ) -> None:  # fmt: skip
        self._actor, self._run, self._stream, self._unit = actor, run, stream, unit
        self._explain, self._on_progress, self._large = explain, on_progress, large
        self._profile = parse_profile(run.profile_text)
        self._reader = reader_of(self._profile)
        self._read = Reading(
            self._reader, run.profile_text, now(), actor.units is not None, min(10_000, large.rows_per_slice)
        )
        self._size = 0
        self._told = 0.0

    def all_of_it(self, rejected: BinaryIO) -> ImportResult:
        self._size = _size(self._stream)
        began = self._run.started_at or now()
        note(self._run, state="reading", started_at=began, bytes_total=self._size, bytes_read=0, rows_read=0)
        table, mapping = self._read.open(self._stream)
        self._copying, self._number_of = Copying(mapping.columns), mapping.number_of
        if self._size >= self._large.bytes and goes_by_slices(self._actor, self._profile):
            try:
                return self._by_slices(Rejects(rejected, self._reader(), table, self._explain))
            except Spread:
                rejected.seek(0)
                rejected.truncate()
        return self._whole(Rejects(rejected, self._reader(), table, self._explain))

    def _whole(self, rejects: Rejects) -> ImportResult:
        """Stages the whole file, then merges it."""
        stage_anew(self._profile)
        rows, places = 0, frozenset[str]()
        for batch in self._batches():
            rows, places = rows + batch.rows, batch.places
            self._take(batch, rejects)
            self._tell(Progress("reading", rows, batch.bytes_read, self._size), rejects.count)
        make_months()
        self._tell(Progress("merging", rows, self._size, self._size), rejects.count)
        with transaction.atomic():
            merging = Merging(self._actor, self._profile, self._unit)
            merging.begin()
            merging.merge(places)
            result = self._result(merging.finish(), rejects, rows)
            self._keep_or_undo(result)
        return self._kept(result)

    def _by_slices(self, rejects: Rejects) -> ImportResult:
        """Merges some rows while the next are read, beginning with the first batch, so that the server need not wait.

        Raises Spread, with nothing done, when the lines do not allow it.
        """
        rows, merged_rows, places = 0, 0, frozenset[str]()
        with Aside() as aside, transaction.atomic():
            stage_anew(self._profile)
            merging = Merging(self._actor, self._profile, self._unit)
            merging.begin()
            for batch in self._batches():
                rows, places = rows + batch.rows, batch.places
                self._take(batch, rejects)
                if rows - merged_rows >= self._large.rows_per_slice or not merged_rows:
                    merging.merge(places)
                    merged_rows = rows
                self._tell(Progress("reading", rows, batch.bytes_read, self._size), rejects.count, aside)
            self._tell(Progress("merging", rows, self._size, self._size), rejects.count, aside)
            if rows > merged_rows or not rows:
                merging.merge(places)
            result = self._result(merging.finish(), rejects, rows)
            self._keep_or_undo(result)
        return self._kept(result)

    def _batches(self) -> Iterator[Batch]:
        here = self._size < self._large.bytes
        return self._read.here(self._stream) if here else self._read.apart(self._stream)

    def _take(self, batch: Batch, rejects: Rejects) -> None:
        for row, bad in batch.rejected:
            rejects.put(row, bad)
        if batch.rejected and any(one.sum for one in self._profile.shipment.values()):
            numbers = {self._number_of(row) for row, _ in batch.rejected} - {""}
            self._copying.note_broken(sorted(numbers))
        self._copying.copy(batch.texts)

    def _result(self, merged: Merged, rejects: Rejects, rows: int) -> ImportResult:
        if merged.refused:
            again = self._reader().open(self._stream, self._profile.declared)
            reject_lines(again, merged.refused, rejects)
        return ImportResult(
            self._run.id, self._run.kind, self._run.dry_run, rows, merged.created, merged.changed,
            merged.unchanged, rejects.count, merged.things, dict(rejects.reasons), rejects.examples,
            _keep(rejects), merged.left,
        )  # fmt: skip

    def _keep_or_undo(self, result: ImportResult) -> None:
        if self._run.dry_run:
            transaction.set_rollback(True)
        else:
            self._finish(result)

    def _kept(self, result: ImportResult) -> ImportResult:
        if self._run.dry_run:
            with transaction.atomic():
                self._finish(result)
        return result

    def _finish(self, result: ImportResult) -> None:
        counts = {
            k: v for k, v in asdict(result).items() if k not in ("run", "kind", "dry_run", "reject_digest")
        }
        note(
            self._run, state="done", finished_at=now(), rows_read=result.rows, rejected=result.rejected,
            counts=counts, reject_digest=result.reject_digest, error_code="", error_facts={},
        )  # fmt: skip
        facts = {
            "kind": result.kind, "rows": result.rows, "created": result.created, "changed": result.changed,
            "rejected": result.rejected, "dry_run": result.dry_run,
        }  # fmt: skip
        audit.record(self._actor, "shipment.import", "import", result.run, facts)
        live.notify(f"import:{result.run}")
        if not result.dry_run and result.rows >= self._large.rows_to_look_anew:
            enqueue(LOOK_ANEW, key=LOOK_ANEW)

    def _tell(self, progress: Progress, rejected: int, aside: Aside | None = None) -> None:
        def write_down() -> None:
            note(
                self._run, state=progress.state, rows_read=progress.rows, bytes_read=progress.bytes_read,
                rejected=rejected,
            )  # fmt: skip
            live.notify(f"import:{self._run.id}")

        if aside is None:
            write_down()
        elif monotonic() - self._told >= _TOLD_EVERY_SECONDS:
            aside.do(write_down)
            self._told = monotonic()
        if self._on_progress is not None:
            self._on_progress(progress)


def reader_of(profile: Profile) -> type[Reader]:
    """The format that a profile reads. Raises Refused("shipments.format_unknown")."""
    known = plugins(_READERS, Reader)
    if profile.format not in known:
        raise Refused("shipments.format_unknown", format=profile.format, known=", ".join(known))
    return known[profile.format]


def _must_fit(profile: Profile, kind: str) -> None:
    if profile.kind != kind:
        raise Refused("shipments.profile_is_for", kind=profile.kind, asked=kind)


def _size(stream: BinaryIO) -> int:
    size = stream.seek(0, 2)
    stream.seek(0)
    if size > MAX_FILE_BYTES:
        raise Refused("shipments.file_too_large", megabytes=size >> 20, most=MAX_FILE_BYTES >> 20)
    return size


def stage_anew(profile: Profile) -> None:
    """Makes the empty staging tables of this session."""
    drop_staged()
    with connection.cursor() as cursor:
        cursor.execute(staging_sql.ROOM)
        customers.stage_customers()
        cursor.execute(staging_sql.STAGE)
        if beside := lines.add_columns(len(profile.parties), len(profile.references)):
            cursor.execute(beside)


def drop_staged() -> None:
    """Drops the staging tables, unless the transaction they are in is lost anyway."""
    if connection.needs_rollback:
        return
    customers.drop_staged()
    with connection.cursor() as cursor:
        cursor.execute(staging_sql.DROP)


def make_months() -> None:
    """Before the merge, in transactions of their own: a new month briefly locks the events of all others."""
    with connection.cursor() as cursor:
        cursor.execute(events_sql.MONTHS)
        months: list[date] = [month for (month,) in cursor.fetchall()]
    for month in months:
        ensure_months("shipments_event", month, month)


def _keep(rejects: Rejects) -> str:
    if not rejects.count:
        return ""
    rejects.out.seek(0)
    return files.keep(rejects.out, max_bytes=MAX_FILE_BYTES)


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
