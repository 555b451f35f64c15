"""The firm's own texts over the shipped ones. Each change is a new row; the newest counts, and what it says is approved only
where exactly these words were approved before.
"""

from uuid import UUID

from django.db import connection, transaction

from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.messaging import queries, sql, texts
from tidings.messaging.models import FirmText, TextAsked
from tidings.messaging.rules.content import CONTRACTS
from tidings.messaging.rules.template import (
    NEEDED_HEADERS,
    NotATemplate,
    read_template,
    unknown_slots,
    unknown_slots_at,
    write_template,
)


def set_text(actor: Actor, kind: str, phase: str, language: str, source: str, *, seen_digest: str) -> None:
    """Writes the firm's own text for a kind, phase and language. Raises Refused where it is no text or holds a slot that
    nothing fills (`where` names each place), Conflict when somebody changed it since `seen_digest`."""
    actor.require("text.change")
    if phase not in CONTRACTS or language not in texts.languages():
        raise Refused("messaging.no_text", kind=kind, phase=phase)
    try:
        template = read_template(source)
    except NotATemplate as wrong:
        raise Refused("messaging.not_a_text", reason=str(wrong)) from wrong
    if any(not template.headers.get(header) for header in NEEDED_HEADERS) or not template.blocks:
        raise Refused("messaging.text_incomplete")
    unknown = unknown_slots(template)
    if unknown:
        raise Refused("messaging.unknown_slots", slots=unknown, where=unknown_slots_at(template))
    with transaction.atomic():
        _write(actor, kind, phase, language, write_template(template), seen_digest)


def take_back_text(
    actor: Actor, kind: str, phase: str, language: str, version_id: UUID | None, *, seen_digest: str
) -> None:
    """Goes back to an older version of the firm's own, or without one to the shipped text: a new version with its words.

    Raises Missing when there is no such version, Refused when it is in force already, Conflict when somebody changed the
    text since `seen_digest`.
    """
    actor.require("text.change")
    with transaction.atomic():
        source = ""
        if version_id is not None:
            older = FirmText.objects.filter(pk=version_id, kind=kind, phase=phase, language=language).first()
            if older is None:
                raise Missing("messaging.no_such_version")
            source = older.source
        own = queries.own_text(kind, phase, language)
        if (own.source if own else "") == source:
            raise Refused("messaging.text_in_force")
        _write(actor, kind, phase, language, source, seen_digest, back_to=str(version_id or "shipped"))


def ask_for_text(actor: Actor, kind: str, phase: str, language: str, digest: str) -> None:
    """Asks for somebody's approval beforehand of the words of this `digest`. It stands until somebody gives it, or the text changes.
    Twice is no error.

    Raises Missing when there is no such text, Conflict when it says something else by now, Refused("messaging.text_approved")
    when somebody approved it already.
    """
    actor.require("text.change")
    text = queries.texts_for(kind, phase).get(language) if phase in CONTRACTS else None
    if text is None:
        raise Missing("messaging.no_text", kind=kind, phase=phase)
    if text.digest != digest:
        raise Conflict("messaging.other_text_by_now")
    if queries.is_approved_beforehand(kind, phase, language, digest):
        raise Refused("messaging.text_approved")
    facts = {"kind": kind, "phase": phase, "language": language, "digest": digest}
    with transaction.atomic():
        asked, new = TextAsked.objects.get_or_create(
            **facts, defaults={"asked_by": queries.reference_of(actor)}
        )
        if new:
            audit.record(actor, "text.ask", "text", asked.pk, facts)


def _write(
    actor: Actor, kind: str, phase: str, language: str, source: str, seen_digest: str, **told: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.ONE_TEXT_AT_A_TIME, {"text": f"{kind}/{phase}.{language}"})
    current = queries.texts_for(kind, phase).get(language)
    if current is not None and current.digest != seen_digest:
        raise Conflict("messaging.changed_meanwhile", version="")
    shipped = queries.shipped_text(kind, phase, language)
    row = FirmText.objects.create(
        kind=kind,
        phase=phase,
        language=language,
        source=source,
        began_from=seen_digest,
        began_source=current.source if current else "",
        shipped_digest=shipped.digest if shipped else "",
        written_by=queries.reference_of(actor),
    )
    facts = {"kind": kind, "phase": phase, "language": language, **told}
    audit.record(actor, "text.change", "text", row.pk, facts)
