"""What the worker does for shipments: imports that were asked for on a page."""

import tempfile
from typing import BinaryIO, cast
from uuid import UUID

from django.utils import translation

from tidings.kernel import files
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.errors import TidingsError
from tidings.kernel.jobs import job
from tidings.people.queries import language_of
from tidings.shipments.actions.failing import noting_failure
from tidings.shipments.actions.imports import JOB, LOOK_ANEW, carry_out, look_anew
from tidings.shipments.queries.imports import import_run
from tidings.shipments.words import explain

_ABILITIES = frozenset({"shipment.import"})


@job(LOOK_ANEW)
def look_at_tables_anew() -> None:
    """After a large import. Twice does no harm."""
    look_anew()


@job(JOB)
def import_kept_file(run_id: str, unit: str | None, units: list[str] | None) -> None:
    """Carries out an asked import within the units that its asker saw (None: every unit), for the unit `unit`.

    Why it failed is noted on the run, and goes on to the log when it was no fault of the file. A second time it changes nothing.
    """
    run = import_run(UUID(run_id))
    if run.state in ("done", "failed"):
        return
    seen = None if units is None else frozenset(UUID(one) for one in units)
    own = UUID(unit) if unit else None
    actor = Actor(ActorKind.PERSON, run.asked_by, _ABILITIES, seen, own)
    with tempfile.TemporaryFile() as spooled:
        try:
            with noting_failure(run):
                for piece in files.stream(run.file_digest):
                    spooled.write(piece)
            with translation.override(language_of(run.asked_by)):
                carry_out(actor, run.id, cast(BinaryIO, spooled), own, explain=explain)
        except TidingsError:
            return  # noted on the run, where the page shows it
