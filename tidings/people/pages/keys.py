"""Keys for programs: which there are, making one (shown once), confirming and revoking."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.people import actions, queries
from tidings.people.forms import KeyForm
from tidings.people.models import ApiKey
from tidings.ui.export import csv_file
from tidings.ui.listing import listing
from tidings.ui.requests import StaffRequest
from tidings.ui.words import say

_SORTS = {"name": ("name", "id"), "used": ("use__used_at", "id"), "expires": ("expires_at", "id")}


def keys(request: StaffRequest) -> HttpResponseBase:
    ended = request.GET.get("ended") == "1"
    found = queries.keys(request.actor, ended=ended)
    if request.GET.get("export") == "csv":
        header = [_("Name"), _("May do"), _("Unit"), _("Works until"), _("Last used")]
        rows = (
            [one.name, ", ".join(one.scopes), one.unit.name, one.expires_at, _used(one) or ""]
            for one in found
        )
        return csv_file("keys", header, rows)
    shown = listing(request, found, sorts=_SORTS, default="name", counted=True, exports=True)
    names = queries.names_of([one.made_by for one in shown.rows])
    rows_of_page = [_row(request.actor, one, names) for one in shown.rows]
    return render(request, "people/keys.html", {"listing": shown, "keys": rows_of_page, "ended": ended})


@never_cache
def new_key(request: StaffRequest) -> HttpResponse:
    """The page that follows shows the key this once: it is kept nowhere, not even in the session."""
    request.actor.require("key.change")
    form = KeyForm(request.actor, request.POST or None, initial={"days": 365, "per_minute": 600})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = actions.make_key(
                request.actor,
                name=given["name"],
                scopes=given["scopes"],
                unit_id=UUID(given["unit"]),
                days=given["days"],
                per_minute=given["per_minute"],
            )
        except Refused as refused:
            form.add_error("name" if refused.code == "people.key_name_taken" else None, say(refused))
        else:
            return render(request, "people/key_made.html", {"made": made})
    return render(request, "people/new_key.html", {"form": form})


@require_POST
def confirm_key(request: StaffRequest, key_id: UUID) -> HttpResponse:
    return _done(request, key_id, actions.confirm_key, _("Confirmed. The key works from now on."))


@require_POST
def revoke_key(request: StaffRequest, key_id: UUID) -> HttpResponse:
    return _done(request, key_id, actions.revoke_key, _("The key is revoked. It stopped working at once."))


def _done(
    request: StaffRequest, key_id: UUID, action: Callable[[Actor, UUID], ApiKey], said: str
) -> HttpResponse:
    try:
        action(request.actor, key_id)
    except (Refused, Conflict, Missing) as refused:
        if refused.code in ("not_allowed", "people.no_such_key"):
            raise
        messages.error(request, say(refused))
    else:
        messages.success(request, said)
    return redirect("people:keys")


def _row(actor: Actor, key: ApiKey, names: dict[str, str]) -> dict[str, object]:
    """A key as the list shows it, and whether this reader may confirm it."""
    waits = key.confirmed_at is None
    return {
        "key": key,
        "shown": f"tidings_{key.hint}…",
        "by": names[key.made_by],
        "used_at": _used(key),
        "expired": key.expires_at <= now(),
        "waits": waits,
        "confirms": waits and actor.may("key.change") and actor.ref != key.made_by,
    }


def _used(key: ApiKey) -> object:
    use = getattr(key, "use", None)
    return use.used_at if use else None
