"""Reads of texts, messages and what became of them, for pages, reports and the domains above."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from tidings.kernel.actor import Actor
from tidings.kernel.installation import firm_name, is_demo
from tidings.messaging import sql, texts
from tidings.messaging.models import (
    Broadcast,
    FirmText,
    Freeze,
    MessageText,
    TextApproval,
    Voice,
)
from tidings.messaging.rules.content import CONTRACTS, Audience, PhaseReach, Reach, phase_reach
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


def newest_texts(message_id: UUID) -> dict[str, MessageText]:
    """The newest version of a message, per language."""
    rows = MessageText.objects.filter(message_id=message_id).order_by("-version", "id")
    newest = [row for row in rows if row.version == rows[0].version]
    return {row.language: row for row in newest}


def authors_of(message_id: UUID) -> set[str]:
    """Everybody who wrote a version of it."""
    return set(MessageText.objects.filter(message_id=message_id).values_list("written_by", flat=True))


def current_freeze(message_id: UUID) -> Freeze | None:
    """The newest freeze, if nothing was changed since; a change makes it, and its approval, void."""
    freeze = Freeze.objects.filter(message_id=message_id).select_related("approval").order_by("-id").first()
    newest = (
        MessageText.objects.filter(message_id=message_id)
        .order_by("-version")
        .values_list("version", flat=True)
        .first()
    )
    return freeze if freeze is not None and freeze.version == newest else None


def is_approved(freeze: Freeze) -> bool:
    """Whether this freeze may go: no approval is needed, or a person gave it."""
    return not freeze.approval_needed or hasattr(freeze, "approval")


def was_sent(message_id: UUID) -> bool:
    """Whether it went out, to anyone."""
    return Broadcast.objects.filter(message_id=message_id).exists()


def audience_size(audience: Audience) -> int:
    """How many contacts an audience holds at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({audience.sql}) AS audience", dict(audience.params))  # noqa: S608 - ours
        return int(cursor.fetchone()[0])


def voice() -> Voice:
    """From whom our messages come; before anybody set it, the installation's name and an address of no one."""
    return Voice.objects.order_by("-id").first() or Voice(
        firm=firm_name(), from_address="notices@tidings.invalid"
    )


def reach(about: str, now: datetime) -> list[PhaseReach]:
    """Whom each phase of a thing has reached at `now`, in the order of the phases. The parts add up to the total.

    A recipient whom a later message superseded counts there only.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql.REACH, {"about": about, "now": now})
        rows = cursor.fetchall()
    phases: dict[str, dict[str, Reach]] = {}
    due: dict[str, list[datetime]] = {}
    for phase, language, due_by, *numbers in rows:
        phases.setdefault(phase, {})[language] = Reach(*numbers)
        due.setdefault(phase, []).extend([due_by] if due_by else [])
    return [
        phase_reach(phase, phases[phase], min(due[phase], default=None))
        for phase in CONTRACTS
        if phase in phases
    ]
