"""The grading table: rows of kind, affected customers, value, safety and legal exposure propose a severity; a person decides. Pure.

No row undercuts a kind's floor: theft and fraud are never low, nor is anything of which goods were stolen (mission A2).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tidings.incidents.rules.incident import SHIPPED_KINDS, Severity

FLOORS: Mapping[str, Severity] = {
    "theft": Severity.MEDIUM,
    "fraud": Severity.MEDIUM,
    "data_breach": Severity.MEDIUM,
    "dangerous_goods": Severity.MEDIUM,
}
"""The lowest severity of shipped kinds; a firm's own kind carries its own."""

STOLEN_FLOOR = Severity.MEDIUM
"""The lowest severity of any incident of which goods were stolen, whatever its kind (mission A2)."""

UNSAID = Severity.MEDIUM
"""What is proposed where no row speaks of the kind."""


@dataclass(frozen=True, slots=True)
class GradingRow:
    """One row: when everything it names is so, at least this severity. Empty, nought and False name nothing."""

    severity: Severity
    kind: str = ""
    customers: int = 0
    value_cents: int = 0
    currency: str = ""
    safety: bool = False
    legal: bool = False

    def as_facts(self) -> dict[str, object]:
        """What the row names, as plain values for a line of history."""
        named = {
            "kind": self.kind,
            "customers": self.customers,
            "value_cents": self.value_cents,
            "currency": self.currency,
            "safety": self.safety,
            "legal": self.legal,
        }
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of an incident when it is graded. `values` is the declared value of the affected goods, cents by currency."""

    kind: str
    customers: int = 0
    values: Mapping[str, int] = field(default_factory=dict)
    safety: bool = False
    legal: bool = False
    stolen: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the table proposes, and because of what: the facts of the row that decided, `floor`, `stolen`, or `unsaid`."""

    severity: Severity
    because: Mapping[str, object]


_KINDS: Mapping[str, Severity] = {
    "service_interruption": Severity.HIGH,
    "hub_closed": Severity.HIGH,
    "accident": Severity.HIGH,
    "fire": Severity.HIGH,
    "quarantine": Severity.HIGH,
    "theft": Severity.HIGH,
    "fraud": Severity.HIGH,
    "safety_hazard": Severity.HIGH,
    "dangerous_goods": Severity.HIGH,
    "data_breach": Severity.CRITICAL,
    "system_outage": Severity.HIGH,
    "impersonation": Severity.HIGH,
    "recipient_exception": Severity.LOW,
}
SHIPPED_ROWS: tuple[GradingRow, ...] = (
    *(GradingRow(_KINDS.get(kind, Severity.MEDIUM), kind) for kind in SHIPPED_KINDS),
    GradingRow(Severity.HIGH, customers=1_000),
    GradingRow(Severity.CRITICAL, customers=10_000),
    GradingRow(Severity.HIGH, value_cents=100_000_00, currency="EUR"),
    GradingRow(Severity.CRITICAL, value_cents=1_000_000_00, currency="EUR"),
    GradingRow(Severity.HIGH, safety=True),
    GradingRow(Severity.HIGH, legal=True),
)
"""The table until the firm changes it."""


def floor_of(kind: str, own: Mapping[str, Severity], *, stolen: bool = False) -> Severity:
    """The lowest severity this kind may be given, once goods were `stolen` whatever it is; `own` are the floors of the firm's
    own kinds."""
    goods = STOLEN_FLOOR if stolen else Severity.LOW
    return max(FLOORS.get(kind, Severity.LOW), own.get(kind, Severity.LOW), goods)


def proposal(rows: Iterable[GradingRow], situation: Situation, floor: Severity) -> Proposal:
    """The gravest severity of the rows that apply, never below the floor of the kind or of stolen goods, and what decided it.

    Of two rows that propose the same, the one that names more than the kind is the better reason.
    """
    found = [row for row in rows if _applies(row, situation)]
    said = [Proposal(row.severity, row.as_facts()) for row in found]
    if not any(row.kind for row in found):
        said.append(Proposal(UNSAID, {"unsaid": True}))
    if floor > Severity.LOW:
        said.append(Proposal(floor, {"floor": True}))
    if situation.stolen:
        said.append(Proposal(STOLEN_FLOOR, {"stolen": True}))
    return max(
        said,
        key=lambda one: (
            one.severity,
            "floor" not in one.because,
            "stolen" not in one.because,
            set(one.because) != {"kind"},
        ),
    )


def loosened(
    before: Sequence[GradingRow], after: Sequence[GradingRow], floors: Mapping[str, Severity]
) -> bool:
    """Whether `after` proposes less than `before` of anything that may happen, for the kinds named by `floors`.

    A row fewer, or one that asks for more, proposes less; so does a first row of a kind below what is proposed unsaid. Where
    two tables differ first is where a row that only one of them has begins to apply, alone or together with another row.
    """
    changed = [row for row in (*before, *after) if (row in before) != (row in after)]
    return any(
        proposal(after, here, floors[here.kind]).severity < proposal(before, here, floors[here.kind]).severity
        for row in changed
        for other in (row, *before, *after)
        for here in _where_both_begin(row, other, floors)
    )


def _where_both_begin(row: GradingRow, other: GradingRow, kinds: Iterable[str]) -> Iterator[Situation]:
    """The least of a situation in which both rows apply, of every kind to which both can."""
    values: dict[str, int] = {}
    for one in (row, other):
        if one.value_cents:
            values[one.currency] = max(one.value_cents, values.get(one.currency, 0))
    least = Situation(
        "",
        max(row.customers, other.customers),
        values,
        row.safety or other.safety,
        row.legal or other.legal,
    )
    for kind in kinds:
        if row.kind in ("", kind) and other.kind in ("", kind):
            yield replace(least, kind=kind)


def _applies(row: GradingRow, situation: Situation) -> bool:
    return (
        row.kind in ("", situation.kind)
        and situation.customers >= row.customers
        and (not row.value_cents or situation.values.get(row.currency, 0) >= row.value_cents)
        and (situation.safety or not row.safety)
        and (situation.legal or not row.legal)
    )
