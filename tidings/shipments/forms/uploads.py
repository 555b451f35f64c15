"""A kept file as the import pages look at it: how it is written, its columns, and its first rows."""

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import BinaryIO

from django.core import signing

from tidings.kernel import files
from tidings.kernel.errors import Missing, Refused
from tidings.kernel.registry import plugins
from tidings.shipments.importers.base import Declared, Dialect, Reader, Row
from tidings.shipments.importers.cells import FORBIDDEN

PREVIEW_ROWS = 20
_EXAMPLE_ROWS = 200
_EXAMPLES = 3
_HEAD_BYTES = 1 << 20
_SALT = "tidings.shipments.upload"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody sent: where it is kept, what they called it, and how it is written."""

    digest: str
    name: str
    format: str
    encoding: str
    delimiter: str
    line_end: str
    bytes: int

    @property
    def token(self) -> str:
        """This, signed, for an address: nobody can make one for a file that was not sent here for import."""
        return signing.dumps(asdict(self), salt=_SALT, compress=True)


@dataclass(frozen=True, slots=True)
class Head:
    """How a file is written, its first rows, and per column a few values that differ, and more of them to judge by."""

    dialect: Dialect
    columns: list[str]
    rows: list[Row]
    examples: list[list[str]]
    samples: list[list[str]]

    @property
    def width(self) -> int:
        return len(self.columns)


def upload_of(token: str) -> Upload:
    """What a token stands for. Raises Missing("import.file_missing") for one that is not ours."""
    try:
        return Upload(**signing.loads(token, salt=_SALT))
    except (signing.BadSignature, TypeError):
        raise Missing("import.file_missing") from None


def recognised(stream: BinaryIO, digest: str, name: str) -> Upload:
    """Finds out how a file is written, whatever it is called. Raises Refused with a reason where it is no table."""
    size = stream.seek(0, 2)
    stream.seek(0)
    reader = reader_for(name)
    table = reader.open(stream, Declared())
    if any(FORBIDDEN.search(column) for column in table.columns):
        raise Refused("shipments.file_is_binary")
    dialect = table.dialect
    return Upload(
        digest, name[-200:], reader.code, dialect.encoding, dialect.delimiter, dialect.line_end, size
    )


def head_of(upload: Upload) -> Head:
    """The head of a kept file. Reads no more than its first megabyte, however large it is, unless only the whole says anything."""
    pieces, size, reader = [], 0, _reader(upload.format)
    for piece in files.stream(upload.digest):
        pieces.append(piece)
        size += len(piece)
        if size >= _HEAD_BYTES and not reader.whole:
            break
    encoding = "" if upload.encoding.startswith("utf-32") else upload.encoding  # has a mark, which tells
    declared = Declared(encoding=encoding, delimiter=upload.delimiter)
    table = reader.open(io.BytesIO(b"".join(pieces)), declared)
    rows = list(islice(table.rows(), _EXAMPLE_ROWS))
    samples = [_differing(rows, at) for at in range(len(table.columns))]
    return Head(
        table.dialect, table.columns, rows[:PREVIEW_ROWS], [one[:_EXAMPLES] for one in samples], samples
    )


def reader_for(name: str) -> Reader:
    """The reader of the format that a file's name ends in; CSV where the ending says nothing."""
    for reader in _readers().values():
        if name.lower().endswith(reader.suffixes):
            return reader()
    return _reader("csv")


def _reader(code: str) -> Reader:
    known = _readers()
    if code not in known:
        raise Refused("shipments.format_unknown", format=code, known=", ".join(known))
    return known[code]()


def _readers() -> dict[str, type[Reader]]:
    return plugins("tidings.shipments.importers", Reader)


def _differing(rows: Sequence[Row], at: int) -> list[str]:
    found = dict.fromkeys(row.cells[at].strip() for row in rows if len(row.cells) > at and not row.wrong)
    return [value for value in found if value][:50]
