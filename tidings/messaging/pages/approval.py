"""Deciding about frozen words: an approver reads the real thing on one page, and says yes or no with one press."""

from collections.abc import Callable, Mapping
from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tidings.kernel.errors import Refused, TidingsError
from tidings.messaging import actions, queries
from tidings.messaging.actions.tell import kinds_word
from tidings.messaging.forms import SendBackForm
from tidings.messaging.models import ApprovalAsk, Freeze
from tidings.messaging.rules.content import CONTRACTS, FREE_FACTS
from tidings.people.queries import names_of
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label, say


@require_safe
def decide(request: StaffRequest, message_id: UUID) -> HttpResponse:
    """What an approver reads before deciding: the words, to whom, and what they hold."""
    return _page(request, message_id, SendBackForm())


@require_POST
def approve(request: StaffRequest, message_id: UUID) -> HttpResponse:
    """A person's yes to the words as they are frozen."""
    digest = request.POST.get("digest", "")
    missing: list[str] = []

    def approving() -> None:
        missing.extend(
            actions.approve_message(request.actor, message_id, digest, request.POST.get("kind") or None)
        )

    return _answered(request, message_id, approving, lambda: _approved(missing))


@require_POST
def send_back(request: StaffRequest, message_id: UUID) -> HttpResponse:
    """A person's no, with the reason."""
    form = SendBackForm(request.POST)
    if not form.is_valid():
        return _page(request, message_id, form)
    given = form.cleaned_data

    def sending_back() -> None:
        actions.send_back(request.actor, message_id, request.POST.get("digest", ""), given["reason"])

    return _answered(request, message_id, sending_back, lambda: _("Sent back. Who wrote it is told why."))


def names_behind(references: set[str]) -> dict[str, str]:
    """Reference → the name to show: a person's own, or the command's."""
    refs = {reference: queries.ref_of(reference) for reference in references}
    known = names_of(list(refs.values()))
    return {reference: known.get(ref, ref) for reference, ref in refs.items()}


def asking(asked: Mapping[str, ApprovalAsk | None]) -> list[dict[str, object]]:
    """Who is asked for each kind of approval that is missing and until when, or that nobody is any more, for a page."""
    names = names_of([str(ask.person_id) for ask in asked.values() if ask])
    return [
        {
            "kind": label(f"approval.kind.{kind}") if kind else "",
            "name": names[str(ask.person_id)] if ask else "",
            "until": ask.answer_by if ask else None,
        }
        for kind, ask in asked.items()
    ]


def _given(freeze: Freeze) -> list[dict[str, object]]:
    given = queries.kinds_given(freeze)
    names = names_behind({one.approved_by for one in given})
    return [
        {
            "kind": label(f"approval.kind.{one.kind}"),
            "name": names[one.approved_by],
            "at": one.approved_at,
        }
        for one in given
    ]


def _approved(missing: list[str]) -> str:
    if not missing:
        return _("Approved. It can go now.")
    return _("Approved. Still missing: %(kinds)s.") % {"kinds": kinds_word(missing)}


def _page(request: StaffRequest, message_id: UUID, form: SendBackForm) -> HttpResponse:
    message = queries.message(request.actor, message_id)
    freeze = queries.current_freeze(message_id)
    [row] = queries.listed([message])
    waits = row.state == "waiting_for_approval"
    author = names_behind({message.written_by})[message.written_by]
    asked = queries.asked_now([freeze])[freeze.pk] if freeze and waits else {}
    why_not = queries.why_not_decide(request.actor, message) if waits else None
    may = queries.may_give(request.actor)
    context = {
        "message": message,
        "row": row,
        "freeze": freeze,
        "form": form,
        "asked": asking(asked),
        "given": _given(freeze) if freeze else [],
        "kinds": [(kind, label(f"approval.kind.{kind}")) for kind in asked if kind and kind in may],
        "author": author,
        "why_not": say(Refused(why_not)) if why_not else "",
        "may_decide": waits and not why_not and request.actor.may("message.approve"),
        "previews": [queries.frozen_preview(freeze, code) for code in freeze.words] if freeze else [],
        "unwritten": _unwritten(freeze) if freeze else [],
        **(_contract(message.phase, freeze) if freeze else {}),
    }
    return render(request, "messaging/decide.html", context, status=422 if form.errors else 200)


def _unwritten(freeze: Freeze) -> list[str]:
    """Languages of the audience that have no frozen words: nobody decides about those here."""
    return sorted({part["language"] for part in freeze.audience} - set(freeze.words))


def _contract(phase: str, freeze: Freeze) -> dict[str, object]:
    """What the contract of the phase asks for, and what of it every frozen language says."""
    said = [{block for block, _pieces in words["paragraphs"]} & FREE_FACTS for words in freeze.words.values()]
    everywhere = set.intersection(*said) if said else set()
    facts = CONTRACTS[phase].facts
    return {
        "says": [label(fact) for fact in facts if fact in everywhere],
        "leaves_out": [label(fact) for fact in facts if fact not in everywhere],
    }


def _answered(
    request: StaffRequest, message_id: UUID, act: Callable[[], None], said: Callable[[], str]
) -> HttpResponse:
    queries.message(request.actor, message_id)
    try:
        act()
    except TidingsError as problem:
        notices.error(request, say(problem))
        return redirect("messaging:decide", message_id)
    notices.success(request, said())
    return redirect("home:worklist")
