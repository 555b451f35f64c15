"""The shelf of texts: every kind, phase and language with its state, and the versions that the firm wrote of one."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing
from tidings.kernel.installation import is_demo
from tidings.messaging import texts
from tidings.messaging.models import FirmText, TextApproval, TextAsked
from tidings.messaging.queries.texts import (
    Text,
    event_word,
    is_approved_beforehand,
    merged,
    own_texts,
    shipped_text,
    text_of,
    why_not_approve_text,
)
from tidings.messaging.rules.content import CONTRACTS

STATES = ("shipped", "own", "general", "older", "approved", "unapproved")
"""What a list of texts may ask for: as shipped, the firm's own, changed through its own general text, older than the
shipped one, approved beforehand or not."""


@dataclass(frozen=True, slots=True)
class Shelved:
    """One text with whether it is approved beforehand."""

    text: Text
    approved: bool

    @property
    def state(self) -> str:
        """`shipped`, `own`, `general` or `older`: whose words they are."""
        if self.text.older:
            return "older"
        if self.text.shipped:
            return "shipped"
        return "own" if self.text.own else "general"

    def is_in(self, state: str) -> bool:
        """Whether a list that asks for this state shows it; an unknown one asks for nothing."""
        approval = {"approved": self.approved, "unapproved": not self.approved}
        return approval.get(state, state not in STATES or state == self.state)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The texts of one kind and phase, per language."""

    kind: str
    phase: str
    event: str
    texts: tuple[Shelved, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One version that the firm wrote. `text` is None where it went back to the shipped text."""

    row: FirmText
    text: Text | None
    approval: TextApproval | None
    in_force: bool


def text_shelf(actor: Actor, *, phase: str = "", kind: str = "", state: str = "") -> list[Shelf]:
    """Every kind with a text of its own, the general one first, of one phase or of all; with a `state` only where a
    language is in it."""
    actor.require("message.read")
    phases = [phase] if phase in CONTRACTS else list(CONTRACTS)
    approvals = TextApproval.objects.filter(phase__in=phases)
    approved = set(approvals.values_list("kind", "phase", "language", "digest"))
    own = own_texts(phases)
    found = []
    for one in phases:
        mine = own.get(one, {})
        for name in _kinds(one, {of for of, _ in mine}):
            languages = (text_of(name, one, language, mine) for language in texts.languages())
            shelved = tuple(Shelved(text, _is_approved(text, approved)) for text in languages if text)
            if (not kind or name == kind) and any(text.is_in(state) for text in shelved):
                found.append(Shelf(name, one, event_word(name), shelved))
    return sorted(found, key=lambda shelf: (shelf.kind != texts.GENERAL, shelf.kind))


def _kinds(phase: str, own: Collection[str]) -> list[str]:
    return sorted({kind for kind in texts.kinds() if texts.layer(kind, phase, "en")} | set(own))


def _is_approved(text: Text, approved: Collection[tuple[str, str, str, str]]) -> bool:
    if (text.kind, text.phase, text.language, text.digest) in approved:
        return True
    return text.shipped and is_demo()


def versions(actor: Actor, kind: str, phase: str, language: str) -> list[Version]:
    """What the firm wrote for one kind, phase and language, newest first, and who approved each beforehand."""
    actor.require("message.read")
    where = {"kind": kind, "phase": phase, "language": language}
    approvals = {one.digest: one for one in TextApproval.objects.filter(**where)}
    found: list[Version] = []
    for row in FirmText.objects.filter(**where).order_by("-id"):
        text = merged(row.source, kind, phase, language) if row.source else None
        shown = text or shipped_text(kind, phase, language)
        found.append(Version(row, text, approvals.get(shown.digest) if shown else None, not found))
    return found


def version(actor: Actor, kind: str, phase: str, language: str, version_id: UUID) -> Version:
    """One of them. Raises Missing("messaging.no_such_version")."""
    for one in versions(actor, kind, phase, language):
        if one.row.pk == version_id:
            return one
    raise Missing("messaging.no_such_version")


def asked_digests() -> dict[tuple[str, str, str, str], TextAsked]:
    """Kind, phase, language and digest → who asked that it be approved beforehand, approved since or not."""
    return {(one.kind, one.phase, one.language, one.digest): one for one in TextAsked.objects.order_by("-id")}


def text_asked(text: Text) -> TextAsked | None:
    """Who asked that this text be approved as it stands; None where nobody did."""
    where = {"kind": text.kind, "phase": text.phase, "language": text.language}
    return TextAsked.objects.filter(**where, digest=text.digest).first()


def texts_to_approve(actor: Actor) -> list[tuple[TextAsked, Text]]:
    """The texts of which somebody asks an approval beforehand that this actor may give, the first asked first."""
    if not actor.may("message.approve") or actor.units is not None:
        return []
    asked = list(TextAsked.objects.order_by("id"))
    own = own_texts({one.phase for one in asked})
    found = []
    for one in asked:
        where = (one.kind, one.phase, one.language)
        text = text_of(*where, own.get(one.phase, {}))
        if text is None or text.digest != one.digest or is_approved_beforehand(*where, one.digest):
            continue
        if not why_not_approve_text(actor, *where):
            found.append((one, text))
    return found
