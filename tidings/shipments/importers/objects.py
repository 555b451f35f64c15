"""A JSON list of flat objects: every key is a column. What programs send to /api/events is read by it."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

from tidings.kernel.errors import Refused
from tidings.shipments.importers.base import Declared, Dialect, Reader, Row, Table

MOST_BYTES = 64 << 20
AS_CSV = Dialect("utf-8", False, ",", '"', "\r\n")
"""How the rejected rows of a JSON file are written, since a row of it is no text by itself."""


class Objects(Reader):
    """`[{"waybill": "123", "code": "arrived", …}, …]`, read whole."""

    code = "objects"
    whole = True

    def open(self, stream: BinaryIO, declared: Declared) -> Table:  # noqa: ARG002 - JSON declares itself
        read = read_json(stream)
        if not isinstance(read, list) or not all(isinstance(one, dict) for one in read):
            raise Refused("shipments.json_no_list", at="$")
        columns = list(dict.fromkeys(str(key) for one in read for key in one))
        if not columns:
            raise Refused("shipments.file_has_no_columns")
        rows = [Row(at, [_cell(one.get(name)) for name in columns]) for at, one in enumerate(read, 1)]
        return Rows(columns, rows, stream.tell())

    def writer(self, dialect: Dialect, out: BinaryIO) -> Callable[[Sequence[str]], None]:
        return csv_writer(dialect, out)


class Rows(Table):
    """Rows that were read whole."""

    def __init__(self, columns: list[str], rows: list[Row], size: int) -> None:
        self.dialect, self.columns = AS_CSV, columns
        self._rows, self._size = rows, size

    def rows(self) -> Iterator[Row]:
        yield from self._rows

    def bytes_read(self) -> int:
        return self._size


def read_json(stream: BinaryIO) -> Any:
    """The whole stream as JSON, in UTF-8. Raises Refused with the line and column where it ends being JSON."""
    stream.seek(0)
    text = stream.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise Refused("shipments.json_too_large", megabytes=MOST_BYTES >> 20)
    try:
        return json.loads(text.decode("utf-8-sig"))
    except json.JSONDecodeError as wrong:
        raise Refused("shipments.json_unreadable", line=wrong.lineno, column=wrong.colno) from None
    except (UnicodeDecodeError, RecursionError):
        raise Refused("shipments.json_unreadable", line=1, column=1) from None


def csv_writer(dialect: Dialect, out: BinaryIO) -> Callable[[Sequence[str]], None]:
    """Writes rows as CSV that a spreadsheet opens without running anything in it."""
    text = io.StringIO(newline="")
    lines = csv.writer(text, delimiter=dialect.delimiter, lineterminator=dialect.line_end)

    def write(cells: Sequence[str]) -> None:
        lines.writerow([f"'{cell}" if cell.startswith(("=", "@")) else cell for cell in cells])
        out.write(text.getvalue().encode("utf-8", "replace"))
        text.seek(0)
        text.truncate()

    return write


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
