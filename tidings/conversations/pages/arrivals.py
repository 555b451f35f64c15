"""What came in: the list, one mail, and one conversation with its customer and shipments beside it."""

from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tidings.conversations import actions, queries
from tidings.conversations.queries.beside import beside
from tidings.conversations.rules import Outcome
from tidings.messaging.queries.addressee import addressee
from tidings.messaging.rules.reading import read_mail
from tidings.ui.listing import listing
from tidings.ui.requests import StaffRequest

_LONGEST_SHOWN = 20_000


@require_safe
def arrivals(request: StaffRequest) -> HttpResponse:
    """What came in, newest first, by what became of it."""
    view = request.GET.get("view", "")
    view = view if view in queries.VIEWS else "answers"
    text = request.GET.get("text", "").strip()
    page = listing(request, queries.arrivals(request.actor, view, text))
    waiting = queries.counts(request.actor)
    views = [(code, f"arrival.view.{code}", waiting.get(code, 0)) for code in queries.VIEWS]
    doors = queries.open_doors()
    context = {
        "listing": page,
        "view": view,
        "text": text,
        "views": views,
        "has_door": doors.exists(),
        "broken": queries.broken_doors(),
    }
    return render(request, "conversations/arrivals.html", context)


@require_safe
def arrival(request: StaffRequest, arrival_id: UUID) -> HttpResponse:
    """One mail as it came; an answer is shown with its conversation."""
    found = queries.arrival(request.actor, arrival_id)
    answer = getattr(found, "answer", None)
    if answer is not None:
        return redirect("conversations:conversation", answer.conversation_id)
    reading = read_mail(queries.raw_of(found))
    told = addressee(found.delivery_id) if found.delivery_id else None
    context = {
        "arrival": found,
        "told": told,
        "headers": reading.headers,
        "text": reading.text[:_LONGEST_SHOWN],
        "not_applied": found.outcome in (Outcome.UNKEYED, Outcome.UNKNOWN),
    }
    return render(request, "conversations/arrival.html", context)


@require_safe
def raw(request: StaffRequest, arrival_id: UUID) -> HttpResponse:
    """The mail itself, as a file."""
    found = queries.arrival(request.actor, arrival_id)
    answer = HttpResponse(queries.raw_of(found), content_type="message/rfc822")
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.pk}.eml"'
    return answer


@require_POST
def seen(request: StaffRequest, arrival_id: UUID) -> HttpResponse:
    """Somebody looked at what was not applied."""
    actions.mark_seen(request.actor, arrival_id)
    return redirect(f"{reverse('conversations:arrivals')}?view=not_applied")


@require_safe
def conversation(request: StaffRequest, conversation_id: UUID) -> HttpResponse:
    """What one person answered about one thing."""
    found = queries.conversation(request.actor, conversation_id)
    context = {"talk": queries.talk(found), "beside": beside(found), "conversation": found}
    return render(request, "conversations/conversation.html", context)


@require_POST
def read(request: StaffRequest, conversation_id: UUID) -> HttpResponse:
    """Its answers are read."""
    actions.mark_read(request.actor, conversation_id)
    return redirect(_back(request, conversation_id))


@require_POST
def end(request: StaffRequest, conversation_id: UUID) -> HttpResponse:
    """Nothing is left to do."""
    actions.end_conversation(request.actor, conversation_id)
    notices.success(request, _("Done with. A later answer begins another conversation."))
    return redirect("conversations:arrivals")


def _back(request: StaffRequest, conversation_id: UUID) -> str:
    """To the incident where it was pressed, else to the conversation."""
    about = queries.conversation(request.actor, conversation_id).about
    if about and request.POST.get("from") == "incident":
        return reverse("incidents:show", args=[about]) + "#customers-answered"
    return reverse("conversations:conversation", args=[conversation_id])
