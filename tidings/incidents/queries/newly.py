"""Reads for telling who came in later: the newest facts that were told, of the first notice and of what went since."""

from collections.abc import Mapping

from tidings.incidents import rules
from tidings.incidents.models import Incident, Sending
from tidings.incidents.queries.corrected import kind_since
from tidings.incidents.rules.newly import Untold, latest_told
from tidings.kernel.actor import ActorKind
from tidings.messaging import queries as messaging
from tidings.messaging.rules.content import FREE_FACTS

_SINCE = (rules.Phase.UPDATE, rules.Phase.RESTORED)


def latest_facts(incident: Incident) -> dict[str, dict[str, str]] | None:
    """What a newcomer hears: the sentences of the first notice that went last, with those of the newest update and of the
    newest message that the service is restored, where they went after it. None where no first notice went, or where one of
    these was put right since, or the kind of incident was: what is right, a person writes.
    """
    first = _newest(incident, rules.Phase.FIRST_NOTICE)
    since = kind_since(incident)
    if first is None or (since and first.sent_at and first.sent_at < since):
        return None
    later = [one for one in (_newest(incident, phase) for phase in _SINCE) if one and _went_after(one, first)]
    used = [first, *sorted(later, key=lambda one: (one.sent_at, one.pk))]
    corrected = incident.sendings.filter(
        corrects__in=[one.message_id for one in used], sent_at__isnull=False
    ).exists()
    if corrected:
        return None
    begun, *more = [_sentences(incident, one) for one in used]
    return latest_told(begun, more)


def in_whose_hand(waiting: Sending | None, facts: Mapping[str, Mapping[str, str]]) -> str:
    """Why a first notice that is written may not be written anew for newcomers: a person has it in hand, an approver looks at
    these very `facts`, or sent them back. Empty where none is written, or it is ours and was approved, or is no longer the newest.
    """
    if waiting is None:
        return ""
    if waiting.by_kind != ActorKind.SYSTEM:
        return Untold.IN_HAND.value
    freeze = messaging.current_freeze(waiting.message_id)
    if freeze is not None and messaging.is_sent_back(freeze):
        return Untold.SENT_BACK.value
    approved = freeze is not None and messaging.is_approved(freeze)
    return "" if approved or sentences_of(waiting) != facts else Untold.APPROVAL.value


def sentences_of(message: Sending) -> dict[str, dict[str, str]]:
    """People's own sentences of one message, per language."""
    return {
        language: {fact: said for fact, said in text.facts.items() if fact in FREE_FACTS}
        for language, text in messaging.newest_texts(message.message_id).items()
    }


def _newest(incident: Incident, phase: str) -> Sending | None:
    """The one of a person's own that went last; what went to newcomers by itself only says what had been said already."""
    gone = incident.sendings.filter(phase=phase, completes=None, sent_at__isnull=False)
    return gone.exclude(by_kind=ActorKind.SYSTEM).order_by("-sent_at").first()


def _went_after(one: Sending, first: Sending) -> bool:
    return one.sent_at is not None and first.sent_at is not None and one.sent_at > first.sent_at


def _sentences(incident: Incident, sent: Sending) -> dict[str, dict[str, str]]:
    """With those of what completed it in other languages."""
    told = sentences_of(sent)
    gone = messaging.languages_sent([sent.message_id]).get(sent.message_id, frozenset())
    for more in incident.sendings.filter(completes=sent.message_id, sent_at__isnull=False).order_by(
        "sent_at"
    ):
        told |= {language: facts for language, facts in sentences_of(more).items() if language not in gone}
    return told
