"""What is paused: the list, and letting one go again."""

from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tidings.kernel.errors import TidingsError
from tidings.messaging import actions, queries
from tidings.ui.requests import StaffRequest
from tidings.ui.words import say


@require_safe
def paused(request: StaffRequest) -> HttpResponse:
    """What is paused, since when, why, and how many wait."""
    may = request.actor.may("message.send") and request.actor.units is None
    return render(
        request, "messaging/paused.html", {"pauses": queries.paused(request.actor), "may_resume": may}
    )


@require_POST
def resume(request: StaffRequest, pause_id: UUID) -> HttpResponse:
    """Lets go what waits for this pause; the form carries the size that the person saw."""
    seen = request.POST.get("seen", "")
    try:
        actions.resume_sending(request.actor, pause_id, seen=int(seen) if seen.isdecimal() else -1)
    except TidingsError as problem:
        notices.error(request, say(problem))
    else:
        notices.success(
            request, _("Resumed. What was uncertain goes out under the same Message-ID as before.")
        )
    return redirect("messaging:paused")
