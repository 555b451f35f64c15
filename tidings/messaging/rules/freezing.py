"""A text, its facts and the firm's voice become the words that go: nothing is open any more but the reader's own slots.

What people wrote is kept apart from slots from here on, so that a `{name}` in somebody's sentence stays just that. Pure.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tidings.messaging.rules.content import FREE_FACTS, TIME_FACTS
from tidings.messaging.rules.template import (
    READER_SLOTS,
    ROW,
    ROW_SLOTS,
    Block,
    Template,
    chosen_blocks,
    first_fillable,
    slots_in,
)
from tidings.messaging.rules.wording import Words

_PIECES = re.compile(r"\{([a-z_]+)\}")
_BEFORE_THESE = ("when_next", "where_to_turn", "sign_off")
_GREETING = "greeting"
LINK = "link"
ON_BEHALF = "on_behalf"
"""The block and the slot of the sentence that names the client in whose name we write: after the greeting of every message
to customers, also where a firm's own text has no place for it. It says nothing to everybody else.
"""
_TIMES = TIME_FACTS | {f"{name}_short" for name in TIME_FACTS}


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that stays open until the reader is known."""

    name: str


Piece = str | Slot
Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph. `block` tells what it is for; the one called `shipment` repeats for each of the reader's shipments."""

    block: str
    pieces: Pieces


@dataclass(frozen=True, slots=True)
class FrozenWords:
    """One language of a message as it will go. `said` are the facts of the contract that it holds."""

    language: str
    subject: Pieces
    short: Pieces
    paragraphs: tuple[Paragraph, ...]
    said: tuple[str, ...] = ()
    open_slots: tuple[str, ...] = field(default=())
    headline: Pieces = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "subject": _plain(self.subject),
            "short": _plain(self.short),
            "headline": _plain(self.headline),
            "paragraphs": [[p.block, _plain(p.pieces)] for p in self.paragraphs],
        }


def freeze_words(
    template: Template, words: Words, facts: Mapping[str, str], voice: Mapping[str, str], *, drill: bool
) -> FrozenWords:
    """Fills all but the reader's slots. `facts` are those of this language over those of every language.

    `voice` holds firm, phone, where_to_look, event; an empty value counts as not known. With a `link` in it, the address
    of readers' own pages, each reader's link has its place; it stays open. What could not be said is missing from `said`,
    and the slots that stood in the way are in `open_slots`.
    """
    closed = {**voice, **facts}
    values = {
        name: value.strip() for name, value in closed.items() if value and name not in TIME_FACTS | {LINK}
    }
    times = {name for name in _TIMES if facts.get(name.removesuffix("_short"))}
    unknown = _TIMES if voice.get(LINK) else _TIMES | {LINK}
    known = frozenset(values) | (READER_SLOTS - unknown) | times
    told = {name: text for name, text in values.items() if name in FREE_FACTS}
    shape = _with_places_for(template, told)
    blocks = {block.name: block for block in chosen_blocks(shape, known)}
    paragraphs = [
        paragraph
        for name in shape.names()
        for paragraph in _paragraphs(name, blocks.get(name), told.get(name), values)
    ]
    if ROW in shape.names():
        _name_the_client(paragraphs)
    if drill:
        paragraphs.insert(0, Paragraph("exercise", (words.say("exercise_note"),)))
    said = {paragraph.block for paragraph in paragraphs} & FREE_FACTS
    return FrozenWords(
        words.language,
        _header(template, "subject", known, values, words, drill=drill),
        _header(template, "short", known, values, words, drill=drill),
        tuple(paragraphs),
        tuple(sorted(said)),
        tuple(sorted(_in_the_way(shape, known, said))),
        _header(template, "headline", known, values, words, drill=drill),
    )


def _name_the_client(paragraphs: list[Paragraph]) -> None:
    slot = Slot(ON_BEHALF)
    if not any(slot in paragraph.pieces for paragraph in paragraphs):
        greeted = [at for at, paragraph in enumerate(paragraphs, 1) if paragraph.block == _GREETING]
        paragraphs.insert(max(greeted, default=0), Paragraph(ON_BEHALF, (slot,)))


