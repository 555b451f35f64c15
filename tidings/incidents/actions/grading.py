"""Changing the firm's grading table and its own kinds. Rows are ended, never changed: what proposed a grade stays readable."""

import re
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.incidents import queries, rules, sql
from tidings.incidents.actions.grade import known_severity
from tidings.incidents.models import GradingRule, OwnKind
from tidings.incidents.rules.grading import GradingRow
from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused

_ABILITY = "policy.change"
_TABLE = UUID("2d2f1a64-0c1f-4a9e-8a55-6f3b6b0f7d10")
_CODE = re.compile(r"[a-z][a-z0-9_]{1,38}")


def add_grading_row(actor: Actor, row: GradingRow) -> UUID:
    """Adds a row to the grading table and gives its id. The first change makes the shipped rows the firm's own.

    Raises Refused("incident.row_below_floor") when it undercuts the floor of its kind, Refused("incident.row_names_nothing"),
    Refused("incident.kind_unknown"), Conflict("incident.row_is_there") when a row of the same conditions is there.
    """
    actor.require(_ABILITY)
    _check(row)
    at = now()
    with transaction.atomic():
        _own_the_table(actor, at)
        same = {name: value for name, value in _columns(row).items() if name != "severity"}
        if GradingRule.objects.filter(ended_at__isnull=True, **same).exists():
            raise Conflict("incident.row_is_there")
        made = _write(actor, row, at)
        told = {"row": str(made.pk), "severity": made.severity}
        audit.record(actor, "grading.row_add", "grading", "table", told)
    return made.pk


def end_grading_row(actor: Actor, row: GradingRow) -> None:
    """Takes a row out of the table, named by what it says: a shipped one has no id. Raises Missing("incident.no_such_row")."""
    actor.require(_ABILITY)
    at = now()
    with transaction.atomic():
        _own_the_table(actor, at)
        found = GradingRule.objects.filter(ended_at__isnull=True, **_columns(row)).first()
        if found is None:
            raise Missing("incident.no_such_row")
        found.ended_at, found.ended_by = at, actor.ref
        found.save(update_fields=["ended_at", "ended_by"])
        told = {"row": str(found.pk), "severity": found.severity}
        audit.record(actor, "grading.row_end", "grading", "table", told)


def save_kind(actor: Actor, code: str, names: Mapping[str, str], floor: str) -> None:
    """Adds a kind of the firm's own, or changes its names and floor; a retired one is in use again.

    `names` gives a language code its name. Raises Refused("incident.kind_code_unfit") for a code that is no plain word
    or that a shipped kind has, Refused("incident.kind_needs_a_name"), Refused("incident.severity_unknown").
    """
    actor.require(_ABILITY)
    known_severity(floor)
    given = {language: name.strip() for language, name in names.items() if name.strip()}
    if not _CODE.fullmatch(code) or code in rules.SHIPPED_KINDS:
        raise Refused("incident.kind_code_unfit", kind=code)
    if not given:
        raise Refused("incident.kind_needs_a_name")
    with transaction.atomic():
        OwnKind.objects.update_or_create(
            code=code, defaults={"names": given, "floor": floor, "retired_at": None}
        )
        audit.record(actor, "kind.save", "kind", code, {"languages": sorted(given), "floor": floor})


def retire_kind(actor: Actor, code: str) -> None:
    """Offers a kind no more; incidents of it keep it. Raises Missing("incident.kind_unknown")."""
    actor.require(_ABILITY)
    with transaction.atomic():
        if not OwnKind.objects.filter(code=code, retired_at__isnull=True).update(retired_at=now()):
            raise Missing("incident.kind_unknown", kind=code)
        audit.record(actor, "kind.retire", "kind", code)


def _check(row: GradingRow) -> None:
    if row.kind and row.kind not in queries.kinds():
        raise Refused("incident.kind_unknown", kind=row.kind)
    if not row.as_facts():
        raise Refused("incident.row_names_nothing")
    if row.kind and row.severity < queries.floor_of(row.kind):
        raise Refused("incident.row_below_floor", floor=queries.floor_of(row.kind).code)


def _own_the_table(actor: Actor, at: datetime) -> None:
    """Nobody else changes the table until the transaction ends; a table that was the shipped one becomes the firm's."""
    sql.one_at_a_time(_TABLE)
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
