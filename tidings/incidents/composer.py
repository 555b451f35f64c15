"""What the composer shows before anything is sent: each language as a reader will see it, what the content contract still
misses, and how many it goes to. Reads only.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from tidings.incidents import queries, rules, sql
from tidings.incidents.models import Incident, Sending
from tidings.kernel.actor import Actor
from tidings.messaging import queries as messaging
from tidings.messaging import texts
from tidings.messaging.rules.content import (
    CONTRACTS,
    FREE_FACTS,
    TIME_FACTS,
    audience_outgrew,
    needs_approval,
)
from tidings.messaging.rules.freezing import FrozenWords, freeze_words, is_row, said_to
from tidings.messaging.rules.template import read_template
from tidings.messaging.rules.wording import Reader, listed, reader_values, row_values

SAMPLE_CODE = "0000-0000"
Typed = Mapping[str, Mapping[str, str]] | None
"""People's own sentences per language that are not saved; None where only what is saved counts."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One language as one of its readers will see it. `missing` are facts of the contract it does not tell yet."""

    language: str
    subject: str
    short: str
    paragraphs: tuple[str, ...]
    said: tuple[str, ...]
    missing: tuple[str, ...]
    contacts: int
    prepared: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Composer:
    """A phase about to be told. `waits` says that somebody must approve first; `may_approve` that this reader may.

    `sent_back` is the reason that an approver gave; `corrects` is what a correction puts right; `held_from` is when a holding
    notice may go. `completes` is the sent message whose readers wait, whose `second` language they get else. `seen` is what a form must carry; `digest` names the words that an approval would be for. A text frozen for
    fewer people than are affected now, or before the grade was raised, counts as not frozen. `also_in` are the contacts that
    hear of another incident in the same message, by its number; `later` those who hear after their client, or on its word; `already_told` those left out since that one's message told them
    the same, and `already_told_elsewhere` those whose other incident this reader does not see.
    """

    phase: str
    drafts: tuple[Draft, ...]
    contacts: int
    by_channel: Mapping[str | None, int]
    other_languages: Mapping[str, int]
    next_by: datetime | None
    message_id: UUID | None
    own_sentences: bool
    guarded: bool
    frozen: bool
    digest: str
    seen: queries.Seen
    waits: bool
    approved: bool
    may_approve: bool
    sent_back: str
    corrects: Sending | None = None
    completes: Sending | None = None
    second: str = ""
    held_from: datetime | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    later: tuple[sql.Later, ...] = ()
    also_in: Mapping[str, int] = field(default_factory=dict)
    already_told: Mapping[str, int] = field(default_factory=dict)
    already_told_elsewhere: int = 0
    without_form: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def told(self) -> int:
        """How many count as told once it goes: those whom it goes to, and those whom another message told the same."""
        return self.contacts + sum(self.already_told.values()) + self.already_told_elsewhere

    @property
    def complete(self) -> bool:
        """Whether it can go in at least one language; every other one holds only its own readers."""
        return bool(self.ready)

    @property
    def ready(self) -> tuple[str, ...]:
        """The languages that tell every fact."""
        return tuple(draft.language for draft in self.drafts if not draft.missing)

    @property
    def held(self) -> dict[str, int]:
        """Language to the readers whom it holds until it is there: those with a fact missing, and those without a text."""
        late = {draft.language: draft.contacts for draft in self.drafts if draft.missing and draft.contacts}
        return {**late, **self.other_languages} if self.ready else {}

    @property
    def second_language(self) -> str:
        """What readers get at half their time whose own language is not there by then."""
        return self.second or ("en" if "en" in self.ready else next(iter(self.ready), ""))


def composer(
    actor: Actor,
    incident: Incident,
    phase: str,
    now: datetime,
    corrects: UUID | None = None,
    completes: UUID | None = None,
    typed: Typed = None,
) -> Composer:
    """The composer of one phase, as it stands at `now`; of a correction, the one of the message `corrects`, or what is
    written; of what `completes` a sent message, in the languages that it lacks; with `typed`, as if that were saved.
    Raises Missing("incident.message_missing") for a message to correct or to complete that did not go.
    """
    written, sent = queries.unsent(incident, phase, completes), _to_complete(incident, completes)
    wrong = corrects or (written.corrects if written else None)
    promise = _promised(written or sent, queries.promise(incident, phase, now))
    together = _together(incident, phase, now, promise.next_by, written, sent)
    audience = queries.audience_parts(actor, incident, phase, now, wrong, completes, together)
    kind = queries.kind_told(incident, phase)
    chosen = messaging.texts_for(kind, phase)
    known = queries.known_facts(incident, promise)
    facts, sources = _as_written(written or sent, chosen, *_as_saved(incident, sent, known, typed))
    late = [code for code in sources if code not in _gone(sent)]
    drafts = tuple(_draft(incident, kind, phase, code, sources[code], facts, audience, now) for code in late)
    ready = {draft.language for draft in drafts if not draft.missing} or set(late)
    free, contacts = any(FREE_FACTS & set(facts[code]) for code in ready), _contacts(audience)
    return Composer(
        phase=phase,
        drafts=drafts,
        contacts=contacts,
        by_channel=_by_channel(audience),
        other_languages={part.language: part.contacts for part in audience if part.language not in chosen},
        next_by=promise.next_by,
        message_id=written.message_id if written else None,
        own_sentences=free,
        guarded=kind != incident.kind,
        seen=queries.Seen(incident.version, queries.newest_message(incident, phase, completes), contacts),
        waits=_waits(incident, kind, phase, {code: chosen[code] for code in ready}, free),
        corrects=queries.sent_message(incident, wrong) if wrong else None,
        **_completing(sent),
        held_from=queries.held_from(incident) if phase == rules.Phase.HOLDING else None,
        **({} if completes else _left_out(actor, incident, phase, now, together)),
        **_decided(actor, _frozen_for(incident, written, contacts + len(together.already_told))),
    )


