"""Questions that customers ask and our answers to them: how they are written down, which count in a phase, how their slots are
filled. Pure.

    [when_next] update closing public
    When do I hear from you again?

    You hear from us by {next_by}.

    We write to you as soon as something changes.

After the code stand the phases in which it counts (none: all), then whether customers may read it themselves. A paragraph with a
slot that nothing fills is left out, so that an answer needs one without any.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from tidings.messaging.rules.content import Phase
from tidings.messaging.rules.template import slots_in

SLOTS = frozenset({"firm", "phone", "where_to_look", "place", "reference", "began_at", "next_by"})
"""What is known of an incident and of us by itself."""
PHASES = (Phase.FIRST_NOTICE, Phase.UPDATE, Phase.RESTORED, Phase.CLOSING)
"""The phases in which an answer may count."""

_HEAD = re.compile(r"\[([a-z][a-z0-9_]*)\]((?: [a-z_]+)*)")

_PUBLIC = "public"


class NotAnswers(ValueError):
    """The source breaks the form; the message says where."""


@dataclass(frozen=True, slots=True)
class Said:
    """One question with its answer in one language; the answer's paragraphs are parted by an empty line."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One question, in each language it is written in. No phase means every one; `public` ones customers may read themselves."""

    code: str
    phases: tuple[str, ...]
    public: bool
    said: Mapping[str, Said]


def read_answers(source: str) -> list[tuple[str, tuple[str, ...], bool, Said]]:
    """Code, phases, whether customers read it, and the words of each question in a file of one language. Raises NotAnswers."""
    found = []
    for part in re.split(r"\n(?=\[)", source.strip()):
        head, _, rest = part.partition("\n")
        opened = _HEAD.fullmatch(head.strip())
        question, _, answer = rest.strip().partition("\n")
        if opened is None or not question or not answer.strip():
            raise NotAnswers(head)
        said = Said(question.strip(), answer.strip())
        words = opened[2].split()
        phases = tuple(word for word in words if word != _PUBLIC)
        found.append((opened[1], phases, _PUBLIC in words, said))
    return found


def joined(
    by_language: Mapping[str, Sequence[tuple[str, tuple[str, ...], bool, Said]]],
) -> tuple[Answer, ...]:
    """The same questions of several languages as one each; the first language says the order, the phases and who may read them."""
    first = next(iter(by_language.values()), ())
    spoken = {language: {code: said for code, _, _, said in read} for language, read in by_language.items()}
    return tuple(
        Answer(
            code,
            phases,
            public,
            MappingProxyType({language: of[code] for language, of in spoken.items() if code in of}),
        )
        for code, phases, public, _said in first
    )


def counts_in(answer: Answer, phase: str) -> bool:
    """Whether an answer counts in a phase; an empty phase asks for all."""
    return not phase or not answer.phases or phase in answer.phases


def over(own: Iterable[Answer], general: Iterable[Answer]) -> tuple[Answer, ...]:
    """A kind's own questions first, then the general ones that it does not answer itself."""
    first = tuple(own)
    taken = {one.code for one in first}
    return (*first, *(one for one in general if one.code not in taken))


def paragraphs(answer: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """The paragraphs of which every slot is known, filled."""
    known = {name for name, value in values.items() if value}
    parts = (part.strip() for part in answer.split("\n\n"))
    return tuple(_filled(part, values) for part in parts if part and known.issuperset(slots_in(part)))


def _filled(text: str, values: Mapping[str, str]) -> str:
    for slot in slots_in(text):
        text = text.replace(f"{{{slot}}}", values[slot])
    return text


def fault_of(answer: Answer) -> str:
    """The code of what is wrong with an answer: `answer_empty`, `answer_half` (a question without its answer in a language, or the
    reverse), `answer_only_slots`; empty where it can be kept.
    """
    if not answer.said:
        return "answer_empty"
    if any(bool(one.question) != bool(one.answer) for one in answer.said.values()):
        return "answer_half"
    if any(not paragraphs(one.answer, {}) or slots_in(one.question) for one in answer.said.values()):
        return "answer_only_slots"
    return ""


def unknown_slots(answer: Answer) -> list[str]:
    """The slots that nothing fills, in the order they stand."""
    found = (slot for one in answer.said.values() for slot in slots_in(one.answer))
    return list(dict.fromkeys(slot for slot in found if slot not in SLOTS))


def digest_of(answer: Answer) -> str:
    """What tells two versions apart."""
    seen = hashlib.sha256(f"{answer.code} {answer.phases} {answer.public}".encode())
    for language in sorted(answer.said):
        seen.update(
            f"\0{language}\0{answer.said[language].question}\0{answer.said[language].answer}".encode()
        )
    return seen.hexdigest()
