"""Writes columns as the text that COPY reads (PostgreSQL 15, "COPY", file formats). Pure."""

from collections.abc import Sequence

_NOTHING = r"\N"
_SPECIAL = ("\\", "\t", "\n", "\r")
_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def copy_text(parts: Sequence[Sequence[Sequence[str | None]]]) -> str:
    """The rows of all parts, each part given as its columns; None is null."""
    return "".join([_rows(columns) for columns in parts])


def _rows(columns: Sequence[Sequence[str | None]]) -> str:
    rows = "\n".join(map("\t".join, zip(*map(_cells, columns), strict=True)))
    return rows + "\n" if rows else ""


def _cells(column: Sequence[str | None]) -> Sequence[str]:
    """Looks for what must be escaped in all cells at once: several times as fast as the csv module (2026-11)."""
    nothing = None in column
    joined = "".join(filter(None, column))
    if any(sign in joined for sign in _SPECIAL):
        column = [cell and cell.translate(_ESCAPED) for cell in column]
    return [_NOTHING if cell is None else cell for cell in column] if nothing else column  # type: ignore[return-value]