def _together(
    incident: Incident,
    phase: str,
    now: datetime,
    next_by: datetime | None,
    written: Sending | None,
    sent: Sending | None,
) -> queries.Together:
    if sent:
        return queries.Together()
    return queries.together(incident, phase, now, next_by, written.message_id if written else None)


def _left_out(
    actor: Actor, incident: Incident, phase: str, now: datetime, together: queries.Together
) -> dict[str, Any]:
    """Whom it leaves out by their own choice, and what this reader may know of other incidents that the audience stands in."""
    left_out: dict[str, Any] = {"left_out": queries.left_out(incident, phase, now)}
    left_out["without_form"] = queries.without_form(incident, phase, now, together)
    left_out["later"] = tuple(queries.hear_later(incident, phase, now))
    if not together.others:
        return left_out
    also_in, _unseen = queries.named_to(actor, queries.told_together(incident, phase, now, together))
    told, elsewhere = queries.named_to(actor, queries.already_told_with(together))
    return {**left_out, "also_in": also_in, "already_told": told, "already_told_elsewhere": elsewhere}


def _to_complete(incident: Incident, completes: UUID | None) -> Sending | None:
    return queries.to_complete(incident, completes) if completes else None


def _gone(sent: Sending | None) -> frozenset[str]:
    """The languages that the message to complete went in; none where none is."""
    return queries.languages_gone(sent.message_id) if sent else frozenset()


def _completing(sent: Sending | None) -> dict[str, Any]:
    """The sent message whose readers wait, and the language that they get else."""
    gone = _gone(sent)
    return {"completes": sent, "second": "en" if "en" in gone else min(gone, default="")}


def _decided(actor: Actor, freeze: Any) -> dict[str, Any]:
    """How the frozen words stand with their approvers; `freeze` is None where none count."""
    if freeze is None:
        return {"frozen": False, "digest": "", "approved": False, "may_approve": False, "sent_back": ""}
    return {
        "frozen": True,
        "digest": freeze.digest,
        "approved": messaging.is_approved(freeze),
        "may_approve": messaging.may_decide(actor, freeze.message),
        "sent_back": freeze.sent_back.reason if messaging.is_sent_back(freeze) else "",
    }


def _promised(written: Sending | None, promise: rules.Promise) -> rules.Promise:
    """What it owes; the next message is promised for as it was written, or as it would be."""
    return replace(promise, next_by=written.promised_by) if written else promise


def _as_written(
    written: Sending | None,
    chosen: Mapping[str, messaging.Text],
    known: Mapping[str, str],
    typed: Typed,
) -> tuple[dict[str, Mapping[str, str]], dict[str, str]]:
    """Facts and source of each language: as somebody typed or wrote them, or what is known by itself and the prepared text."""
    own = messaging.newest_texts(written.message_id) if written and typed is None else {}
    said = {code: {**known, **(typed or {}).get(code, {})} for code in chosen}
    facts = {code: own[code].facts if code in own else said[code] for code in chosen}
    return facts, {code: own[code].source if code in own else text.source for code, text in chosen.items()}


def _as_saved(
    incident: Incident,
    sent: Sending | None,
    known: Mapping[str, str],
    typed: Typed,
) -> tuple[Mapping[str, str], Typed]:
    """What is known by itself, and people's own sentences, as saving would write them: of what completes a `sent` message
    with its promise and with what went."""
    if sent is None or typed is None:
        return known, typed
    before, gone = queries.said_so_far(incident, sent), queries.languages_gone(sent.message_id)
    promised = {"next_by": sent.promised_by.isoformat()} if sent.promised_by else {}
    return {**known, **promised}, rules.sentences_to_complete(before, typed, gone)


def _contacts(audience: Sequence[sql.AudiencePart]) -> int:
    return sum(part.contacts for part in audience)


