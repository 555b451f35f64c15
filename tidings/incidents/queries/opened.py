"""Reads of the table role × fact × channel: what holds, what the firm opened of it, and what waits for a second person."""

from uuid import UUID

from tidings.incidents import rules, sql
from tidings.incidents.models import OpenedAsk, OpenedCell
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing


def opened() -> frozenset[rules.Cell]:
    """The cells that the firm has opened now."""
    return sql.opened_cells()


def opened_rows(actor: Actor) -> list[OpenedCell]:
    """The same with since when, by whom and why, in the order of the table."""
    actor.require("incident.read")
    found = OpenedCell.objects.filter(ended_at__isnull=True)
    return sorted(found, key=lambda one: rules.CELLS.index(one.cell()))


def opened_before(actor: Actor, most: int = 100) -> list[OpenedCell]:
    """What was open once and is closed again, newest first."""
    actor.require("incident.read")
    return list(OpenedCell.objects.filter(ended_at__isnull=False).order_by("-ended_at")[:most])


def opened_asked(actor: Actor) -> list[OpenedAsk]:
    """What was asked about cells and waits for an administrator."""
    actor.require("incident.read")
    return list(OpenedAsk.objects.filter(ended_at__isnull=True).order_by("asked_at"))


def opened_ask(ask_id: UUID) -> OpenedAsk:
    """One that waits. Raises Missing("incident.no_such_cell_ask")."""
    found = OpenedAsk.objects.filter(pk=ask_id, ended_at__isnull=True).first()
    if found is None:
        raise Missing("incident.no_such_cell_ask")
    return found
