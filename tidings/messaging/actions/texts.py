"""The firm's own texts over the shipped ones. Each change is a new row; the newest counts, and none is approved yet."""

from django.db import transaction

from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Conflict, Refused
from tidings.messaging import queries, texts
from tidings.messaging.models import FirmText
from tidings.messaging.rules.content import CONTRACTS
from tidings.messaging.rules.template import (
    NEEDED_HEADERS,
    NotATemplate,
    read_template,
    unknown_slots,
    write_template,
)


def set_text(actor: Actor, kind: str, phase: str, language: str, source: str, *, seen_digest: str) -> None:
    """Writes the firm's own text for a kind, phase and language. Raises Refused where it is no text or holds a slot that
    nothing fills, Conflict when somebody changed it since `seen_digest`."""
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
        raise Refused("messaging.unknown_slots", slots=unknown)
    with transaction.atomic():
        current = queries.texts_for(kind, phase).get(language)
        if current is not None and current.digest != seen_digest:
            raise Conflict("messaging.changed_meanwhile", version="")
        row = FirmText.objects.create(
            kind=kind,
            phase=phase,
            language=language,
            source=write_template(template),
            began_from=seen_digest,
            written_by=queries.reference_of(actor),
        )
        audit.record(
            actor, "text.change", "text", row.pk, {"kind": kind, "phase": phase, "language": language}
        )
