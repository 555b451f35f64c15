"""Reads of questions and answers: what counts for a kind and phase, and what the firm wrote of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing
from tidings.messaging import faq, texts
from tidings.messaging.models import FirmAnswer
from tidings.messaging.queries.texts import voice
from tidings.messaging.rules.answers import Answer, counts_in, digest_of, over, paragraphs
from tidings.messaging.rules.content import TIME_FACTS
from tidings.messaging.rules.wording import Reader, say_moment, say_moment_and_zone


@dataclass(frozen=True, slots=True)
class Kept:
    """A question as it counts now for one kind. `shipped` says that the firm changed nothing in it, `own` that it has no shipped
    version, `older` that the shipped one has changed since the firm wrote its own, `out` that it is asked no more.
    """

    kind: str
    answer: Answer
    digest: str
    shipped: bool = True
    own: bool = False
    older: bool = False
    out: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with its answer in one language, filled for one incident."""

    code: str
    language: str
    question: str
    paragraphs: tuple[str, ...]
    public: bool


def kept_answers(kind: str) -> list[Kept]:
    """Every question that is one kind's own, those asked no more too: shipped ones in their order, then the firm's."""
    newest = FirmAnswer.objects.filter(kind=kind).order_by("code", "-id").distinct("code")
    rows = {row.code: row for row in newest}
    found = [_kept(kind, one, rows.pop(one.code, None)) for one in faq.shipped(kind)]
    return found + [_kept(kind, None, row) for row in sorted(rows.values(), key=lambda row: row.pk)]


def _kept(kind: str, shipped: Answer | None, row: FirmAnswer | None) -> Kept:
    if row is None or (not row.said and not row.out):
        stands = shipped or (row.answer() if row else None)
        if stands is None:
            raise Missing("messaging.no_such_answer")
        return Kept(kind, stands, digest_of(stands), own=shipped is None)
    answer = row.answer() if row.said else shipped or _last_words(row)
    older = shipped is not None and row.shipped_digest != digest_of(shipped)
    digest = digest_of(answer) + " out" * row.out
    return Kept(kind, answer, digest, False, shipped is None, older and not row.out, row.out)


def _last_words(row: FirmAnswer) -> Answer:
    """What a question of the firm's own said before it was taken out."""
    before = FirmAnswer.objects.filter(kind=row.kind, code=row.code, pk__lt=row.pk).exclude(said={})
    found = before.order_by("-id").first()
    return found.answer() if found else row.answer()


def kept_answer(actor: Actor, kind: str, code: str) -> Kept:
    """One of them. Raises Missing("messaging.no_such_answer")."""
    actor.require("message.read")
    for one in kept_answers(kind):
        if one.answer.code == code:
            return one
    raise Missing("messaging.no_such_answer")


def answer_versions(actor: Actor, kind: str, code: str) -> list[FirmAnswer]:
    """What the firm wrote of one question, newest first."""
    actor.require("message.read")
    return list(FirmAnswer.objects.filter(kind=kind, code=code).order_by("-id"))


def kinds_with_answers() -> list[str]:
    """The kinds that have questions of their own, the general ones first."""
    own = FirmAnswer.objects.order_by().values_list("kind", flat=True).distinct()
    return sorted({*faq.kinds(), *own}, key=lambda kind: (kind != faq.GENERAL, kind))


def known_kinds() -> list[str]:
    """Every kind that may have questions of its own, the general ones first."""
    worded = [code.removeprefix("kind.") for code in texts.words("en").entries if code.startswith("kind.")]
    return list(dict.fromkeys([*kinds_with_answers(), *worded]))


def answers(kind: str, phase: str = "", *, only_public: bool = False) -> list[Answer]:
    """What counts for a kind of incident in a phase: its own first, then the general ones."""
    own, general = ([one.answer for one in kept_answers(of) if not one.out] for of in (kind, faq.GENERAL))
    every = over(own, general) if kind != faq.GENERAL else tuple(general)
    return [one for one in every if counts_in(one, phase) and (one.public or not only_public)]


def answered(
    found: list[Answer], language: str, facts: Mapping[str, str], time_zone: str, now: datetime
) -> list[Answered]:
    """Some questions in a language, filled with the facts of one incident (moments as ISO 8601) and what is known of us. One that is
    not written in the language is said in English.
    """
    ours = voice()
    known = {"firm": ours.firm, "phone": ours.phone, "where_to_look": ours.where_to_look}
    known |= {name: value for name, value in facts.items() if value}
    said = {
        code: _filled_in(code, known, time_zone, now)
        for code in {language, "en"}
        if code in texts.languages()
    }
    lines = []
    for one in found:
        spoken = next((code for code in (language, "en", *one.said) if code in one.said), "")
        if spoken:
            words = one.said[spoken]
            values = said.get(spoken, {})
            lines.append(
                Answered(one.code, spoken, words.question, paragraphs(words.answer, values), one.public)
            )
    return lines


def _filled_in(language: str, known: Mapping[str, str], time_zone: str, now: datetime) -> dict[str, str]:
    reader = Reader(texts.words(language), time_zone, now.year)
    return {
        name: _said(name, value, reader) if name in TIME_FACTS else value for name, value in known.items()
    }


def _said(name: str, value: str, reader: Reader) -> str:
    at = datetime.fromisoformat(value)
    return say_moment_and_zone(at, reader) if name == "next_by" else say_moment(at, reader)
