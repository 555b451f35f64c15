"""The template language of messages: text, slots and one repeating shipment row. Reads it; `compile.py` encodes it.

A text is a file `texts/<kind>/<phase>.<lang>`, UTF-8:

    Delay at {place}: your shipments with us
                                                        ← an empty line ends the subject
    Dear {name},

    Because of {what_happened} …                        ← paragraphs are divided by empty lines,
    a line break inside one stays a line break.

    - a paragraph of lines that all begin with "- "     ← is a list
    - like this one

    {#shipments}                                        ← the row, at most once, its marks on lines of their own;
    {waybill}: {effect}, {place}, expected {expected_at}
    {/shipments}                                        ← what stands between is said once per shipment of this person

    You hear from us again before {next_update_by}. https://status.example.org/

Slots are `{lower_case_names}`; `{{` and `}}` are braces. There are three kinds, told apart by their names:

* **personal**, the same in every text, filled per person: `name`, `shipment_count`, `code` (shows that the message is ours);
* **row**, only inside the shipment row: whatever a shipment line holds (`waybill`, `effect`, `place`, `expected_at` …);
* **shared**: every other name is a fact of the message, known when it is frozen. Inside the row a fact may be used too;
  the person's own line wins where both have the name.

There are no conditions: a variant is chosen before freezing. `https://…` becomes a link in the HTML part. Nothing in a
value is ever read as template: a fact or name that holds `{name}` or `<b>` shows just that.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

PERSONAL = frozenset({"name", "shipment_count", "code"})
_TOKEN = re.compile(r"\{\{|\}\}|\{([a-z][a-z0-9_]*)\}|\{|\}")
_ROW_BEGIN, _ROW_END = "{#shipments}", "{/shipments}"


class TextProblem(Exception):
    """A text that cannot be used: a stable code, and the line (from 1) or slot at fault.

    Codes: `subject_missing`, `body_missing`, `row_unclosed`, `row_twice`, `row_unopened`, `brace`, `slot_unknown`,
    `control_character`, `subject_lines`.
    """

    def __init__(self, code: str, *, line: int = 0, slot: str = "") -> None:
        super().__init__(code)
        self.code, self.line, self.slot = code, line, slot

    def __str__(self) -> str:
        return " ".join(
            part for part in (self.code, self.slot, f"line {self.line}" if self.line else "") if part
        )


@dataclass(frozen=True, slots=True)
class Slot:
    """A placeholder by its name."""

    name: str


Piece = str | Slot


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines of pieces, spoken together; `kind` is `text`, `list` or `row` (the shipment row)."""

    kind: str
    lines: tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A text, read: the subject's pieces and the paragraphs in order."""

    subject: tuple[Piece, ...]
    paragraphs: tuple[Paragraph, ...]

    @property
    def shared_slots(self) -> frozenset[str]:
        """The facts that a message must know before it can be frozen; names used only in the row are not among them."""
        outside = [
            piece for part in self.paragraphs if part.kind != "row" for line in part.lines for piece in line
        ]
        return frozenset(p.name for p in [*self.subject, *outside] if isinstance(p, Slot)) - PERSONAL

    @property
    def row_slots(self) -> frozenset[str]:
        """The names used inside the shipment row."""
        inside = [
            piece for part in self.paragraphs if part.kind == "row" for line in part.lines for piece in line
        ]
        return frozenset(p.name for p in inside if isinstance(p, Slot))


@dataclass(frozen=True, slots=True)
class Text:
    """What is frozen, per language and channel: the template, its facts in words, and the words of coded row values.

    `words` gives per row slot the text of each code: {"effect": {"delayed": "vertraagd"}}; the code "" stands for a value
    that is not known. Row slots that end in `_at` or `_by` hold ISO 8601 times and are shown in the reader's time zone.
    """

    template: str
    language: str
    facts: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def dump(self) -> str:
        """As kept in `FrozenText.source`."""
        return json.dumps(
            {
                "template": self.template,
                "language": self.language,
                "facts": dict(self.facts),
                "words": self.words,
            },
            ensure_ascii=False,
        )

    @classmethod
    def load(cls, source: str) -> "Text":
        """Back from `dump`."""
        return cls(**json.loads(source))


def parse(source: str) -> Template:
    """Reads a text. Raises TextProblem with the line at fault."""
    lines = source.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise TextProblem("subject_missing", line=1)
    if first + 1 < len(lines) and lines[first + 1].strip():
        raise TextProblem("subject_lines", line=first + 2)
    subject = _pieces(lines[first].strip(), first + 1)
    paragraphs = _paragraphs(lines, first + 1)
    if not paragraphs:
        raise TextProblem("body_missing", line=first + 2)
    return Template(subject, tuple(paragraphs))


def _paragraphs(lines: list[str], start: int) -> list[Paragraph]:
    found: list[Paragraph] = []
    pending: list[tuple[int, str]] = []
    row_since = 0
    for number, line in enumerate(lines[start:], start + 1):
        mark = line.strip()
        if mark == _ROW_BEGIN:
            if row_since or any(part.kind == "row" for part in found):
                raise TextProblem("row_twice", line=number)
            _close(found, pending, row=False)
            row_since = number
        elif mark == _ROW_END:
            if not row_since:
                raise TextProblem("row_unopened", line=number)
            _close(found, pending, row=True)
            row_since = 0
        elif mark or row_since:
            pending.append((number, line.rstrip()))
        else:
            _close(found, pending, row=False)
    if row_since:
        raise TextProblem("row_unclosed", line=row_since)
    _close(found, pending, row=False)
    return found


def _close(found: list[Paragraph], pending: list[tuple[int, str]], *, row: bool) -> None:
    if not pending:
        return
    is_list = not row and all(line.startswith("- ") for _, line in pending)
    kind = "row" if row else "list" if is_list else "text"
    found.append(
        Paragraph(kind, tuple(_pieces(line[2:] if is_list else line, number) for number, line in pending))
    )
    pending.clear()


def _pieces(line: str, number: int) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    literal, at = "", 0
    for token in _TOKEN.finditer(line):
        literal += line[at : token.start()]
        at = token.end()
        if token[1]:
            pieces += [literal, Slot(token[1])] if literal else [Slot(token[1])]
            literal = ""
        elif token[0] in ("{{", "}}"):
            literal += token[0][0]
        else:
            raise TextProblem("brace", line=number)
    literal += line[at:]
    if any(ord(character) < 32 and character != "\t" for character in literal):
        raise TextProblem("control_character", line=number)
    return tuple([*pieces, literal] if literal else pieces)
