"""What a reader will see: the words as they stand now, or as they were frozen, with a reader's values in the open slots."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tidings.kernel.actor import Actor
from tidings.kernel.installation import public_address
from tidings.messaging import texts
from tidings.messaging.models import Freeze, Message, MessageText, Recipient
from tidings.messaging.queries.late import languages_sent
from tidings.messaging.queries.messages import newest_texts
from tidings.messaging.queries.texts import event_word, voice
from tidings.messaging.rules.content import (
    CONTRACTS,
    FREE_FACTS,
    NAME_FACTS,
    TIME_FACTS,
    may_come_late,
    missing_facts,
)
from tidings.messaging.rules.freezing import FrozenWords, freeze_words, headline_said, said_to, words_of_json
from tidings.messaging.rules.template import read_template
from tidings.messaging.rules.wording import (
    Line,
    Reader,
    code_of,
    listed,
    reader_values,
    row_values,
)

SAMPLE_CODE = "0000-0000"
_SAMPLE_PLACE = "Rotterdam"
_MESSAGES_LOOKED_AT = 3


@dataclass(frozen=True, slots=True)
class Preview:
    """One language as one reader sees it. `missing` are facts of the contract that it does not tell yet."""

    language: str
    subject: str
    short: str
    paragraphs: tuple[str, ...]
    missing: tuple[str, ...] = ()
    headline: str = ""


def words_now(message: Message, text: MessageText) -> FrozenWords:
    """The words of one language as they would be frozen now."""
    words, known = texts.words(text.language), given(message.kind, text.language)
    return freeze_words(read_template(text.source), words, text.facts, known, drill=message.drill)


def lacking_facts(message: Message, current: Mapping[str, MessageText]) -> dict[str, tuple[str, ...]]:
    """Language to the facts that it does not tell yet; a language that tells all of them is left out.

    A fact that somebody wrote in one language is missing in every language that does not tell it.
    """
    frozen = {code: words_now(message, text) for code, text in current.items()}
    missing = missing_facts(message.phase, {code: words.said for code, words in frozen.items()})
    told = {
        fact for text in current.values() for fact, said in text.facts.items() if said.strip()
    } & FREE_FACTS
    for code, words in frozen.items():
        lacking = [fact for fact in sorted(told) if not current[code].facts.get(fact, "").strip()]
        lacking += [header for header in ("subject", "short") if not getattr(words, header)]
        if lacking:
            missing[code] = tuple(dict.fromkeys((*missing.get(code, ()), *lacking)))
    return missing


def ready_languages(message_id: UUID) -> tuple[str, ...]:
    """The languages in which a message tells every fact: those that can go. The others hold only their own readers."""
    current = newest_texts(message_id)
    message = next(iter(current.values())).message
    lacking = lacking_facts(message, current)
    return tuple(code for code in languages_open(message, current) if code not in lacking)


def languages_open(message: Message, written: Iterable[str]) -> tuple[str, ...]:
    """The languages that a message may go in at all: of one that completes another only those which that one lacked."""
    gone = languages_sent([message.completes]).get(message.completes) if message.completes else None
    return may_come_late(written, gone or ())


def preview_of(message: Message, text: MessageText, now: datetime, name: str = "") -> Preview:
    """One language as it stands, for a made-up reader with one delayed shipment."""
    words = words_now(message, text)
    times = {name: datetime.fromisoformat(text.facts[name]) for name in TIME_FACTS if text.facts.get(name)}
    reader = Reader(texts.words(text.language), _zone(text.language), now.year)
    missing = [fact for fact in CONTRACTS[message.phase].required if fact not in words.said]
    return _as_read(
        words, reader, name, _sample_lines(now), times, SAMPLE_CODE, tuple(missing), sample_link()
    )


def as_written(message_id: UUID, language: str, now: datetime, name: str = "") -> Preview:
    """A message as it stands, in a language or else in the first that it is written in, for a reader of this name."""
    written = newest_texts(message_id)
    text = written.get(language) or next(iter(written.values()))
    return preview_of(text.message, text, now, name)


def preview_of_text(
    kind: str, phase: str, language: str, source: str, now: datetime, like: Recipient | None = None
) -> Preview:
    """A text on the shelf, with the incident and the shipments of somebody like whom it is read; without one, made up.

    `missing` is what a person writes for each incident.
    """
    words, name, time_zone, lines = texts.words(language), "", _zone(language), _sample_lines(now)
    facts = {
        "place": _SAMPLE_PLACE,
        "began_at": now.isoformat(),
        "next_by": (now + timedelta(hours=4)).isoformat(),
    }
    if like is not None:
        name, time_zone, lines = like.name, like.time_zone, like.lines
        known = newest_texts(like.message_id)[language].facts
        facts |= {fact: known[fact] for fact in NAME_FACTS | TIME_FACTS if known.get(fact)}
    frozen = freeze_words(read_template(source), words, facts, given(kind, language), drill=False)
    times = {fact: datetime.fromisoformat(facts[fact]) for fact in TIME_FACTS if fact in facts}
    reader = Reader(words, time_zone, now.year)
    missing = tuple(fact for fact in CONTRACTS[phase].required if fact not in frozen.said)
    return _as_read(frozen, reader, name, lines, times, SAMPLE_CODE, missing, sample_link())


def reader_like(actor: Actor, kind: str, language: str) -> Recipient | None:
    """Somebody who reads this language and had a message about this kind of incident, lately; None before anybody had
    one, and for whoever does not see all recipients."""
    if not actor.may("message.read") or actor.units is not None:
        return None
    lately = Message.objects.filter(kind=kind, drill=False).order_by("-id").values_list("pk", flat=True)
    for message_id in lately[:_MESSAGES_LOOKED_AT]:
        found = Recipient.objects.filter(message_id=message_id, language=language).first()
        if found is not None and language in newest_texts(message_id):
            return found
    return None


def given(kind: str, language: str) -> dict[str, str]:
    """What is known of every message: the firm's voice, the word for what happened, and where readers' own pages are."""
    said = voice()
    event, address = event_word(kind, language), public_address()
    return {
        "firm": said.firm,
        "phone": said.phone,
        "where_to_look": said.where_to_look,
        "event": event,
        "link": address,
        "check_page": f"{address}/check" if address else "",
    }


def _sample_lines(now: datetime) -> list[Line]:
    expected = (now + timedelta(days=2)).isoformat()
    return [{"waybill": "1234567890", "effect": "delayed", "expected_at": expected}]


def told_to(freeze: Freeze, recipient: Recipient) -> Preview | None:
    """What one recipient was told, as they read it; None where their language is not among the frozen ones."""
    if recipient.language not in freeze.words:
        return None
    read = (recipient.name, recipient.time_zone, recipient.lines)
    return _frozen_as_read(freeze, recipient.language, *read, code_of(recipient.pk))


def frozen_preview(
    freeze: Freeze, language: str, name: str = "", time_zone: str = "", lines: Sequence[Line] = ()
) -> Preview:
    """The frozen words of one language as a contact with these values will read them; without any, as a made-up one."""
    shown = lines or _sample_lines(freeze.frozen_at)
    return _frozen_as_read(freeze, language, name, time_zone or _zone(language), shown, SAMPLE_CODE)


def _frozen_as_read(
    freeze: Freeze, language: str, name: str, time_zone: str, lines: Sequence[Line], code: str
) -> Preview:
    kept = freeze.words[language]
    times = {slot: datetime.fromisoformat(at) for slot, at in kept["moments"].items()}
    reader = Reader(texts.words(language), time_zone, kept["year"])
    link = hidden_link(kept.get("link", ""))
    return _as_read(words_of_json(language, kept), reader, name, lines, times, code, (), link)


def _as_read(
    words: FrozenWords,
    reader: Reader,
    name: str,
    lines: Sequence[Line],
    times: Mapping[str, datetime],
    code: str,
    missing: tuple[str, ...],
    link: str = "",
) -> Preview:
    values = reader_values(reader, name, lines, times, code, link)
    rows = [row_values(line, reader) for line in listed(lines)]
    subject, short, paragraphs = said_to(words, values, rows)
    headline = headline_said(words, values)
    return Preview(words.language, subject, short, paragraphs, missing, headline)


def sample_link() -> str:
    """What a preview shows in the place of a reader's own link."""
    return hidden_link(public_address())


def hidden_link(address: str) -> str:
    """The same under the address of a message: our people do not open a customer's page as the customer."""
    return f"{address}/m/…" if address else ""


def _zone(language: str) -> str:
    """Where most readers of a language are, for a preview without a reader."""
    return {"zh-hans": "Asia/Shanghai"}.get(language, "Europe/Amsterdam")