def words_of_json(language: str, kept: Mapping[str, Any]) -> FrozenWords:
    """The frozen words as they were kept."""
    return FrozenWords(
        language,
        _pieces(kept["subject"]),
        _pieces(kept["short"]),
        tuple(Paragraph(block, _pieces(pieces)) for block, pieces in kept["paragraphs"]),
        headline=_pieces(kept.get("headline", ())),
    )


def said_to(
    words: FrozenWords, values: Mapping[str, str], rows: Sequence[Mapping[str, str]]
) -> tuple[str, str, tuple[str, ...]]:
    """Subject, short form and paragraphs with one reader's values in the open slots; the row once per shipment."""
    paragraphs: list[str] = []
    for paragraph in words.paragraphs:
        filled = (
            [_say(paragraph.pieces, row) for row in rows]
            if is_row(paragraph)
            else [_say(paragraph.pieces, values)]
        )
        paragraphs += [text for text in filled if text.strip()]
    return _say(words.subject, values), _say(words.short, values), tuple(paragraphs)


def headline_said(words: FrozenWords, values: Mapping[str, str]) -> str:
    """The line for a status page, with its times as `values` say them; empty where the text has none."""
    return _say(words.headline, values)


def _say(pieces: Pieces, values: Mapping[str, str]) -> str:
    return "".join(piece if isinstance(piece, str) else values.get(piece.name, "") for piece in pieces)


def _header(
    template: Template,
    name: str,
    known: frozenset[str],
    values: Mapping[str, str],
    words: Words,
    *,
    drill: bool,
) -> Pieces:
    chosen = first_fillable(template.headers.get(name, ()), known)
    if chosen is None:
        return ()
    pieces = _split(" ".join(chosen.split()), values)
    return (words.say("exercise") + words.between_sentences, *pieces) if drill else pieces


def _paragraphs(
    name: str, block: Block | None, told: str | None, values: Mapping[str, str]
) -> list[Paragraph]:
    if told is not None:
        return [Paragraph(name, (part,)) for part in _parts(told)]
    return [Paragraph(name, _split(part, values)) for part in _parts(block.text)] if block else []


def _with_places_for(template: Template, told: Mapping[str, str]) -> Template:
    """The template with an empty block for each told fact that it has no place for, before the promise of the next news."""
    names = template.names()
    absent = [Block(name, "") for name in told if name not in names]
    cut = next(
        (i for i, block in enumerate(template.blocks) if block.name in _BEFORE_THESE), len(template.blocks)
    )
    return Template(template.headers, (*template.blocks[:cut], *absent, *template.blocks[cut:]))


def _in_the_way(template: Template, known: frozenset[str], said: set[str]) -> set[str]:
    blocks = [block for block in template.blocks if block.name in FREE_FACTS and block.name not in said]
    return {slot for block in blocks for slot in slots_in(block.text)} - known - ROW_SLOTS - {LINK}


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]


def _split(text: str, values: Mapping[str, str]) -> Pieces:
    """Text and slots apart; the slots with a value become text."""
    pieces: list[Piece] = []
    for position, part in enumerate(_PIECES.split(text)):
        piece: Piece = part if position % 2 == 0 else (values[part] if part in values else Slot(part))
        if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += piece
        elif piece != "":
            pieces.append(piece)
    return tuple(pieces)


def _plain(pieces: Pieces) -> list[Any]:
    return [piece if isinstance(piece, str) else {"slot": piece.name} for piece in pieces]


def _pieces(kept: Sequence[Any]) -> Pieces:
    return tuple(piece if isinstance(piece, str) else Slot(piece["slot"]) for piece in kept)


def is_row(paragraph: Paragraph) -> bool:
    """Whether it repeats for each of the reader's shipments."""
    return paragraph.block == ROW
