"""CSV of any dialect: the encoding, the delimiter and the line ends are found out or declared.

A record that cannot be read (an open quote, too long a cell) gives one wrong row and reading goes on at the next line;
it never swallows the rest of the file.
"""

import codecs
import csv
import io
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from tidings.kernel.errors import Refused
from tidings.shipments.importers.base import Declared, Dialect, Reader, Row, Table
from tidings.shipments.importers.encoding import find_encoding

MAX_CELL = 32_768
MAX_COLUMNS = 400
_DELIMITERS = ",;\t|"
_SAMPLE_RECORDS = 40
_HEAD_CHARACTERS = 1 << 17

csv.field_size_limit(MAX_CELL)


class Csv(Reader):
    """Text in columns: comma, semicolon, tab or bar between them; CR, LF or both at the end of a line."""

    code = "csv"
    suffixes = (".csv", ".tsv", ".txt")

    def open(self, stream: BinaryIO, declared: Declared) -> Table:
        return CsvTable(stream, declared)

    def writer(self, dialect: Dialect, out: BinaryIO) -> Callable[[Sequence[str]], None]:
        if dialect.byte_order_mark:
            out.write("\ufeff".encode(dialect.encoding))
        text = io.StringIO(newline="")
        lines = csv.writer(
            text, delimiter=dialect.delimiter, quotechar=dialect.quote, lineterminator=dialect.line_end
        )
        on_error = "surrogateescape" if dialect.encoding == "utf-8" else "replace"

        def write(cells: Sequence[str]) -> None:
            lines.writerow([_shown(cell) for cell in cells])
            out.write(text.getvalue().encode(dialect.encoding, on_error))
            text.seek(0)
            text.truncate()

        return write


class CsvTable(Table):
    """A CSV file being read. `bytes_read()` tells how far."""

    def __init__(self, stream: BinaryIO, declared: Declared) -> None:
        encoding, mark = find_encoding(stream, declared.encoding)
        self._stream = stream
        start = stream.tell()
        head = _decoded_head(stream, encoding)
        stream.seek(start)
        delimiter = declared.delimiter or _find_delimiter(head, declared.quote)
        self.dialect = Dialect(encoding, mark, delimiter, declared.quote, _line_end(head))
        text = io.TextIOWrapper(_Unclosed(stream), encoding, errors=_on_error(encoding), newline="")
        self._lines = _Lines(text)
        self._records = self._read(declared.quote)
        first = next(self._records, None)
        if first is None or first.wrong or not any(cell.strip() for cell in first.cells):
            raise Refused("shipments.file_has_no_columns")
        if len(first.cells) > MAX_COLUMNS:
            raise Refused("shipments.file_has_too_many_columns", columns=len(first.cells), most=MAX_COLUMNS)
        self.columns = (
            _named(first.cells) if declared.header else [str(i + 1) for i in range(len(first.cells))]
        )
        self._again = None if declared.header else first

    def rows(self) -> Iterator[Row]:
        if self._again is not None:
            yield self._again
        width = len(self.columns)
        for row in self._records:
            cells = row.cells
            if len(cells) != width and not row.wrong:
                if len(cells) < 2 and not "".join(cells).strip():
                    continue
                row.wrong = "cell_count"
            yield row

    def bytes_read(self) -> int:
        return self._stream.tell()

    def _read(self, quote: str) -> Iterator[Row]:
        """Reads records, remembering the lines of the one at hand: those after a broken one's first are read again."""
        lines, held = self._lines, self._lines.held
        delimiter, before = self.dialect.delimiter, 0
        reader = csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True)
        while True:
            held.clear()
            line = before + reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                raw = lines.give_back_all_but_first()
                yield Row(line, raw.rstrip("\r\n").split(delimiter), "unreadable")
                before = line
                reader = csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True)
            else:
                yield Row(line, cells)


class _Lines:
    """Physical lines for the csv module; `held` are those it took for the record at hand."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.held: list[str] = []
        self._again: deque[str] = deque()
        self._text = text

    def __iter__(self) -> Iterator[str]:
        again, hold, text = self._again, self.held.append, self._text
        while True:
            line = again.popleft() if again else text.readline()
            if not line:
                return
            hold(line)
            yield line

    def give_back_all_but_first(self) -> str:
        """The record's first line; the lines after it will be read again."""
        first, *rest = self.held
        self._again.extendleft(reversed(rest))
        return first


class _Unclosed(io.BufferedReader):
    """Keeps TextIOWrapper from closing a stream that belongs to the caller."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(_Raw(stream), 1 << 18)


class _Raw(io.RawIOBase):
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the stub wants any writable buffer
        piece = self._stream.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def _on_error(encoding: str) -> str:
    """Undecodable bytes become marks that the mapping refuses, row by row; where it can be, the bytes are kept."""
    return "surrogateescape" if encoding == "utf-8" else "replace"


def _shown(cell: str) -> str:
    """A formula in a rejected cell must not run when the file is opened to be mended."""
    return "'" + cell if cell.startswith(("=", "@")) else cell


def _decoded_head(stream: BinaryIO, encoding: str) -> str:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    return decoder.decode(stream.read(_HEAD_CHARACTERS))


def _line_end(head: str) -> str:
    counted = Counter({end: head.count(end) for end in ("\r\n", "\n", "\r")})
    both = counted["\r\n"]
    if both and both * 2 >= max(counted["\n"], counted["\r"]):
        return "\r\n"
    return "\r" if counted["\r"] > counted["\n"] else "\n"


def _find_delimiter(head: str, quote: str) -> str:
    """The delimiter that cuts most records of the head into the same number of cells, more than one."""

    def agreement(delimiter: str) -> tuple[int, int]:
        lines = io.StringIO(head, newline="")
        widths: list[int] = []
        reader = csv.reader(lines, delimiter=delimiter, quotechar=quote)
        try:
            for cells in reader:
                if cells:
                    widths.append(len(cells))
                if len(widths) == _SAMPLE_RECORDS:
                    break
        except csv.Error:
            pass
        if len(widths) > 1 and len(widths) < _SAMPLE_RECORDS and len(head) == _HEAD_CHARACTERS:
            widths.pop()
        width = widths[0] if widths else 1
        return (sum(1 for w in widths if w == width), width) if width > 1 else (0, 0)

    best = max(_DELIMITERS, key=agreement)
    return best if agreement(best) > (0, 0) else ","


def _named(cells: Sequence[str]) -> list[str]:
    """Column names without blanks around; a name that stands twice gets ` (2)`, an empty one its place."""
    seen: Counter[str] = Counter()
    names = []
    for place, cell in enumerate(cells, 1):
        name = " ".join(cell.split()) or f"#{place}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names
