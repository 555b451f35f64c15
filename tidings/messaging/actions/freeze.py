"""Freezing: from here on the words are fixed, and an approval is for exactly these."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.kernel.audit import canonical
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, Refused
from tidings.kernel.installation import public_address
from tidings.messaging import queries
from tidings.messaging.actions.ask import begin_asking
from tidings.messaging.models import Freeze, Message, MessageText
from tidings.messaging.rules.content import (
    FREE_FACTS,
    TIME_FACTS,
    ApprovalPolicy,
    Audience,
    digest_of,
    needs_approval,
    stricter,
)


def freeze_message(
    actor: Actor,
    message_id: UUID,
    *,
    languages: Collection[str] | None = None,
    audience: Audience | None = None,
    policy: ApprovalPolicy | None = None,
    same_words_suffice: bool = False,
) -> UUID:
    """Fixes the words of the newest version, in every language or only in `languages`. Gives the id of the freeze.

    With an `audience` its size becomes part of what is approved; a `policy` that asks for more than the message carries
    tightens it, one that asks for less changes nothing. With `same_words_suffice` an approval that a person gave to exactly these
    words, in a message of the same phase about the same thing, is one for these too. Raises Refused("messaging.facts_missing", missing=…)
    with the facts that each language still lacks; a language left out holds only its own readers. Raises
    Refused("messaging.sent_back") for the very words that an approver sent back.
    """
    actor.require("message.write")
    with transaction.atomic():
        message = Message.objects.select_for_update().filter(pk=message_id).first()
        if message is None:
            raise Missing("messaging.no_such_message")
        _must_not_be_sent_back(message_id)
        current = queries.newest_texts(message_id)
        chosen = _chosen(message, current, languages)
        words = _words(message, chosen, current)
        parts, due_by = _shape(audience, words)
        size = sum(part.contacts for part in parts) if audience else None
        asked = _tightened(message, policy)
        needed = _needs_approval(message, chosen, asked)
        same = queries.approved_already(message, words, asked) if needed and same_words_suffice else None
        freeze = Freeze.objects.create(
            message=message,
            version=next(iter(current.values())).version,
            digest=digest_of({code: [canonical(one)] for code, one in words.items()}, size),
            words=words,
            audience_size=size,
            audience=[asdict(part) for part in parts],
            due_by=due_by,
            approval_needed=needed and same is None,
            same_as=same,
            approvers=sorted(message.approvers),
            frozen_by=queries.reference_of(actor),
        )
        told = {"digest": freeze.digest, "languages": sorted(words), "audience_size": size}
        audit.record(actor, "message.freeze", "message", message_id, told | _stands_on(same))
        begin_asking(actor, message, freeze)
    return freeze.pk


def _shape(
    audience: Audience | None, words: Mapping[str, Mapping[str, object]]
) -> tuple[list[queries.AudienceShare], datetime | None]:
    """How many by language and channel, on the rungs that these words can go by; nothing without an audience."""
    return queries.audience_shape(queries.within_forms(audience, words)) if audience else ([], None)


def _must_not_be_sent_back(message_id: UUID) -> None:
    before = queries.current_freeze(message_id)
    if before is not None and queries.is_sent_back(before):
        raise Refused("messaging.sent_back")


def _stands_on(same: Freeze | None) -> dict[str, object]:
    return {"approved_as": same.digest} if same else {}


def _needs_approval(message: Message, chosen: Mapping[str, MessageText], policy: ApprovalPolicy) -> bool:
    return needs_approval(
        policy,
        approved_beforehand=_approved_beforehand(message, chosen),
        free_sentences=any(FREE_FACTS & set(text.facts) for text in chosen.values()),
    )


def _chosen(
    message: Message, current: Mapping[str, MessageText], languages: Collection[str] | None
) -> dict[str, MessageText]:
    """The texts that go: of the languages that the message may go in, those asked for, or all."""
    return {
        code: current[code]
        for code in queries.languages_open(message, current)
        if languages is None or code in languages
    }


def _words(
    message: Message, chosen: Mapping[str, MessageText], current: Mapping[str, MessageText]
) -> dict[str, dict[str, object]]:
    """The words of the chosen languages as they are kept. Refuses what does not hold every fact."""
    lacking = queries.lacking_facts(message, current)
    missing = {code: facts for code, facts in lacking.items() if code in chosen}
    if missing:
        raise Refused("messaging.facts_missing", missing=missing)
    frozen = {code: queries.words_now(message, text) for code, text in chosen.items()}
    shared = {"year": now().year, **_own_pages()}
    return {
        code: {
            **one.as_json(),
            "moments": _moments(chosen[code].facts),
            **shared,
            **_registered(message, code, chosen[code].facts),
        }
        for code, one in frozen.items()
    }


def _registered(message: Message, language: str, facts: Mapping[str, str]) -> dict[str, object]:
    """The forms that providers approved of this text, by service; nothing where there are none."""
    voice = {**queries.given(message.kind, language), **_own_pages()}
    found = queries.registered_words(message.kind, message.phase, language, facts, voice)
    return {"registered": found} if found else {}


def _tightened(message: Message, policy: ApprovalPolicy | None) -> ApprovalPolicy:
    held = queries.policy_of(message)
    asked = stricter(held, policy) if policy else held
    if asked != held:
        message.approval_when, message.author_may_approve = asked.when, asked.author_may
        message.approvers = sorted(asked.kinds)
        message.save(update_fields=["approval_when", "author_may_approve", "approvers"])
    return asked


def _approved_beforehand(message: Message, chosen: Mapping[str, MessageText]) -> bool:
    """Whether every language still has the shipped words that were approved before anything happened."""
    return all(
        not text.changed
        and queries.is_approved_beforehand(message.kind, message.phase, code, text.base_digest)
        for code, text in chosen.items()
    )


def _own_pages() -> dict[str, str]:
    """The address that readers' own links begin with, as it is now: what was approved is what goes."""
    address = public_address()
    return {"link": address} if address else {}


def _moments(facts: dict[str, str]) -> dict[str, str]:
    """The moments that each reader will see in their own zone, as ISO 8601."""
    return {name: facts[name] for name in sorted(TIME_FACTS) if facts.get(name)}
