"""What a reader will see: the words as they stand now, or as they were frozen, with a reader's values in the open slots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tidings.messaging import texts
from tidings.messaging.models import Freeze, Message, MessageText, Recipient
from tidings.messaging.queries.texts import voice
from tidings.messaging.rules.content import CONTRACTS, TIME_FACTS
from tidings.messaging.rules.freezing import FrozenWords, freeze_words, said_to, words_of_json
from tidings.messaging.rules.template import read_template
from tidings.messaging.rules.wording import Line, Reader, code_of, reader_values, row_values

SAMPLE_CODE = "0000-0000"
ROWS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Preview:
    """One language as one reader sees it. `missing` are facts of the contract that it does not tell yet."""

    language: str
    subject: str
    short: str
    paragraphs: tuple[str, ...]
    missing: tuple[str, ...] = ()


def words_now(message: Message, text: MessageText) -> FrozenWords:
    """The words of one language as they would be frozen now."""
    words = texts.words(text.language)
    said = voice()
    event = words.entries.get(f"kind.{message.kind}") or words.say("kind.general")
    given = {"firm": said.firm, "phone": said.phone, "where_to_look": said.where_to_look, "event": event}
    return freeze_words(read_template(text.source), words, text.facts, given, drill=message.drill)


def preview_of(message: Message, text: MessageText, now: datetime) -> Preview:
    """One language as it stands, for a made-up reader with one delayed shipment."""
    words = words_now(message, text)
    times = {name: datetime.fromisoformat(text.facts[name]) for name in TIME_FACTS if text.facts.get(name)}
    lines = [
        {"waybill": "1234567890", "effect": "delayed", "expected_at": (now + timedelta(days=2)).isoformat()}
    ]
    reader = Reader(texts.words(text.language), _zone(text.language), now.year)
    missing = [fact for fact in CONTRACTS[message.phase].required if fact not in words.said]
    return _as_read(words, reader, "", lines, times, SAMPLE_CODE, tuple(missing))


def told_to(freeze: Freeze, recipient: Recipient) -> Preview | None:
    """What one recipient was told, as they read it; None where their language is not among the frozen ones."""
    kept = freeze.words.get(recipient.language)
    if kept is None:
        return None
    times = {name: datetime.fromisoformat(at) for name, at in kept["moments"].items()}
    reader = Reader(texts.words(recipient.language), recipient.time_zone, kept["year"])
    words = words_of_json(recipient.language, kept)
    return _as_read(words, reader, recipient.name, recipient.lines, times, code_of(recipient.pk), ())


def _as_read(
    words: FrozenWords,
    reader: Reader,
    name: str,
    lines: Sequence[Line],
    times: Mapping[str, datetime],
    code: str,
    missing: tuple[str, ...],
) -> Preview:
    values = reader_values(reader, name, lines, times, code)
    rows = [row_values(line, reader) for line in lines[:ROWS_SHOWN]]
    subject, short, paragraphs = said_to(words, values, rows)
    return Preview(words.language, subject, short, paragraphs, missing)


def _zone(language: str) -> str:
    """Where most readers of a language are, for a preview without a reader."""
    return {"zh-hans": "Asia/Shanghai"}.get(language, "Europe/Amsterdam")
