"""Many readers' values, each thing said once: what shipments of most readers differ in is their numbers. Pure.

It says exactly what `wording` says; whoever's lines are out of the ordinary gets their values from there.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tidings.messaging.rules.wording import (
    ROWS_IN_A_MESSAGE,
    Line,
    Reader,
    common_values,
    listed,
    own_values,
    row_values,
    tells_a_time,
)

_MARK = "\0"
"""Stands for the first shipment's number in what many readers share: no value holds it."""
_OUT_OF_THE_ORDINARY = frozenset({"of", "service", "choose_by", "in_name"})
_MOST_KEPT = 4096
Said = tuple[Mapping[str, str], Sequence[Mapping[str, str]]]
_Told = tuple[tuple[str, object], ...]


class Speaker:
    """Says the values of readers of one language and zone. `times` are the moments of the message's own facts."""

    def __init__(self, reader: Reader, times: Mapping[str, datetime]) -> None:
        self._reader = reader
        self._common = common_values(reader, times)
        self._rows: dict[_Told, tuple[dict[str, str], bool]] = {}
        self._shared: dict[tuple[int, _Told, bool], tuple[dict[str, str], list[str]]] = {}

    def values(self, name: str, lines: Sequence[Line], code: str, link: str = "") -> Said:
        """One reader's slots outside the rows, and those of each row."""
        if 0 < len(lines) <= ROWS_IN_A_MESSAGE and all(map(_OUT_OF_THE_ORDINARY.isdisjoint, lines)):
            try:
                return self._ordinary(name, lines, code, link)
            except TypeError:  # a list among what is told, such as pieces: it cannot be looked up
                pass
        slots = own_values(self._reader, name, lines, self._common, code, link)
        return slots, [row_values(line, self._reader) for line in listed(lines)]

    def _ordinary(self, name: str, lines: Sequence[Line], code: str, link: str) -> Said:
        rows, timed = [], False
        for line in reversed(lines):
            rest = dict(line)
            number = str(rest.pop("waybill", ""))
            told = tuple(rest.items())
            row, tells_a_time = self._rows.get(told) or self._row(told, line)
            rows.append({**row, "waybill": number})
            timed = timed or tells_a_time
        rows.reverse()
        key = (len(lines), told, timed)
        shared, numbered = self._shared.get(key) or self._share(key, lines)
        slots = {**shared, "code": code, "link": link}
        if own := name.strip():
            slots["name"] = own
        for slot in numbered:
            slots[slot] = shared[slot].replace(_MARK, number)
        return slots, rows

    def _row(self, told: _Told, line: Line) -> tuple[dict[str, str], bool]:
        if len(self._rows) >= _MOST_KEPT:
            self._rows.clear()
        row = self._rows[told] = row_values(line, self._reader), tells_a_time(line)
        return row

    def _share(self, key: tuple[int, _Told, bool], lines: Sequence[Line]) -> tuple[dict[str, str], list[str]]:
        """What all have in common who have as many shipments, the first of which is told the same."""
        if len(self._shared) >= _MOST_KEPT:
            self._shared.clear()
        first = {**lines[0], "waybill": _MARK}
        said = own_values(self._reader, "", [first, *lines[1:]], self._common, "", "")
        shared = self._shared[key] = said, [slot for slot, value in said.items() if _MARK in value]
        return shared
