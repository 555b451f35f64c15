"""From a batch of rows to columns for the staging tables, as a profile says. Pure, and the hot path of an import.

A row with a bad cell is taken out before anything of its batch is given, so that a rejected row leaves nothing behind.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tidings.shipments.importers.base import Row
from tidings.shipments.importers.cells import FORBIDDEN
from tidings.shipments.importers.fields import BadField, Columns, Fields
from tidings.shipments.importers.profile import CUSTOMER, LONE_EVENT, PARTY, Profile
from tidings.shipments.importers.sections import (
    ADDRESS_COLUMNS,
    CUSTOMER_COLUMNS,
    HOME_COLUMNS,
    LINE_COLUMNS,
    Count,
    EventSection,
    LegSection,
    Output,
    PartySection,
    PieceSection,
    ReferenceSection,
    Section,
    ShipmentSection,
)

_SKEW = timedelta(days=2)


@dataclass(slots=True)
class Mapped:
    """What a batch became: columns by staging table, and the rows that could not be taken, each with its reason."""

    output: Output = field(default_factory=dict)
    rejected: list[tuple[Row, BadField]] = field(default_factory=list)


class RowMapping:
    """One profile on one header. `columns` names the staging columns of each table; `map` maps a batch of rows.

    With `lines_of_customers` a file of customers also gives the line of each, for who may not change all of them.
    """

    def __init__(
        self, profile: Profile, columns: Sequence[str], now: datetime, *, lines_of_customers: bool = False
    ) -> None:
        fields = Fields(profile, columns, now)
        self._names = list(columns)
        self._sections = _sections(profile, fields, (now + _SKEW).isoformat(), lines_of_customers)
        fields.must_be_there()
        self._used = sorted(fields.used)
        self.columns: dict[str, tuple[str, ...]] = {
            "customer": CUSTOMER_COLUMNS,
            "address": ADDRESS_COLUMNS,
            "home": HOME_COLUMNS,
            "party": LINE_COLUMNS,
        } | {section.table: section.columns for section in self._sections if section.columns}
        for section in self._sections:
            if section.beside:
                self.columns[section.table] += section.beside
        self.places: set[str] = set()

    def map(self, rows: Iterable[Row]) -> Mapped:
        """Maps a batch. Rows that the reader already found wrong are among the rejected."""
        mapped = Mapped()
        good = self._readable(list(rows), mapped)
        while good:
            columns: Columns = list(zip(*[row.cells for row in good], strict=True))
            values = [section.values(columns, len(good)) for section in self._sections]
            bad: dict[int, BadField] = {}
            for section, found in zip(self._sections, values, strict=True):
                section.find_bad(found, bad)
            if not bad:
                lines = [str(row.line) for row in good]
                for section, found in zip(self._sections, values, strict=True):
                    section.put(lines, found, mapped.output, self.places)
                break
            mapped.rejected += [(good[at], why) for at, why in sorted(bad.items(), key=lambda item: item[0])]
            good = [row for at, row in enumerate(good) if at not in bad]
        return mapped

    def number_of(self, row: Row) -> str:
        """The number by which a rejected row names its shipment; empty where it cannot be read."""
        section = self._sections[0]
        return section.number_of(row.cells) if isinstance(section, ShipmentSection) else ""

    def _readable(self, rows: list[Row], mapped: Mapped) -> list[Row]:
        """The rows without control characters and undecodable bytes in the columns that are used."""
        good = [row for row in rows if not row.wrong]
        if len(good) < len(rows):
            mapped.rejected += [(row, BadField("", row.wrong, "")) for row in rows if row.wrong]
        text = "".join(["".join(row.cells) for row in good])
        if (text.isprintable() and "\ufffd" not in text) or not FORBIDDEN.search(text):
            return good
        clean = []
        for row in good:
            why = self._forbidden(row)
            if why is None:
                clean.append(row)
            else:
                mapped.rejected.append((row, why))
        return clean

    def _forbidden(self, row: Row) -> BadField | None:
        for at in self._used:
            if bad := FORBIDDEN.search(row.cells[at]):
                undecodable = "\ud800" <= bad[0] <= "\udfff" or bad[0] == "\ufffd"
                reason = "undecodable" if undecodable else "control_character"
                return BadField(self._names[at], reason, ascii(bad[0]))
        return None


def _sections(profile: Profile, fields: Fields, latest: str, lines_of_customers: bool) -> list[Section]:
    said = Count()
    if profile.kind == "customers":
        return [
            PartySection("", profile.customer, CUSTOMER, fields, profile.name, said, lines=lines_of_customers)
        ]
    if profile.kind == "events":
        return [EventSection("event", profile.event, LONE_EVENT, fields, latest)]
    found: list[Section] = [ShipmentSection(profile.shipment, fields, profile.same_number)]
    found += [
        PartySection(role, party, PARTY, fields, profile.name, said, position=i)
        for i, (role, party) in enumerate(profile.parties.items(), 1)
    ]
    found += [
        ReferenceSection(i, kind, one, fields) for i, (kind, one) in enumerate(profile.references.items(), 1)
    ]
    found += [
        EventSection(f"event:{i}", event, LONE_EVENT, fields, latest)
        for i, event in enumerate(profile.events)
    ]
    found += [LegSection(i, leg, fields) for i, leg in enumerate(profile.legs, 1)]
    found += [PieceSection(f"piece:{i}", piece, fields) for i, piece in enumerate(profile.pieces)]
    return found
