"""Events that a program sends: staged and merged as a file's are, at once, each answered by itself."""

import io
from dataclasses import dataclass, field

from django.db import transaction

from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.shipments.actions.imports import drop_staged, make_months, reader_of, stage_anew, unit_for
from tidings.shipments.actions.merging import Merging
from tidings.shipments.actions.staging import Copying
from tidings.shipments.importers.base import Row
from tidings.shipments.importers.batches import Reading
from tidings.shipments.importers.copying import copy_text
from tidings.shipments.importers.fields import BadField
from tidings.shipments.importers.profile import parse_profile
from tidings.shipments.queries.imports import profile_text

MOST_ROWS = 20_000
TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one event: `taken`, or the reason why not, and the column and value at fault where there is one.

    One that names several things is taken when any of them is known here.
    """

    event: str
    outcome: str
    column: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class TakenEvents:
    """`added` counts those that were not there before; sent twice, nothing is added."""

    added: int
    events: list[Answered] = field(default_factory=list)


def take_events(actor: Actor, body: bytes, profile: str) -> TakenEvents:
    """Reads, stages and merges events of a shipped or own profile, in one transaction; every shipment that changed is put into
    the feed, so that the scope of incidents follows.

    Raises Refused for a body that cannot be read, with the place of its fault; Refused("shipments.too_many_events").
    """
    actor.require("shipment.import")
    unit, text = unit_for(actor), profile_text(profile)
    parsed = parse_profile(text)
    if parsed.kind != "events":
        raise Refused("shipments.profile_is_for", kind=parsed.kind, asked="events")
    table, mapping = Reading(reader_of(parsed), text, now()).open(io.BytesIO(body))
    rows = list(table.rows())
    if len(rows) > MOST_ROWS:
        raise Refused("shipments.too_many_events", most=MOST_ROWS, events=len(rows))
    mapped = mapping.map(rows)
    try:
        with transaction.atomic():
            stage_anew(parsed)
            Copying(mapping.columns).copy({name: copy_text(parts) for name, parts in mapped.output.items()})
            make_months()
            merging = Merging(actor, parsed, unit)
            merging.begin()
            merging.merge(mapping.places)
            merged = merging.finish()
            refused = {row.line: bad for row, bad in mapped.rejected}
            refused |= {line: BadField("", why, "") for line, why in merged.refused.items()}
            answered = _answers(table.columns, rows, refused)
            taken = sum(one.outcome == TAKEN for one in answered)
            facts = {"rows": len(answered), "created": merged.created, "rejected": len(answered) - taken}
            audit.record(actor, "shipment.import", "events", profile, facts)
    finally:
        drop_staged()
    return TakenEvents(merged.created, answered)


def _answers(columns: list[str], rows: list[Row], refused: dict[int, BadField]) -> list[Answered]:
    """One answer per event, in their order; `event` is where it stands in what was sent."""
    named = columns.index("event") if "event" in columns else None
    answers: dict[str, Answered] = {}
    for row in rows:
        event = row.cells[named] if named is not None else f"$.events[{row.line - 1}]"
        bad = refused.get(row.line)
        if bad is None:
            answers[event] = Answered(event, TAKEN)
        else:
            answers.setdefault(event, Answered(event, bad.reason, bad.column, bad.value[:80]))
    return list(answers.values())