def _by_channel(audience: Sequence[sql.AudiencePart]) -> Counter[str | None]:
    counted: Counter[str | None] = Counter()
    for part in audience:
        counted[part.channel] += part.contacts
    return counted


def _frozen_for(incident: Incident, written: Any, contacts: int) -> Any:
    """The frozen words of what is written, unless they were frozen for fewer than would get them now, or when less was asked."""
    freeze = messaging.current_freeze(written.message_id) if written else None
    if freeze is None or audience_outgrew(freeze.audience_size, contacts):
        return None
    return (
        None
        if messaging.asks_less(written.message_id, queries.approval_for(incident, written.phase))
        else freeze
    )


def _waits(
    incident: Incident, kind: str, phase: str, chosen: Mapping[str, messaging.Text], free: bool
) -> bool:
    """Whether a person must approve it before it goes."""
    beforehand = all(
        messaging.is_approved_beforehand(kind, phase, code, text.digest) for code, text in chosen.items()
    )
    policy = queries.approval_for(incident, phase)
    return needs_approval(policy, approved_beforehand=beforehand, free_sentences=free)


def next_phase(incident: Incident) -> rules.Phase:
    """What the story needs to be told next."""
    gone = incident.sendings.filter(sent_at__isnull=False, completes=None)
    said = list(
        gone.filter(phase__in=rules.TOLD_PHASES[1:]).order_by("-sent_at").values_list("phase", flat=True)
    )
    return rules.next_to_tell(
        incident.state,
        said[0] if said else None,
        noticed=incident.first_notice_at is not None,
        restored=rules.Phase.RESTORED in said,
    )


def own_facts(incident: Incident, phase: str, completes: UUID | None = None) -> dict[str, dict[str, str]]:
    """The sentences that somebody wrote for a phase and that have not gone yet, per language; what was begun of a language that
    a sent message lacks, too.
    """
    if completes:
        sent, gone = queries.to_complete(incident, completes), queries.languages_gone(completes)
        return {code: said for code, said in queries.said_so_far(incident, sent).items() if code not in gone}
    written = queries.unsent(incident, phase)
    if written is None:
        return {}
    newest = messaging.newest_texts(written.message_id)
    return {
        code: {fact: said for fact, said in text.facts.items() if fact in FREE_FACTS}
        for code, text in newest.items()
    }


def _draft(
    incident: Incident,
    kind: str,
    phase: str,
    language: str,
    source: str,
    facts: Mapping[str, Mapping[str, str]],
    audience: Sequence[sql.AudiencePart],
    now: datetime,
) -> Draft:
    words, given = texts.words(language), messaging.given(kind, language)
    template, known = read_template(source), facts[language]
    frozen = freeze_words(template, words, known, given, drill=incident.drill)
    readers = [part for part in audience if part.language == language]
    reader = Reader(words, _zone(readers), now.year)
    unsaid = {fact: value for fact, value in known.items() if fact not in FREE_FACTS}
    alone = freeze_words(template, words, unsaid, given, drill=False)
    contract = CONTRACTS[phase]
    elsewhere = {fact for told in facts.values() for fact in told if fact in FREE_FACTS}
    lacking = [fact for fact in contract.required if fact not in frozen.said]
    lacking += [fact for fact in sorted(elsewhere) if fact not in known and fact not in lacking]
    return Draft(
        language,
        *_as_read(frozen, known, reader, readers),
        said=tuple(fact for fact in contract.facts if fact in frozen.said and fact not in lacking),
        missing=tuple(lacking),
        contacts=sum(part.contacts for part in readers),
        prepared={fact: _of_fact(alone, fact, known, reader, readers) for fact in alone.said},
    )


def _of_fact(
    frozen: FrozenWords,
    fact: str,
    facts: Mapping[str, str],
    reader: Reader,
    readers: Sequence[sql.AudiencePart],
) -> str:
    """What the text says of one fact, as one real reader gets it; of what it means, each of their shipments too."""
    about = tuple(
        one for one in frozen.paragraphs if one.block == fact or (is_row(one) and fact == "what_it_means")
    )
    return "\n".join(_as_read(replace(frozen, paragraphs=about), facts, reader, readers)[2])


def _zone(readers: Sequence[sql.AudiencePart]) -> str:
    return readers[0].time_zone if readers else "UTC"


def _as_read(
    frozen: FrozenWords, facts: Mapping[str, str], reader: Reader, readers: Sequence[sql.AudiencePart]
) -> tuple[str, str, tuple[str, ...]]:
    """Subject, short form and paragraphs with one real reader's values in the open slots."""
    name, lines = (readers[0].name, readers[0].lines) if readers else ("", [])
    times = {fact: datetime.fromisoformat(facts[fact]) for fact in TIME_FACTS if facts.get(fact)}
    values = reader_values(reader, name, lines, times, SAMPLE_CODE, messaging.sample_link())
    return said_to(frozen, values, [row_values(line, reader) for line in listed(lines)])
