"""What becomes of an import that fails: noted on its run in a code with its facts, or left to a worker's next attempt."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError

from tidings.kernel import disk
from tidings.kernel.clock import now
from tidings.kernel.errors import TidingsError, TryLater
from tidings.shipments.importers.batches import ReadingEnded
from tidings.shipments.models import ImportRun

_TRIED_FOR = timedelta(minutes=30)


@contextmanager
def noting_failure(run: ImportRun) -> Iterator[None]:
    """Notes on the run why it failed, for the page that waits for it, and lets the error go on.

    What may pass with the next attempt of a worker is not noted, within half an hour of the first.
    """
    try:
        if run.state in ("reading", "merging") and not _has_time(run):
            raise TryLater("shipments.import_given_up")  # its worker may die of it each time
        yield
    except (TidingsError, OSError, DatabaseError, ReadingEnded) as fault:
        wrong = disk.told(fault) or _known(fault)
        if wrong is None or (
            _may_pass(fault) and wrong.code != "disk.full" and run.file_digest and _has_time(run)
        ):
            raise
        facts = {name: str(value) for name, value in wrong.facts.items()}
        note(run, state="failed", error_code=wrong.code, error_facts=facts, finished_at=now())
        if wrong is fault or wrong.code != "disk.full":
            raise
        raise wrong from fault


def _known(fault: BaseException) -> TidingsError | None:
    if isinstance(fault, TidingsError):
        return fault
    if isinstance(fault, ReadingEnded):
        return TryLater("shipments.import_reading_ended")
    if isinstance(fault, DatabaseError):
        return TryLater("shipments.import_database_fault", problem=type(fault.__cause__ or fault).__name__)
    return None


def _may_pass(fault: BaseException) -> bool:
    """A server that is away, a deadlock: what a worker tries again."""
    return isinstance(fault, OperationalError | InterfaceError)


def _has_time(run: ImportRun) -> bool:
    return run.started_at is None or now() - run.started_at < _TRIED_FOR


def note(run: ImportRun, **values: Any) -> None:
    ImportRun.objects.filter(id=run.id).update(**values)
