"""The call list: who is to be called, taking the next call, and saying what came of it."""

from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tidings.kernel.clock import now
from tidings.kernel.errors import TidingsError
from tidings.messaging import actions, forms, queries
from tidings.people.queries import names_of
from tidings.ui.listing import PER_PAGE, Listing, page_of
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label, say


@require_safe
def calls(request: StaffRequest) -> HttpResponse:
    """Who is to be called, the gravest first, and whether it will be done in time."""
    wanted, at, page = _wanted(request), now(), page_of(request)
    found = queries.calls(request.actor, at, wanted, first=(page - 1) * PER_PAGE, most=PER_PAGE + 1)
    about = queries.calls_about(request.actor, at)
    names = names_of([_ref(one.taken_by) for one in found if one.taken_by])
    context = {
        "listing": Listing(found[:PER_PAGE], page, len(found) > PER_PAGE, ""),
        "rows": [
            (one, names.get(_ref(one.taken_by), "") if one.taken_by else "") for one in found[:PER_PAGE]
        ],
        "outlook": queries.call_outlook(request.actor, at, wanted),
        "wanted": wanted,
        "abouts": sorted({one for one, _language, _size in about}),
        "languages": sorted({language for _about, language, _size in about}),
        "in_hand": queries.call_in_hand(request.actor, at),
        "narrowed": bool(wanted.about or wanted.language),
    }
    return render(request, "messaging/calls.html", context)


@require_POST
def take(request: StaffRequest) -> HttpResponse:
    """The next call, for whoever asks."""
    return _take(request)


@require_http_methods(["GET", "POST"])
def call(request: StaffRequest, call_id: UUID) -> HttpResponse:
    """One call: number, words, what may not be said; and what came of it."""
    found = queries.conversation(request.actor, call_id)
    if found.call.ended_at is not None:
        return redirect(_list(request))
    form = forms.CallForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.end_call(
                request.actor, call_id, given["outcome"], given["note"], again_at=form.again_at(now())
            )
        except TidingsError as problem:
            form.add_error(None, say(problem))
        else:
            notices.success(
                request, _("Noted: %(outcome)s.") % {"outcome": label(f"message.call.{given['outcome']}")}
            )
            return _take(request) if "next" in request.POST else redirect(_list(request))
    context = {
        "call": found.call,
        "recipient": found.recipient,
        "message": found.message,
        "script": found.script,
        "code": found.code,
        "before": found.before,
        "also": found.also,
        "form": form,
        "wanted": _wanted(request),
    }
    return render(request, "messaging/call.html", context, status=422 if form.errors else 200)


@require_POST
def back(request: StaffRequest, call_id: UUID) -> HttpResponse:
    """Puts a call back on the list."""
    try:
        actions.give_back_call(request.actor, call_id)
    except TidingsError as problem:
        notices.error(request, say(problem))
    else:
        notices.success(request, _("It stands on the list again, for anybody."))
    return redirect(_list(request))


def _take(request: StaffRequest) -> HttpResponse:
    wanted = _wanted(request)
    taken = actions.take_call(request.actor, wanted)
    if taken is None:
        notices.info(request, _("Nobody is to be called at this moment."))
        return redirect(_list(request))
    return redirect(f"{reverse('messaging:call', args=[taken.pk])}{_query(wanted)}")


def _wanted(request: StaffRequest) -> queries.CallFilter:
    given = request.POST if request.method == "POST" else request.GET
    return queries.CallFilter(given.get("about", ""), given.get("language", ""))


def _list(request: StaffRequest) -> str:
    return f"{reverse('messaging:calls')}{_query(_wanted(request))}"


def _query(wanted: queries.CallFilter) -> str:
    chosen = {"about": wanted.about, "language": wanted.language}
    kept = urlencode({name: value for name, value in chosen.items() if value})
    return f"?{kept}" if kept else ""


def _ref(reference: str | None) -> str:
    return (reference or "").partition(":")[2]
