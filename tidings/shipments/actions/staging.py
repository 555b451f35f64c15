"""Puts batches of a file into the staging tables, and keeps its rejected rows apart."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from django.db import connection

from tidings.shipments.importers.base import Reader, Row, Table
from tidings.shipments.importers.fields import BadField

REJECT_COLUMNS = ("rejected_line", "rejected_code", "rejected_because")
Explain = Callable[[BadField], str]
_EXAMPLES = 20


def plainly(bad: BadField) -> str:
    """A reason as codes; edges hand in a function that makes a sentence of it."""
    return f"{bad.reason}: {bad.column}" if bad.column else bad.reason


@dataclass(slots=True)
class Rejects:
    """Rows that could not be taken, written in the file's own dialect with line, code and reason behind their cells."""

    out: BinaryIO
    reader: Reader
    table: Table
    explain: Explain
    reasons: Counter[str] = field(default_factory=Counter)
    examples: list[dict[str, Any]] = field(default_factory=list)
    _write: Callable[[Sequence[str]], None] | None = None

    @property
    def count(self) -> int:
        return self.reasons.total()

    def put(self, row: Row, bad: BadField) -> None:
        """Keeps one row. The cells of an earlier rejection are not kept twice."""
        columns = self.table.columns
        again = tuple(columns[-len(REJECT_COLUMNS) :]) == REJECT_COLUMNS
        width = len(columns) - (len(REJECT_COLUMNS) if again else 0)
        if self._write is None:
            self._write = self.reader.writer(self.table.dialect, self.out)
            self._write([*columns[:width], *REJECT_COLUMNS])
        cells = row.cells if row.wrong else row.cells[:width]
        self._write([*cells, *[""] * (width - len(cells)), str(row.line), bad.reason, self.explain(bad)])
        self.reasons[bad.reason] += 1
        if len(self.examples) < _EXAMPLES:
            value = bad.value[:80].encode("ascii", "backslashreplace").decode() if bad.value else ""
            self.examples.append(
                {"line": row.line, "column": bad.column, "reason": bad.reason, "value": value}
            )


def reject_lines(table: Table, because: Mapping[int, str], rejects: Rejects) -> None:
    """Keeps the rows of an opened file that begin on these lines, found wanting only by the merge, each with its reason."""
    wanted = iter(sorted(because))
    line = next(wanted, None)
    for row in table.rows():
        if line is None:
            return
        if row.line == line:
            rejects.put(row, BadField("", because[line], ""))
            line = next(wanted, None)


class Copying:
    """Writes the texts of a batch into the staging tables of this session. A table may be written from several sources."""

    def __init__(self, columns: Mapping[str, Sequence[str]]) -> None:
        self._statements = {
            table: f"COPY staged_{table.split(':')[0]} ({_quoted(names)}) FROM STDIN"
            for table, names in columns.items()
        }

    def copy(self, texts: Mapping[str, str]) -> None:
        connection.ensure_connection()
        with connection.connection.cursor() as cursor:
            for table, text in texts.items():
                if text:
                    with cursor.copy(self._statements[table]) as copy:
                        copy.write(text)

    def note_broken(self, numbers: Iterable[str]) -> None:
        """Remembers the numbers of shipments of which a line was rejected."""
        connection.ensure_connection()
        with connection.connection.cursor() as cursor:
            cursor.executemany("INSERT INTO staged_broken VALUES (%s)", [(number,) for number in numbers])


def _quoted(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
