"""Changing the firm's grading table and its own kinds. Rows are ended, never changed: what proposed a grade stays readable.

What makes the table propose more holds at once; what makes it propose less, or lowers a kind's floor, waits for a second
administrator.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.incidents import queries, rules, sql
from tidings.incidents.actions.grade import known_severity
from tidings.incidents.actions.second import (
    confirms_as_themselves,
    end_asked,
    is_another,
    may_ask,
    needs_another,
)
from tidings.incidents.models import GradingAsk, GradingRule, OwnKind
from tidings.incidents.rules.grading import GradingRow, loosened
from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused

_ABILITY = "policy.change"
_TABLE = UUID("2d2f1a64-0c1f-4a9e-8a55-6f3b6b0f7d10")
_CODE = re.compile(r"[a-z][a-z0-9_]{1,38}")


def add_grading_row(actor: Actor, row: GradingRow) -> GradingAsk | None:
    """Adds a row to the grading table, in the place of one of the same conditions; gives what waits, or None when it counts.

    The first change makes the shipped rows the firm's own. Raises Refused("incident.row_below_floor") when it undercuts the
    floor of its kind, Refused("incident.row_names_nothing"), Refused("incident.kind_unknown"),
    Conflict("incident.row_is_there") when the table has this very row.
    """
    may_ask(actor)
    _check(row)
    with transaction.atomic():
        table = _locked_table()
        same = _of_same_conditions(table, row)
        if same == row:
            raise Conflict("incident.row_is_there")
        after = [*(one for one in table if one != same), row]
        if needs_another(actor, loosened(table, after, queries.floors())):
            return _ask(actor, "add_row", _about(row), same, **_columns(row))
        _add(actor, row, same)
    return None


def end_grading_row(actor: Actor, row: GradingRow) -> GradingAsk | None:
    """Takes a row out of the table, named by what it says: a shipped one has no id. Gives what waits, or None when it is out.

    Raises Missing("incident.no_such_row").
    """
    may_ask(actor)
    with transaction.atomic():
        table = _locked_table()
        if row not in table:
            raise Missing("incident.no_such_row")
        after = [one for one in table if one != row]
        if needs_another(actor, loosened(table, after, queries.floors())):
            return _ask(actor, "end_row", _about(row), row, **_columns(row))
        _end(actor, row)
    return None


def save_kind(actor: Actor, code: str, names: Mapping[str, str], floor: str) -> GradingAsk | None:
    """Adds a kind of the firm's own, or changes its names and floor; a retired one is in use again. Gives what waits, or None.

    `names` gives a language code its name. Raises Refused("incident.kind_code_unfit") for a code that is no plain word
    or that a shipped kind has, Refused("incident.kind_needs_a_name"), Refused("incident.severity_unknown").
    """
    may_ask(actor)
    known_severity(floor)
    given = {language: name.strip() for language, name in names.items() if name.strip()}
    if not _CODE.fullmatch(code) or code in rules.SHIPPED_KINDS:
        raise Refused("incident.kind_code_unfit", kind=code)
    if not given:
        raise Refused("incident.kind_needs_a_name")
    with transaction.atomic():
        _locked_table()
        wanted = GradingRow(rules.SEVERITIES[floor], code)
        stands = _floor(code)
        if needs_another(actor, stands is not None and wanted.severity < stands.severity):
            return _ask(actor, "save_kind", f"kind {code}", stands, **_columns(wanted), names=given)
        _save(actor, code, given, floor)
    return None


def retire_kind(actor: Actor, code: str) -> None:
    """Offers a kind no more; incidents of it keep it. Raises Missing("incident.kind_unknown")."""
    actor.require(_ABILITY)
    with transaction.atomic():
        if not OwnKind.objects.filter(code=code, retired_at__isnull=True).update(retired_at=now()):
            raise Missing("incident.kind_unknown", kind=code)
        audit.record(actor, "kind.retire", "kind", code)


def confirm_grading(actor: Actor, ask_id: UUID) -> None:
    """A second administrator's yes: the looser row or floor counts from now on.

    Raises Refused("incident.policy_confirm_as_yourself") for a key or a command, Refused("incident.policy_not_both") for
    the asker, Missing("incident.no_such_grading_ask"), Conflict("incident.grading_changed") when it changed meanwhile.
    """
    actor.require(_ABILITY)
    confirms_as_themselves(actor)
    with transaction.atomic():
        table = _locked_table()
        asked = queries.grading_ask(ask_id)
        is_another(actor, asked)
        row = asked.row()
        stands = _floor(row.kind) if asked.what == "save_kind" else _of_same_conditions(table, row)
        if (stands.severity.code if stands else "") != asked.before:
            raise Conflict("incident.grading_changed")
        end_asked(GradingAsk.objects.filter(pk=ask_id), actor, "confirmed", now())
        match asked.what:
            case "add_row":
                _check(row)
                _add(actor, row, stands, asked.asked_by)
            case "end_row":
                _end(actor, row, asked.asked_by)
            case _:
                _save(actor, row.kind, asked.names, asked.severity, asked.asked_by)


def decline_grading(actor: Actor, ask_id: UUID) -> None:
    """Ends a wish without granting it; the asker may take their own back. Raises Missing("incident.no_such_grading_ask")."""
    actor.require(_ABILITY)
    with transaction.atomic():
        _locked_table()
        asked = queries.grading_ask(ask_id)
        end_asked(GradingAsk.objects.filter(pk=ask_id), actor, "declined", now())
        audit.record(actor, "grading.decline", "grading", "table", {"asked": str(asked.pk)})


def _check(row: GradingRow) -> None:
    if row.kind and row.kind not in queries.kinds():
        raise Refused("incident.kind_unknown", kind=row.kind)
    if not row.as_facts():
        raise Refused("incident.row_names_nothing")
    if row.kind and row.severity < queries.floor_of(row.kind):
        raise Refused("incident.row_below_floor", floor=queries.floor_of(row.kind).code)


def _locked_table() -> list[GradingRow]:
    """The rows in force; nobody else changes grading until the transaction ends."""
    sql.one_at_a_time(_TABLE)
    return queries.grading_rows()


def _of_same_conditions(table: list[GradingRow], row: GradingRow) -> GradingRow | None:
    return next((one for one in table if replace(one, severity=row.severity) == row), None)


def _floor(code: str) -> GradingRow | None:
    """A kind of the firm's own with its floor; None where there is none of this code."""
    kind = OwnKind.objects.filter(code=code).first()
    return GradingRow(rules.SEVERITIES[kind.floor], code) if kind else None


