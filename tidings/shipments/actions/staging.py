"""Reads a file's rows into the staging tables: maps each, copies them in the background, keeps the rejected ones apart."""

import csv
import gc
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO

from django.db import connection

from tidings.shipments.importers.base import Reader, Row, Table
from tidings.shipments.importers.fields import BadField
from tidings.shipments.importers.mapping import RowMapping
from tidings.shipments.importers.sections import Output

REJECT_COLUMNS = ("rejected_line", "rejected_because")
Explain = Callable[[BadField], str]
_ROWS_PER_COPY = 10_000
_EXAMPLES = 20
_ALLOCATED_PER_COLLECTION = 200_000
_COLLECTED = gc.get_threshold()


def plainly(bad: BadField) -> str:
    """A reason as codes; edges hand in a function that makes a sentence of it."""
    return f"{bad.reason}: {bad.column}" if bad.column else bad.reason


@dataclass(slots=True)
class Rejects:
    """Rows that could not be taken, written in the file's own dialect with line and reason behind their cells."""

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
        width = len(columns) - (2 if tuple(columns[-2:]) == REJECT_COLUMNS else 0)
        if self._write is None:
            self._write = self.reader.writer(self.table.dialect, self.out)
            self._write([*columns[:width], *REJECT_COLUMNS])
        cells = row.cells if row.wrong else row.cells[:width]
        self._write([*cells, *[""] * (width - len(cells)), str(row.line), self.explain(bad)])
        self.reasons[bad.reason] += 1
        if len(self.examples) < _EXAMPLES:
            value = bad.value[:80].encode("ascii", "backslashreplace").decode() if bad.value else ""
            self.examples.append(
                {"line": row.line, "column": bad.column, "reason": bad.reason, "value": value}
            )


def stage(table: Table, mapping: RowMapping, rejects: Rejects, on_copied: Callable[[int], None]) -> int:
    """Copies every good row into the staging tables and gives how many rows the file had.

    While one batch is copied the next one is mapped: the driver waits for the server without holding the interpreter.
    `on_copied` is told how many rows have been read, between copies, on the caller's thread.
    """
    connection.ensure_connection()
    copying = _Copying(mapping)
    count = 0
    rows = table.rows()
    with _seldom_collected(), ThreadPoolExecutor(max_workers=1) as background:
        waiting: Future[None] | None = None
        while batch := list(islice(rows, _ROWS_PER_COPY)):
            count += len(batch)
            mapped = mapping.map(batch)
            for row, bad in mapped.rejected:
                rejects.put(row, bad)
            if waiting is not None:
                waiting.result()
            on_copied(count)
            waiting = background.submit(copying.copy, mapped.output)
        if waiting is not None:
            waiting.result()
    return count


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Looks for cyclic garbage less often: rows make none, and looking through them took a fifth of the mapping."""
    gc.set_threshold(_ALLOCATED_PER_COLLECTION, *_COLLECTED[1:])
    try:
        yield
    finally:
        gc.set_threshold(*_COLLECTED)


def reject_lines(table: Table, lines: Iterable[int], rejects: Rejects, reason: str) -> None:
    """Keeps the rows of an opened file that begin on these lines (ascending), found wanting only by the merge."""
    wanted = iter(lines)
    line = next(wanted, None)
    for row in table.rows():
        if line is None:
            return
        if row.line == line:
            rejects.put(row, BadField("", reason, ""))
            line = next(wanted, None)


class _Copying:
    """Writes a batch into the staging tables over the connection of the thread that made it."""

    def __init__(self, mapping: RowMapping) -> None:
        self._connection: Any = connection.connection
        self._statements = {
            table: f"COPY staged_{table.split(':')[0]} ({_quoted(columns)}) FROM STDIN (FORMAT csv)"
            for table, columns in mapping.columns.items()
        }

    def copy(self, output: Output) -> None:
        with self._connection.cursor() as cursor:
            for table, parts in output.items():
                text = io.StringIO(newline="")
                rows = csv.writer(text, lineterminator="\n")
                for part in parts:
                    rows.writerows(part)
                if text.tell():
                    with cursor.copy(self._statements[table]) as copy:
                        copy.write(text.getvalue())


def _quoted(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
