"""A customer's own page: until when its link opens, and what it says of each shipment. Pure."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from tidings.incidents.rules.incident import OPEN_STATES, Effect, State
from tidings.incidents.rules.telling import effect_told

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


def line_told(line: Line, roles: Collection[str]) -> Line:
    """A shipment's line as somebody in these roles may hear it on a page: of stolen goods, that they are missing, and no time."""
    effect = line.get("effect", "")
    told = effect_told(Effect(effect), roles, "email") if effect in set(Effect) else effect
    if told == effect:
        return line
    return {"waybill": line.get("waybill", ""), "effect": told}