def _about(row: GradingRow) -> str:
    named = (row.kind, row.customers, row.value_cents, row.currency, row.safety, row.legal)
    return " ".join(["row", *(str(one) for one in named)])


def _ask(actor: Actor, what: str, about: str, stands: GradingRow | None, **values: object) -> GradingAsk:
    at = now()
    end_asked(GradingAsk.objects.filter(about=about), actor, "replaced", at)
    made = GradingAsk(
        what=what,
        about=about,
        before=stands.severity.code if stands else "",
        asked_by=actor.ref,
        asked_at=at,
        **values,
    )
    made.save(force_insert=True)
    told = {"asked": str(made.pk), "what": what, "severity": made.severity}
    audit.record(actor, "grading.ask", "grading", "table", told)
    return made


def _add(actor: Actor, row: GradingRow, instead_of: GradingRow | None, asked_by: str = "") -> None:
    at = now()
    _own_the_table(actor, at)
    if instead_of is not None:
        _end(actor, instead_of, asked_by)
    _over(actor, row)
    made = _write(actor, row, at)
    told = {"row": str(made.pk), "severity": made.severity, **_asked_by(asked_by)}
    audit.record(actor, "grading.row_add", "grading", "table", told)


def _end(actor: Actor, row: GradingRow, asked_by: str = "") -> None:
    at = now()
    _own_the_table(actor, at)
    _over(actor, row)
    found = GradingRule.objects.get(ended_at__isnull=True, **_columns(row))
    found.ended_at, found.ended_by = at, actor.ref
    found.save(update_fields=["ended_at", "ended_by"])
    told = {"row": str(found.pk), "severity": found.severity, **_asked_by(asked_by)}
    audit.record(actor, "grading.row_end", "grading", "table", told)


def _save(actor: Actor, code: str, names: Mapping[str, str], floor: str, asked_by: str = "") -> None:
    end_asked(GradingAsk.objects.filter(about=f"kind {code}"), actor, "replaced", now())
    OwnKind.objects.update_or_create(code=code, defaults={"names": names, "floor": floor, "retired_at": None})
    told = {"languages": sorted(names), "floor": floor, **_asked_by(asked_by)}
    audit.record(actor, "kind.save", "kind", code, told)


def _over(actor: Actor, row: GradingRow) -> None:
    """What was asked about a row before it changed otherwise waits no more."""
    end_asked(GradingAsk.objects.filter(about=_about(row)), actor, "replaced", now())


def _asked_by(asked_by: str) -> dict[str, str]:
    return {"asked_by": asked_by} if asked_by else {}


def _own_the_table(actor: Actor, at: datetime) -> None:
    """A table that was the shipped one becomes the firm's."""
    if not queries.has_own_grading():
        for row in queries.grading_rows():
            _write(actor, row, at)


def _write(actor: Actor, row: GradingRow, at: datetime) -> GradingRule:
    made = GradingRule(**_columns(row), at=at, by_kind=actor.kind, by=actor.ref)
    made.save(force_insert=True)
    return made


def _columns(row: GradingRow) -> dict[str, object]:
    return {
        "severity": row.severity.code,
        "kind": row.kind,
        "customers": row.customers,
        "value_cents": row.value_cents,
        "currency": row.currency,
        "safety": row.safety,
        "legal": row.legal,
    }
