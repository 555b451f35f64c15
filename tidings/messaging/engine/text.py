"""The frozen form of one text: what the compiler takes, and what `FrozenText.source` holds as JSON.

    {"subject": ["Delay: ", {"slot": "your_shipments"}],
     "paragraphs": [["greeting", ["Dear ", {"slot": "name"}, ","]],
                    ["shipment", [{"slot": "waybill"}, ": ", {"slot": "effect"}]]]}

A piece is a string, said as it is, or a slot, filled per person. Everything that all readers share is a string by now:
nothing in it is ever read as template. A paragraph's first part names what it is for; one called `shipment` is the row,
repeated for each of the reader's shipments, and its slots are those of the row. Paragraphs called `shipment` stand
together. A line break inside a string stays a line break; https:// addresses become links in the HTML part.
Other keys (the short form for other channels) are not looked at.

`code` is a slot that the engine fills itself where the renderer does not: the mark that shows the message is ours.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ROW = "shipment"


class TextProblem(Exception):
    """A frozen text that cannot be compiled: `subject_missing`, `body_missing`, `row_twice` or `control_character`."""

    def __init__(self, code: str, where: str = "") -> None:
        super().__init__(f"{code} {where}".strip())
        self.code, self.where = code, where


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that stays open until the reader is known."""

    name: str


Piece = str | Slot


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What it is for, and its pieces."""

    block: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """One language of a message as it will go by e-mail."""

    subject: tuple[Piece, ...]
    paragraphs: tuple[Paragraph, ...]

    @classmethod
    def load(cls, source: str) -> "Text":
        """Reads the JSON form. Raises TextProblem where subject or body is missing, or the row stands in two places."""
        kept: Mapping[str, Any] = json.loads(source)
        text = cls(
            _pieces(kept.get("subject", ())),
            tuple(Paragraph(block, _pieces(pieces)) for block, pieces in kept.get("paragraphs", ())),
        )
        if not text.subject:
            raise TextProblem("subject_missing")
        if not text.paragraphs:
            raise TextProblem("body_missing")
        rows = [at for at, paragraph in enumerate(text.paragraphs) if paragraph.block == ROW]
        if rows and rows[-1] - rows[0] + 1 != len(rows):
            raise TextProblem("row_twice")
        return text

    def dump(self) -> str:
        """The JSON form."""
        return json.dumps(
            {
                "subject": _plain(self.subject),
                "paragraphs": [[paragraph.block, _plain(paragraph.pieces)] for paragraph in self.paragraphs],
            },
            ensure_ascii=False,
        )


def _pieces(kept: Sequence[Any]) -> tuple[Piece, ...]:
    return tuple(piece if isinstance(piece, str) else Slot(piece["slot"]) for piece in kept)


def _plain(pieces: Sequence[Piece]) -> list[Any]:
    return [piece if isinstance(piece, str) else {"slot": piece.name} for piece in pieces]
