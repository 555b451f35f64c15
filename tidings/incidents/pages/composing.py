"""The composer as a page shows it: tabs, preview, checklist, size, one button."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from babel import Locale
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, to_locale

from tidings.incidents import queries, rules
from tidings.incidents.composer import Composer, Draft, composer, next_phase
from tidings.incidents.models import Incident, Sending
from tidings.incidents.words import BY_CHANNEL, LEFT_OUT
from tidings.incidents.words.contract import later_sentences
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing
from tidings.messaging import queries as messaging
from tidings.messaging.pages.approval import asking
from tidings.ui.moments import count, zoned_moment
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label, paragraph


def composing(
    request: StaffRequest,
    incident: Incident,
    phase: str,
    corrects: UUID | None = None,
    completes: UUID | None = None,
    typed: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, Any]:
    """Everything that `_composer.html` shows of one phase; of a correction, of the message that it puts right; of what
    `completes` a sent message, of that one; with `typed`, as it would read with these sentences.
    """
    built = composer(request.actor, incident, phase, now(), corrects, completes, typed)
    shown = request.GET.get("language") or getattr(request, "LANGUAGE_CODE", "en")
    draft = next((one for one in built.drafts if one.language == shown), next(iter(built.drafts), None))
    return {
        "composer": built,
        "beside": f"&completes={completes}" if completes else "",
        "composer_word": label(f"incident.phase.{phase}"),
        "write_word": label(f"incident.write.{phase}"),
        "draft": draft,
        "tabs": [_tab(one, one is draft) for one in built.drafts],
        "shown_tab": _tab(draft, True) if draft else None,
        "audience_words": audience_words(built),
        "quiet_words": _quiet_words(incident, built),
        "asked": _asked(built),
        "unprepared": built.held_from is not None and built.waits,
        "too_early": _too_early(built),
        "may_send_now": _may_send_now(request, built),
        "corrected_word": label(f"incident.phase.{built.corrects.phase}") if built.corrects else "",
        "phase_choices": [(one, label(f"incident.phase.{one}")) for one in _others(incident, phase)],
    }


def _too_early(built: Composer) -> bool:
    return built.held_from is not None and built.held_from > now()


def _may_send_now(request: StaffRequest, built: Composer) -> bool:
    """Whether the one button is to send it, or to ask for the approval that it needs."""
    waits_for_approver = built.frozen and not built.approved
    held = built.held_from is not None and built.waits
    there = built.complete and built.told
    return bool(
        there and request.actor.may("message.send") and not (waits_for_approver or held or _too_early(built))
    )


def _tab(draft: Draft, shown: bool) -> dict[str, object]:
    """One language: its name, how it reads, and the list of what it says and of what is still missing."""
    return {
        "draft": draft,
        "name": language_name(draft.language),
        "shown": shown,
        "said_words": [label(f"incident.says.{fact}") for fact in draft.said],
        "missing_words": [label(f"incident.says.{fact}") for fact in draft.missing],
    }


def _quiet_words(incident: Incident, built: Composer) -> str:
    """How many of its readers it would leave alone for now, and until when the last of them."""
    if not built.contacts or built.phase == rules.Phase.BRIEFING:
        return ""
    wrong, late = (one.message_id if one else None for one in (built.corrects, built.completes))
    audience = queries.audience(incident, built.phase, now(), wrong, late)
    number, last = queries.would_wait(incident, audience, now())
    return quiet_words(number, last)


def quiet_words(number: int, last: datetime | None) -> str:
    """That so many wait for the end of their quiet hours; empty where nobody does."""
    if not number or last is None:
        return ""
    sentence = ngettext(
        "%(number)s waits until their quiet hours are over, at %(at)s.",
        "%(number)s wait until their quiet hours are over, the last until %(at)s.",
        number,
    )
    return sentence % {"number": count(number), "at": zoned_moment(last)}


def _asked(built: Composer) -> dict[str, object]:
    """Who is being asked to approve and until when, or that nobody is any more; empty where nothing waits."""
    if built.message_id is None or not built.frozen or built.approved or built.sent_back:
        return {}
    freeze = messaging.current_freeze(built.message_id)
    if freeze is None:
        return {"nobody": True}
    lines = asking(messaging.asked_now([freeze])[freeze.pk])
    return {
        "lines": lines,
        "nobody": not all(one["name"] for one in lines),
        "given": [label(f"approval.kind.{one.kind}") for one in messaging.kinds_given(freeze)],
    }


def asked_completion(request: StaffRequest, incident: Incident) -> Sending | None:
    """The sent message that is to be completed in a language it lacks, as the address or the form names it; None for most.

    Raises Missing("incident.message_missing") for one that did not go.
    """
    asked = request.POST.get("completes") or request.GET.get("completes", "")
    if not asked:
        return None
    try:
        return queries.to_complete(incident, UUID(asked))
    except ValueError as wrong:
        raise Missing("incident.message_missing", number=incident.number) from wrong


def asked_phase(request: StaffRequest, incident: Incident) -> str:
    """The phase that the composer shows: the one asked for, or the next one."""
    asked = request.GET.get("phase", "")
    known = asked in rules.SENT_PHASES and asked != rules.Phase.CORRECTION
    return asked if known or _is_begun(incident, asked) else next_phase(incident).value


def _others(incident: Incident, phase: str) -> Iterator[str]:
    """The other messages that may be written now. A correction begins at the message that it puts right."""
    begun = incident.first_notice_at is not None
    for one in rules.SENT_PHASES if begun else (*rules.NOTICES, rules.Phase.BRIEFING):
        if one != phase and (one != rules.Phase.CORRECTION or _is_begun(incident, one)):
            yield one.value


def _is_begun(incident: Incident, phase: str) -> bool:
    return phase in rules.SENT_PHASES and queries.unsent(incident, phase) is not None


def language_name(code: str) -> str:
    """A language's own name, as its readers write it."""
    name = Locale.parse(to_locale(code)).get_language_name(to_locale(code).partition("_")[0]) or code
    return name[:1].upper() + name[1:]


