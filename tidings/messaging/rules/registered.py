"""Texts as providers approve them beforehand: what a registered form holds, and whether it can go. Pure.

WhatsApp outside a person's own 24 hours, WeChat, and text messages in mainland China carry such forms only.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tidings.messaging.rules.content import FREE_FACTS, TIME_FACTS
from tidings.messaging.rules.template import READER_SLOTS, ROW_SLOTS, SHARED_SLOTS, slots_in

DEMANDING: Mapping[str, str] = {
    "aliyun_sms": "sms",
    "tencent_sms": "sms",
    "wechat": "wechat",
    "whatsapp": "whatsapp",
}
"""Service → its rung, of those that carry nothing else."""

SIGNED = frozenset({"aliyun_sms", "tencent_sms"})
"""Services whose forms go under a signature of the firm’s, approved too: 【…】 before the text."""

FORM_SLOTS = READER_SLOTS | SHARED_SLOTS | ROW_SLOTS | FREE_FACTS
"""What may fill a field; of several shipments the row's slots are the first one's."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}|[1-9][0-9]?")
_OPEN = READER_SLOTS | ROW_SLOTS
_TIMES = TIME_FACTS | {f"{name}_short" for name in TIME_FACTS}
_SLOT = re.compile(r"\{([a-z_]+)\}")


class FormState(StrEnum):
    """How a provider stands to a form. Only an approved one goes."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    PAUSED = "paused"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Form:
    """A provider's form of one text. `template` is its id there, `signature` without brackets, `language` the provider's own code
    ("" for the text's), `fields` each field's name with the words and {slots} that fill it, in the provider's order.
    """

    template: str
    signature: str
    language: str
    fields: tuple[tuple[str, str], ...]
    state: FormState


def fields_of(written: str) -> tuple[tuple[str, str], ...]:
    """The fields as a person writes them, one per line: `1 = {waybill}`. Raises ValueError with the line that is none."""
    found = []
    for line in filter(None, map(str.strip, written.splitlines())):
        name, equals, said = (part.strip() for part in line.partition("="))
        if not equals or not said or not _NAME.fullmatch(name):
            raise ValueError(line)
        found.append((name, said))
    return tuple(found)


def said_fields(fields: Iterable[Sequence[str]]) -> str:
    """The same text again."""
    return "\n".join(f"{name} = {said}" for name, said in fields)


def fault_of_form(service: str, form: Form) -> str | None:
    """The code of why this cannot be kept, or None: one that is approved has an id, and a signature where its service wants one;
    every field has a name of its own and slots that something fills.
    """
    if service not in DEMANDING:
        return "messaging.no_such_form"
    if form.state is not FormState.SUBMITTED and not form.template:
        return "messaging.form_without_id"
    if service in SIGNED and not form.signature:
        return "messaging.form_without_signature"
    names = [name for name, _ in form.fields]
    if len(set(names)) < len(names):
        return "messaging.form_field_twice"
    return "messaging.form_unknown_slot" if unknown_in(form) else None


def unknown_in(form: Form) -> list[str]:
    """The slots of a form that nothing fills."""
    return sorted({slot for _, said in form.fields for slot in slots_in(said)} - FORM_SLOTS)


def frozen_form(form: Form, facts: Mapping[str, str], voice: Mapping[str, str]) -> dict[str, object] | None:
    """The form as it goes: nothing open any more but the reader's own slots. None where it is not approved, or where a field
    needs what is not known.
    """
    if form.state is not FormState.APPROVED:
        return None
    known = {name: value for name, value in {**voice, **facts}.items() if value}
    fields: dict[str, list[object]] = {}
    for name, said in form.fields:
        pieces = _pieces(said, known)
        if pieces is None:
            return None
        fields[name] = pieces
    return {
        "template": form.template,
        "signature": form.signature,
        "language": form.language,
        "fields": fields,
    }


def _pieces(said: str, known: Mapping[str, str]) -> list[object] | None:
    pieces: list[object] = []
    for at, part in enumerate(_SLOT.split(said)):
        if at % 2 == 0:
            pieces += [part] * bool(part)
        elif part in _OPEN:
            if (part in _TIMES and not known.get(part.removesuffix("_short"))) or (
                part == "link" and "link" not in known
            ):
                return None
            pieces.append({"slot": part})
        elif part in known:
            pieces.append(known[part])
        else:
            return None
    return pieces


def demanding_rungs(services: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """Rung → its services, of those rungs that carry registered forms only, given the rung and service of each service in use."""
    found: dict[str, set[str]] = {}
    free: set[str] = set()
    for rung, service in services:
        if DEMANDING.get(service) == rung:
            found.setdefault(rung, set()).add(service)
        else:
            free.add(rung)
    return {rung: frozenset(names) for rung, names in found.items() if rung not in free}


def rungs_with_forms(
    rungs: Mapping[str, frozenset[str]], registered: Mapping[str, Iterable[str]]
) -> list[str]:
    """`rung/language` for each demanding rung and language of which a form can go; `registered` is language → services."""
    return sorted(
        f"{rung}/{language}"
        for rung, services in rungs.items()
        for language, names in registered.items()
        if services & set(names)
    )
