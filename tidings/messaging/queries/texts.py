"""Reads of texts: the firm's own over the shipped ones, what is approved beforehand, and whose voice they have."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import get_language

from tidings.kernel.actor import Actor
from tidings.kernel.installation import firm_name, is_demo
from tidings.messaging import texts
from tidings.messaging.models import FirmText, TextApproval, Voice
from tidings.messaging.rules.content import ApprovalPolicy, why_not_approve
from tidings.messaging.rules.template import Template, inherit, read_template, write_template


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it counts now for a kind, phase and language. `shipped` says that the firm has changed nothing in it."""

    kind: str
    phase: str
    language: str
    source: str
    digest: str
    shipped: bool


def reference_of(actor: Actor) -> str:
    """Who, as our rows keep it: `person:<id>`, `command:<name>`."""
    return f"{actor.kind}:{actor.ref}"


def texts_for(kind: str, phase: str) -> dict[str, Text]:
    """The text of each language for a kind: the firm's own where it wrote one, over the general one. English first."""
    own: dict[tuple[str, str], str] = {}
    for row in FirmText.objects.filter(phase=phase, kind__in=[kind, texts.GENERAL]).order_by("id"):
        own[row.kind, row.language] = row.source
    found: dict[str, Text] = {}
    for language in texts.languages():
        template = _template(kind, phase, language, own)
        if template is not None:
            source = write_template(template)
            found[language] = Text(
                kind,
                phase,
                language,
                source,
                hashlib.sha256(source.encode()).hexdigest(),
                not any((one, language) in own for one in (kind, texts.GENERAL)),
            )
    return found


def why_not_approve_text(actor: Actor, kind: str, phase: str, language: str) -> str | None:
    """The code of the reason why this actor may not approve a text beforehand: no person, or the author of what the firm
    says in it, be it the kind's own or the general text under it."""
    written = FirmText.objects.filter(kind__in=[kind, texts.GENERAL], phase=phase, language=language)
    newest = written.order_by("kind", "-id").distinct("kind")
    for author in ("", *newest.values_list("written_by", flat=True)):
        reason = why_not_approve(
            ApprovalPolicy(), kind=actor.kind, approver=reference_of(actor), author=author
        )
        if reason:
            return reason
    return None


def _template(kind: str, phase: str, language: str, own: Mapping[tuple[str, str], str]) -> Template | None:
    layers = [
        read_template(own[one, language]) if (one, language) in own else texts.layer(one, phase, language)
        for one in (texts.GENERAL, kind)
    ]
    general, special = layers
    if kind == texts.GENERAL or special is None:
        return general
    return inherit(special, general) if general else special


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


@dataclass(frozen=True, slots=True)
class Shelf:
    """The texts of one kind and phase, per language, with which of them are approved beforehand."""

    kind: str
    event: str
    texts: tuple[tuple[Text, bool], ...]


def text_shelf(phase: str) -> list[Shelf]:
    """Every kind with a text of its own for a phase, the general one first."""
    own = set(FirmText.objects.filter(phase=phase).values_list("kind", flat=True))
    with_text = {kind for kind in texts.kinds() if texts.layer(kind, phase, "en")} | own
    order = sorted(with_text, key=lambda kind: (kind != texts.GENERAL, kind))
    approved = set(TextApproval.objects.filter(phase=phase).values_list("kind", "language", "digest"))
    demo = is_demo()
    return [
        Shelf(
            kind,
            event_word(kind),
            tuple(
                (text, (kind, text.language, text.digest) in approved or (demo and text.shipped))
                for text in texts_for(kind, phase).values()
            ),
        )
        for kind in order
    ]


def event_word(kind: str, language: str = "") -> str:
    """What a kind of incident is called towards customers, in a language or that of whoever reads the page."""
    spoken = language or get_language() or "en"
    words = texts.words(spoken if spoken in texts.languages() else "en")
    return words.entries.get(f"kind.{kind}") or words.say("kind.general")
