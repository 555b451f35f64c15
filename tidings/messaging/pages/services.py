"""Services beside mail relays: which are in use, what each needs to know, and whether it takes a test message."""

from typing import NamedTuple
from uuid import UUID

from django.contrib import messages as notices
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tidings.kernel.errors import TidingsError
from tidings.messaging import actions, forms, queries
from tidings.messaging.actions.services import ask_to_try, set_service
from tidings.messaging.channels.making import channel_kinds, settings_of
from tidings.messaging.rules.delivery import MAIL
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label, say


class Kind(NamedTuple):
    """A channel by its service and its rung."""

    code: str
    rung: str


@require_GET
def services(request: StaffRequest) -> HttpResponse:
    """The services in use, and the kinds that could be added, by what they serve."""
    kinds = [Kind(kind.code, kind.rung) for kind in channel_kinds().values() if kind.code != MAIL]
    kinds.sort(key=lambda kind: (kind.rung, label(f"service.{kind.code}")))
    context = {"services": queries.services(request.actor), "kinds": kinds}
    return render(request, "messaging/services.html", context)


@require_http_methods(["GET", "POST"])
def new(request: StaffRequest, service: str) -> HttpResponse:
    """A new service of one kind."""
    return _form(request, service, None)


@require_http_methods(["GET", "POST"])
def service(request: StaffRequest, relay_id: UUID) -> HttpResponse:
    """One service."""
    known = queries.service(request.actor, relay_id)
    return _form(request, known.relay.service, known)


def _form(request: StaffRequest, service: str, known: queries.KnownService | None) -> HttpResponse:
    request.actor.require("relay.change")
    kind = channel_kinds().get(service)
    if kind is None:
        raise Http404
    form = forms.ServiceForm(
        request.POST or None, service=kind.code, rung=kind.rung, asked=settings_of(kind), known=known
    )
    if request.method == "POST" and form.is_valid():
        try:
            saved = set_service(request.actor, form.service(), known.relay.pk if known else None)
        except TidingsError as problem:
            form.add_error(None, say(problem))
        else:
            notices.success(request, _("Saved."))
            return redirect("messaging:service", saved)
    context = {
        "form": form,
        "kind": Kind(kind.code, kind.rung),
        "service": known,
        "test": forms.TestAddressForm(),
    }
    return render(request, "messaging/service.html", context, status=422 if form.errors else 200)


@require_POST
def try_it(request: StaffRequest, relay_id: UUID) -> HttpResponse:
    """Sends a test message by this service, to an address that whoever asks gives."""
    form = forms.TestAddressForm(request.POST)
    if form.is_valid():
        ask_to_try(request.actor, relay_id, form.cleaned_data["address"])
    return redirect("messaging:service", relay_id)


@require_POST
def end(request: StaffRequest, relay_id: UUID) -> HttpResponse:
    """Stops using a service."""
    actions.end_relay(request.actor, relay_id)
    notices.success(request, _("This service is not used any more."))
    return redirect("messaging:services")
