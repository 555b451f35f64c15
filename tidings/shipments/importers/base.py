"""What every format gives: a table of named columns whose rows stream past. Readers are pure: bytes in, rows out.

A format is one file in this folder with one `Reader`; the registry finds it. Rows are text cells; the profile gives
them meaning (`mapping.py`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Declared:
    """What a profile says of the file; an empty word means: find out."""

    encoding: str = ""
    delimiter: str = ""
    quote: str = '"'
    header: bool = True


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the file turned out to be written; a reject file is written the same way."""

    encoding: str
    byte_order_mark: bool
    delimiter: str
    quote: str
    line_end: str


@dataclass(slots=True)
class Row:
    """One record: the line it begins on (from 1) and its cells; `wrong` says why it could not be read, if so."""

    line: int
    cells: list[str]
    wrong: str = ""


class Table:
    """An opened file: its dialect, its columns, and `rows()` once from the first to the last.

    Raises Refused for a file that is no table at all.
    """

    dialect: Dialect
    columns: list[str]

    def rows(self) -> Iterator[Row]:
        raise NotImplementedError

    def bytes_read(self) -> int:
        """How many bytes of the stream have been read; a little ahead of the row that was given."""
        raise NotImplementedError


class Reader:
    """A format. `code` names it in profiles, `suffixes` are the usual endings of its files; `whole`: a part says nothing."""

    code = ""
    suffixes: tuple[str, ...] = ()
    whole = False

    def open(self, stream: BinaryIO, declared: Declared) -> Table:
        """Reads the head of a seekable stream. Raises Refused("shipments.file_…") when it cannot be this format."""
        raise NotImplementedError

    def writer(self, dialect: Dialect, out: BinaryIO) -> Callable[[Sequence[str]], None]:
        """A function that writes one row in the same dialect, for the file of rejected rows."""
        raise NotImplementedError
