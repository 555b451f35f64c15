"""Imports the made-up sample by the road of every other file."""

import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tidings.kernel.actor import Actor
from tidings.shipments.actions.imports import ImportResult, Progress, import_file
from tidings.shipments.actions.staging import Explain, plainly
from tidings.shipments.sample import (
    CUSTOMERS_PROFILE,
    EVENTS_PROFILE,
    SHIPMENTS_PROFILE,
    Sample,
    write_sample,
)


def import_sample(
    actor: Actor,
    now: datetime,
    *,
    shipments: int = 20_000,
    seed: int = 1,
    explain: Explain = plainly,
    on_progress: Callable[[Progress], None] | None = None,
) -> tuple[Sample, list[ImportResult]]:
    """Writes the sample's files, imports the shipments, their events and who uses the portal; gives the sample and the results.

    The files are gone afterwards; the sample's place and window stay good for an incident.
    """
    with tempfile.TemporaryDirectory() as folder:
        sample = write_sample(Path(folder), shipments, seed, now)
        files = (
            (sample.shipments, "shipments", SHIPMENTS_PROFILE),
            (sample.events, "events", EVENTS_PROFILE),
            (sample.customers, "customers", CUSTOMERS_PROFILE),
        )
        return sample, [
            import_file(actor, path, kind, profile, explain=explain, on_progress=on_progress)
            for path, kind, profile in files
        ]