def audience_words(built: Composer) -> str:
    """How many it goes to, by channel, and whom it leaves waiting: seen before anything is sent."""
    return paragraph(_audience_sentences(built))


def _audience_sentences(built: Composer) -> Iterator[str]:
    if built.contacts:
        parts = [_channel_words(channel, number) for channel, number in built.by_channel.items()]
        yield ngettext(
            "Goes to %(number)s contact: %(parts)s.",
            "Goes to %(number)s contacts: %(parts)s.",
            built.contacts,
        ) % {"number": count(built.contacts), "parts": _(", ").join(parts)}
        for choice, number in built.left_out.items():
            yield LEFT_OUT[choice] % {"number": count(number)}
        for language, number in built.held.items():
            sentence = ngettext(
                "%(language)s is not there yet: it holds %(number)s reader, who gets %(second)s at half the time left.",
                "%(language)s is not there yet: it holds %(number)s readers, who get %(second)s at half the time left.",
                number,
            )
            yield sentence % {
                "number": count(number),
                "language": language_name(language),
                "second": language_name(built.second_language),
            }
    elif not built.told:
        yield _("Nobody is left to tell.")
    yield from _form_sentences(built)
    yield from later_sentences(built.later)
    yield from _together_sentences(built)
    if built.next_by:
        yield _("It promises the next message for %(at)s.") % {"at": zoned_moment(built.next_by)}


def _form_sentences(built: Composer) -> Iterator[str]:
    """Who goes to another channel because no provider approved this text in their language."""
    for (channel, language), number in built.without_form.items():
        yield ngettext(
            "%(number)s of them would read it by %(channel)s, where no form of this text is approved in %(language)s: their next channel tells them.",
            "%(number)s of them would read it by %(channel)s, where no form of this text is approved in %(language)s: their next channel tells them.",
            number,
        ) % {
            "number": count(number),
            "channel": label(f"channel.{channel}"),
            "language": language_name(language),
        }


def _together_sentences(built: Composer) -> Iterator[str]:
    """Who of them stands in another incident too, and whom its message told already."""
    for incident, number in built.also_in.items():
        yield ngettext(
            "%(number)s of them also stands in %(incident)s; one message tells them of both.",
            "%(number)s of them also stand in %(incident)s; one message tells them of both.",
            number,
        ) % {"number": count(number), "incident": incident}
    for incident, number in built.already_told.items():
        yield ngettext(
            "%(number)s contact is left out: the update of %(incident)s told them the same, and they hear again as soon.",
            "%(number)s contacts are left out: the update of %(incident)s told them the same, and they hear again as soon.",
            number,
        ) % {"number": count(number), "incident": incident}
    if built.already_told_elsewhere:
        yield ngettext(
            "%(number)s contact is left out: another message of ours told them the same, and they hear again as soon.",
            "%(number)s contacts are left out: another message of ours told them the same, and they hear again as soon.",
            built.already_told_elsewhere,
        ) % {"number": count(built.already_told_elsewhere)}


def _channel_words(channel: str | None, number: int) -> str:
    sentence = BY_CHANNEL.get(channel or "", BY_CHANNEL["other"])
    return str(sentence) % {"number": count(number)}


def late_words(late: queries.Late) -> str:
    """That a sent message holds the readers of a language it lacks, and until when."""
    sentence = ngettext(
        "%(language)s is not there yet: it holds %(number)s reader until %(at)s.",
        "%(language)s is not there yet: it holds %(number)s readers until %(at)s.",
        late.readers,
    )
    return sentence % {
        "language": language_name(late.language),
        "number": count(late.readers),
        "at": zoned_moment(late.until),
    }
