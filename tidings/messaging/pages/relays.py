"""How mail leaves: the relays, and the voice it has."""

from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tidings.kernel.errors import TidingsError
from tidings.messaging import actions, forms, queries
from tidings.messaging.actions.trying import ask_to_try
from tidings.ui.requests import StaffRequest
from tidings.ui.words import say


@require_http_methods(["GET", "POST"])
def relays(request: StaffRequest) -> HttpResponse:
    """The relays in use, and the form of the voice."""
    used = queries.relays(request.actor)
    form = forms.VoiceForm(request.POST or None, voice=queries.voice())
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_voice(request.actor, form.settings())
        except TidingsError as problem:
            form.add_error(None, say(problem))
        else:
            notices.success(request, _("Saved. What is frozen already keeps its words."))
            return redirect("messaging:relays")
    context = {"relays": used, "form": form, "nothing_leaves": not queries.has_relay()}
    return render(request, "messaging/relays.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def relay(request: StaffRequest, relay_id: UUID | None = None) -> HttpResponse:
    """One relay, or a new one."""
    request.actor.require("relay.change")
    known = queries.relay(request.actor, relay_id) if relay_id else None
    form = forms.RelayForm(request.POST or None, relay=known)
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.set_relay(request.actor, form.settings(), relay_id)
        except TidingsError as problem:
            form.add_error(None, say(problem))
        else:
            notices.success(request, _("Saved."))
            if relay_id is None:
                return _try(request, saved)
            return redirect("messaging:relays")
    return render(
        request, "messaging/relay.html", {"relay": known, "form": form}, status=422 if form.errors else 200
    )


@require_POST
def try_it(request: StaffRequest, relay_id: UUID) -> HttpResponse:
    """Sends whoever asks a mail by this relay."""
    return _try(request, relay_id)


def _try(request: StaffRequest, relay_id: UUID) -> HttpResponse:
    ask_to_try(request.actor, relay_id)
    return redirect("messaging:relay", relay_id)


@require_POST
def end(request: StaffRequest, relay_id: UUID) -> HttpResponse:
    """Stops using a relay."""
    actions.end_relay(request.actor, relay_id)
    notices.success(request, _("This relay is not used any more."))
    return redirect("messaging:relays")
