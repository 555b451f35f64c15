"""A customer's own page: until when its link opens, and what it says of each shipment. Pure."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from tidings.incidents.rules.effects import Effect
from tidings.incidents.rules.incident import OPEN_STATES, State
from tidings.incidents.rules.telling import Fact, Opened, effect_told, may_hear, tells_of_theft

OPENS_FOR = timedelta(days=30)
"""How long after the end of an incident its customers' links still open."""

Line = Mapping[str, Any]


def link_opens(*, state: str, ended_at: datetime | None, revoked: bool, now: datetime) -> bool:
    """Whether a link of ours still opens its page. `ended_at` is when the incident entered the state it is in."""
    if revoked:
        return False
    if State(state) in OPEN_STATES or ended_at is None:
        return True
    return now < ended_at + OPENS_FOR


def line_told(line: Line, roles: Collection[str], opened: Opened = ()) -> Line:
    """A shipment's line as somebody in these roles may hear it on a page: of stolen goods, that they are missing, and no time."""
    effect = line.get("effect", "")
    told = effect_told(Effect(effect), roles, "email", opened) if effect in set(Effect) else effect
    if told == effect:
        return line
    return {"waybill": line.get("waybill", ""), "effect": told}


def sentences_told(
    kind: str, shipments: Collection[tuple[Line, Collection[str]]], opened: Opened = ()
) -> bool:
    """Whether somebody may read again what a message said in sentences. `shipments` are the lines it told them, each with what
    they are on that shipment today.

    The sentences are one text for all its readers: where that speaks of theft, or a line of theirs did, only who may hear of
    theft of every one of them reads it.
    """
    if not tells_of_theft(kind) and all(line.get("effect") != Effect.STOLEN for line, _roles in shipments):
        return True
    return all(may_hear(Fact.STOLEN, roles, "email", opened) for _line, roles in shipments)
