"""Opening a cell of the table role × fact × channel, and closing it again. Opening waits for a second administrator; closing
holds at once. A program only asks.
"""

from uuid import UUID

from django.db import transaction

from tidings.incidents import queries, rules, sql
from tidings.incidents.actions.second import (
    confirms_as_themselves,
    end_asked,
    is_another,
    may_ask,
    needs_another,
)
from tidings.incidents.models import OpenedAsk, OpenedCell
from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Refused

_TABLE = UUID("b3a3f0de-0a5a-4d0e-9d0c-7a5b1a4e2c66")


def open_cell(actor: Actor, cell: rules.Cell, reason: str) -> OpenedAsk | None:
    """Lets a role be told a fact on a channel; gives what waits, or None when it holds. What is written already keeps its words.

    Raises Refused("incident.cell_told_already") for one that the table tells anyway or does not know,
    Refused("incident.cell_reason") without a reason, Conflict("incident.cell_is_open").
    """
    may_ask(actor)
    if not rules.may_be_opened(cell):
        raise Refused("incident.cell_told_already")
    if not reason.strip():
        raise Refused("incident.cell_reason")
    with transaction.atomic():
        sql.one_at_a_time(_TABLE)
        if cell in queries.opened():
            raise Conflict("incident.cell_is_open")
        if needs_another(actor, loosens=True):
            return _ask(actor, "open", cell, reason.strip())
        _open(actor, cell, reason.strip())
    return None


def close_cell(actor: Actor, cell: rules.Cell) -> OpenedAsk | None:
    """Tells it no more, from now on. A message that was written to say it does not go any more. Gives what waits, as a program's
    wish does, or None. Raises Conflict("incident.cell_is_closed")."""
    may_ask(actor)
    with transaction.atomic():
        sql.one_at_a_time(_TABLE)
        if cell not in queries.opened():
            raise Conflict("incident.cell_is_closed")
        if needs_another(actor, loosens=False):
            return _ask(actor, "close", cell, "")
        _close(actor, cell)
    return None


def confirm_cell(actor: Actor, ask_id: UUID) -> None:
    """A second administrator's yes. Raises what `confirm_policy` raises, Missing("incident.no_such_cell_ask"), and a Conflict
    where it was opened or closed meanwhile."""
    actor.require("policy.change")
    confirms_as_themselves(actor)
    with transaction.atomic():
        sql.one_at_a_time(_TABLE)
        asked = queries.opened_ask(ask_id)
        is_another(actor, asked)
        opens, is_open = asked.what == "open", asked.cell() in queries.opened()
        if opens == is_open:
            raise Conflict("incident.cell_is_open" if is_open else "incident.cell_is_closed")
        end_asked(OpenedAsk.objects.filter(pk=ask_id), actor, "confirmed", now())
        if opens:
            _open(actor, asked.cell(), asked.reason, asked.asked_by)
        else:
            _close(actor, asked.cell(), asked.asked_by)


def decline_cell(actor: Actor, ask_id: UUID) -> None:
    """Ends a wish without granting it; the asker may take their own back. Raises Missing("incident.no_such_cell_ask")."""
    actor.require("policy.change")
    with transaction.atomic():
        sql.one_at_a_time(_TABLE)
        asked = queries.opened_ask(ask_id)
        end_asked(OpenedAsk.objects.filter(pk=ask_id), actor, "declined", now())
        audit.record(actor, "telling.decline", "telling", asked.cell().code, {"asked": str(asked.pk)})


def _ask(actor: Actor, what: str, cell: rules.Cell, reason: str) -> OpenedAsk:
    _end_asks(actor, cell)
    made = OpenedAsk(what=what, role=cell.role, fact=cell.fact, channel=cell.channel, reason=reason)
    made.asked_by, made.asked_at = actor.ref, now()
    made.save(force_insert=True)
    audit.record(actor, "telling.ask", "telling", cell.code, {"asked": str(made.pk), "what": what})
    return made


def _open(actor: Actor, cell: rules.Cell, reason: str, asked_by: str = "") -> None:
    _end_asks(actor, cell)
    made = OpenedCell(role=cell.role, fact=cell.fact, channel=cell.channel, reason=reason, asked_by=asked_by)
    made.at, made.by_kind, made.by = now(), actor.kind, actor.ref
    made.save(force_insert=True)
    audit.record(actor, "telling.open", "telling", cell.code, {"asked_by": asked_by} if asked_by else {})


def _close(actor: Actor, cell: rules.Cell, asked_by: str = "") -> None:
    _end_asks(actor, cell)
    found = OpenedCell.objects.filter(
        role=cell.role, fact=cell.fact, channel=cell.channel, ended_at__isnull=True
    )
    found.update(ended_at=now(), ended_by=actor.ref)
    audit.record(actor, "telling.close", "telling", cell.code, {"asked_by": asked_by} if asked_by else {})


def _end_asks(actor: Actor, cell: rules.Cell) -> None:
    wishes = OpenedAsk.objects.filter(role=cell.role, fact=cell.fact, channel=cell.channel)
    end_asked(wishes, actor, "replaced", now())
