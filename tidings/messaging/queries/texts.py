"""Reads of texts: the firm's own over the shipped ones, what is approved beforehand, and whose voice they have."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import get_language

from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.installation import firm_name, is_demo
from tidings.messaging import texts
from tidings.messaging.models import FirmText, TextApproval, Voice
from tidings.messaging.rules.content import ApprovalPolicy, why_not_approve
from tidings.messaging.rules.template import Template, inherit, read_template, write_template
from tidings.people.queries import makers_of


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it counts now for a kind, phase and language.

    `shipped` says that the firm has changed nothing in it, `own` that it wrote this kind's, `older` that the shipped text
    under its words has changed since it wrote them.
    """

    kind: str
    phase: str
    language: str
    source: str
    digest: str
    shipped: bool
    own: bool = False
    older: bool = False


Own = Mapping[tuple[str, str], FirmText]
"""Kind and language → the firm's own text in force, of one phase."""


def reference_of(actor: Actor) -> str:
    """Who, as our rows keep it: `person:<id>`, `command:<name>`."""
    return f"{actor.kind}:{actor.ref}"


def makers_of_keys(references: Iterable[str]) -> set[str]:
    """Of references such as `key:<id>` the people who made those keys: what a program wrote is as if its maker had written it."""
    keys = [reference.partition(":")[2] for reference in references if reference.startswith("key:")]
    return {f"{ActorKind.PERSON}:{maker}" for maker in makers_of(keys)} if keys else set()


def texts_for(kind: str, phase: str) -> dict[str, Text]:
    """The text of each language for a kind: the firm's own where it wrote one, over the general one. English first."""
    own = own_texts([phase], [kind, texts.GENERAL]).get(phase, {})
    found = (text_of(kind, phase, language, own) for language in texts.languages())
    return {text.language: text for text in found if text is not None}


def own_texts(
    phases: Iterable[str], kinds: Iterable[str] | None = None
) -> dict[str, dict[tuple[str, str], FirmText]]:
    """Phase → the firm's own texts in force, of some kinds or of all."""
    rows = FirmText.objects.filter(phase__in=list(phases))
    if kinds is not None:
        rows = rows.filter(kind__in=list(kinds))
    found: dict[str, dict[tuple[str, str], FirmText]] = {}
    newest = rows.order_by("phase", "kind", "language", "-id").distinct("phase", "kind", "language")
    for row in newest:
        if row.source:
            found.setdefault(row.phase, {})[row.kind, row.language] = row
    return found


def own_text(kind: str, phase: str, language: str) -> FirmText | None:
    """The firm's own text in force for just this kind; None where it is the shipped one."""
    return own_texts([phase], [kind]).get(phase, {}).get((kind, language))


def newest_change(kind: str, phase: str, language: str) -> FirmText | None:
    """What the firm changed last of what this text says, be it the kind's own words or the general ones under them."""
    layers = FirmText.objects.filter(kind__in=(kind, texts.GENERAL), phase=phase, language=language)
    return layers.order_by("-id").first()


def text_of(kind: str, phase: str, language: str, own: Own) -> Text | None:
    """One text, given the firm's own ones of its phase; None where nobody has written one."""
    mine, general = own.get((kind, language)), own.get((texts.GENERAL, language))
    shipped = shipped_text(kind, phase, language)
    if mine is None and general is None:
        return shipped
    template = _over(
        read_template(mine.source) if mine else texts.layer(kind, phase, language),
        read_template(general.source) if general else texts.layer(texts.GENERAL, phase, language),
        kind,
    )
    if template is None:
        return None
    under = ((mine, shipped), (general, shipped_text(texts.GENERAL, phase, language)))
    older = any(
        row is not None and row.shipped_digest and text is not None and row.shipped_digest != text.digest
        for row, text in under
    )
    return _text(kind, phase, language, template, shipped=False, own=mine is not None, older=older)


@lru_cache(maxsize=2048)
def shipped_text(kind: str, phase: str, language: str) -> Text | None:
    """The text as it was shipped; None for a kind and phase that has none."""
    layers = (texts.layer(kind, phase, language), texts.layer(texts.GENERAL, phase, language))
    template = _over(*layers, kind)
    return _text(kind, phase, language, template, shipped=True) if template else None


def merged(source: str, kind: str, phase: str, language: str) -> Text:
    """What a version of a kind's text says, over the general text of today."""
    general = own_text(texts.GENERAL, phase, language)
    under = read_template(general.source) if general else texts.layer(texts.GENERAL, phase, language)
    template = _over(read_template(source), under, kind)
    return _text(kind, phase, language, template or read_template(source), shipped=False, own=True)


def _over(special: Template | None, general: Template | None, kind: str) -> Template | None:
    if kind == texts.GENERAL or special is None:
        return special if kind == texts.GENERAL else general
    return inherit(special, general) if general else special


def _text(
    kind: str,
    phase: str,
    language: str,
    template: Template,
    *,
    shipped: bool,
    own: bool = False,
    older: bool = False,
) -> Text:
    source = write_template(template)
    digest = hashlib.sha256(source.encode()).hexdigest()
    return Text(kind, phase, language, source, digest, shipped, own, older)


def why_not_approve_text(actor: Actor, kind: str, phase: str, language: str) -> str | None:
    """The code of the reason why this actor may not approve a text beforehand: no person, or an author of what the firm
    says in it since somebody last approved it, be it the kind's own or the general text under it."""
    authors = [
        author
        for layer in dict.fromkeys((kind, texts.GENERAL))
        for author in _authors(layer, phase, language)
    ]
    for author in ("", *authors):
        reason = why_not_approve(
            ApprovalPolicy(), kind=actor.kind, approver=reference_of(actor), author=author
        )
        if reason:
            return reason
    return None


def _authors(kind: str, phase: str, language: str) -> set[str]:
    """Who wrote the words in force: every version since the one that was approved last, and whoever wrote the same before."""
    where = {"kind": kind, "phase": phase, "language": language}
    rows = list(FirmText.objects.filter(**where).order_by("-id"))
    approved = set(TextApproval.objects.filter(**where).values_list("digest", flat=True))
    since: set[str] = set()
    for row in rows:
        if not row.source or merged(row.source, kind, phase, language).digest in approved:
            break
        since |= {one.written_by for one in rows if one.source == row.source}
    return since | makers_of_keys(since)


def is_approved_beforehand(kind: str, phase: str, language: str, digest: str) -> bool:
    """Whether a person approved exactly this text for its kind, phase and language; in the demo shipped ones are."""
    if TextApproval.objects.filter(kind=kind, phase=phase, language=language, digest=digest).exists():
        return True
    if not is_demo():
        return False
    text = texts_for(kind, phase).get(language)
    return text is not None and text.shipped and text.digest == digest


def voice() -> Voice:
    """From whom our messages come; before anybody set it, the installation's name and an address of no one."""
    return Voice.objects.order_by("-id").first() or Voice(
        firm=firm_name(), from_address="notices@tidings.invalid"
    )


def event_word(kind: str, language: str = "") -> str:
    """What a kind of incident is called towards customers, in a language or that of whoever reads the page."""
    spoken = language or get_language() or "en"
    words = texts.words(spoken if spoken in texts.languages() else "en")
    return words.entries.get(f"kind.{kind}") or words.say("kind.general")
