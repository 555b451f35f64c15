"""The doors by which mail comes in: how each stands, opening, changing, trying and ending one."""

from uuid import UUID

from django.contrib import messages as notices
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tidings.conversations import actions, forms, queries
from tidings.conversations.doors.base import ways
from tidings.conversations.models import Door
from tidings.kernel.errors import TidingsError
from tidings.kernel.installation import public_address
from tidings.ui.requests import StaffRequest
from tidings.ui.words import say


@require_safe
def doors(request: StaffRequest) -> HttpResponse:
    """The doors in use, and the kinds that could be opened."""
    found = list(queries.doors(request.actor))
    return render(request, "conversations/doors.html", {"doors": found, "codes": sorted(ways())})


@require_http_methods(["GET", "POST"])
def new(request: StaffRequest, code: str) -> HttpResponse:
    """Another door of this kind."""
    request.actor.require("door.change")
    if code not in ways():
        raise Http404
    return _edit(request, code, None)


@require_http_methods(["GET", "POST"])
def door(request: StaffRequest, door_id: UUID) -> HttpResponse:
    """One door."""
    request.actor.require("door.change")
    found = queries.door(request.actor, door_id)
    return _edit(request, found.code, found)


def _edit(request: StaffRequest, code: str, found: Door | None) -> HttpResponse:
    way = ways()[code]
    known = queries.opened_settings(found) if found else {}
    form = forms.DoorForm(request.POST or None, way=way, door=found, known=known)
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.set_door(request.actor, form.settings(), found.pk if found else None)
        except TidingsError as problem:
            form.add_error(None, say(problem))
        else:
            notices.success(request, _("Saved. It is being looked at now."))
            return redirect("conversations:door", saved)
    context = {
        "door": found,
        "code": code,
        "form": form,
        "way": way,
        "address": _address(found),
        "secret": known.get("secret", ""),
    }
    return render(request, "conversations/door.html", context, status=422 if form.errors else 200)


def _address(found: Door | None) -> str:
    """Where another server posts to."""
    if found is None or found.code != "http":
        return ""
    return public_address().rstrip("/") + reverse("doors:hand_in", args=[found.pk])


@require_POST
def look(request: StaffRequest, door_id: UUID) -> HttpResponse:
    """Has a door looked at."""
    actions.ask_to_look(request.actor, door_id)
    return redirect("conversations:door", door_id)


@require_POST
def end(request: StaffRequest, door_id: UUID) -> HttpResponse:
    """Stops using a door."""
    actions.end_door(request.actor, door_id)
    notices.success(request, _("This door is not used any more."))
    return redirect("conversations:doors")
