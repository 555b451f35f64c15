"""Writing a message, and changing what was written. Every change is a new version; an approval stays with the old one."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.messaging import queries
from tidings.messaging.models import Message, MessageText
from tidings.messaging.rules.content import (
    CONTRACTS,
    EVERY_LANGUAGE,
    FREE_FACTS,
    NAME_FACTS,
    TIME_FACTS,
    ApprovalPolicy,
)
from tidings.messaging.rules.template import NotATemplate, read_template, write_template

Facts = Mapping[str, Mapping[str, str]]


def write_message(
    actor: Actor,
    *,
    about: str,
    kind: str,
    phase: str,
    facts: Facts,
    drill: bool = False,
    policy: ApprovalPolicy | None = None,
    unit_id: UUID | None = None,
    completes: UUID | None = None,
) -> UUID:
    """Writes the first version of a message about `about` in every language that has a text for its kind and phase.

    `facts` maps a language code, or `*` for all of them, to the facts it tells: the sentences of the contract
    (`what_happened` …), names (`place`, `reference`) and moments as ISO 8601 with an offset (`began_at`, `next_by`).
    `unit_id` is whose matter it is: its approvers and headquarters' may approve it. What `completes` a sent message goes in the
    languages that one lacked, to whom it holds.
    Raises Refused for an unknown phase, an unknown fact, a sentence without a language, or a moment that cannot be read.
    """
    actor.require("message.write")
    if phase not in CONTRACTS:
        raise Refused("messaging.no_such_phase", phase=phase)
    _check_facts(phase, facts)
    chosen = policy or ApprovalPolicy()
    with transaction.atomic():
        message = Message.objects.create(
            about=about,
            kind=kind,
            phase=phase,
            drill=drill,
            approval_when=chosen.when,
            author_may_approve=chosen.author_may,
            approvers=sorted(chosen.kinds),
            unit_id=unit_id,
            completes=completes,
            written_by=queries.reference_of(actor),
        )
        _write_version(actor, message, 1, {}, facts)
        audit.record(
            actor, "message.write", "message", message.pk, {"about": about, "phase": phase, "version": 1}
        )
    return message.pk


def change_message(
    actor: Actor,
    message_id: UUID,
    *,
    seen_version: int,
    facts: Facts | None = None,
    sources: Mapping[str, str] | None = None,
) -> int:
    """Writes the next version: other `facts`, or the text itself per language (`sources`). Gives its number.

    An approval of the version before is void from then on. Raises Conflict when `seen_version` is no longer the newest,
    Refused when the message has gone out already or a source is no text, Missing when there is no such message.
    """
    actor.require("message.write")
    with transaction.atomic():
        message = Message.objects.select_for_update().filter(pk=message_id).first()
        if message is None:
            raise Missing("messaging.no_such_message")
        if facts is not None:
            _check_facts(message.phase, facts)
        if queries.was_sent(message_id):
            raise Refused("messaging.already_sent")
        current = queries.newest_texts(message_id)
        version = next(iter(current.values())).version
        if version != seen_version:
            raise Conflict("messaging.changed_meanwhile", version=version)
        kept = {language: text.facts for language, text in current.items()}
        voided = queries.current_freeze(message_id)
        _write_version(actor, message, version + 1, dict(sources or {}), facts or kept, current)
        told: dict[str, object] = {"about": message.about, "phase": message.phase, "version": version + 1}
        if voided is not None and hasattr(voided, "approval"):
            told["voids_approval"] = voided.digest
        audit.record(actor, "message.write", "message", message.pk, told)
    return version + 1


def _write_version(
    actor: Actor,
    message: Message,
    version: int,
    sources: Mapping[str, str],
    facts: Facts,
    before: Mapping[str, MessageText] | None = None,
) -> None:
    texts = queries.texts_for(message.kind, message.phase)
    if not texts:
        raise Refused("messaging.no_text", kind=message.kind, phase=message.phase)
    for language, text in texts.items():
        earlier = (before or {}).get(language)
        source = sources.get(language)
        MessageText.objects.create(
            message=message,
            version=version,
            language=language,
            source=_checked(source) if source is not None else (earlier.source if earlier else text.source),
            base_digest=earlier.base_digest if earlier else text.digest,
            changed=source is not None or bool(earlier and earlier.changed),
            facts={**facts.get(EVERY_LANGUAGE, {}), **facts.get(language, {})},
            written_by=queries.reference_of(actor),
        )


def _checked(source: str) -> str:
    try:
        return write_template(read_template(source))
    except NotATemplate as wrong:
        raise Refused("messaging.not_a_text", reason=str(wrong)) from wrong


def _check_facts(phase: str, facts: Facts) -> None:
    known = NAME_FACTS | TIME_FACTS | set(CONTRACTS[phase].facts) | set(CONTRACTS[phase].later)
    for language, told in facts.items():
        for name, value in told.items():
            if language == EVERY_LANGUAGE and name in FREE_FACTS:
                raise Refused("messaging.needs_language", fact=name)
            if name not in known:
                raise Refused("messaging.no_such_fact", fact=name, phase=phase)
            if name in TIME_FACTS:
                _check_moment(name, value)


def _check_moment(name: str, value: str) -> None:
    try:
        at = datetime.fromisoformat(value)
    except ValueError as wrong:
        raise Refused("messaging.not_a_moment", fact=name, value=value) from wrong
    if at.tzinfo is None:
        raise Refused("messaging.not_a_moment", fact=name, value=value)
