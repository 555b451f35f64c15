"""Caught mail: what would have left this machine, as its readers would have seen it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from tidings.messaging import queries
from tidings.messaging.rules.reading import read_mail
from tidings.ui.listing import listing
from tidings.ui.requests import StaffRequest

SANDBOX = "; ".join(
    ("sandbox", "default-src 'none'", "style-src 'unsafe-inline'", "img-src data:", "frame-ancestors 'self'")
)
"""A mail's own HTML: no script, no form, nothing loaded from anywhere, and an origin of its own."""


@require_safe
def mails(request: StaffRequest) -> HttpResponse:
    """What lies in the catcher, newest first."""
    text = request.GET.get("text", "")
    page = listing(request, queries.caught(request.actor, text))
    return render(request, "messaging/caught.html", {"listing": page, "text": text})


@require_safe
def mail(request: StaffRequest, mail_id: UUID) -> HttpResponse:
    """One caught mail."""
    caught = queries.caught_mail(request.actor, mail_id)
    context = {
        "mail": caught,
        "reading": read_mail(bytes(caught.raw)),
        "view": request.GET.get("view", "html"),
    }
    return render(request, "messaging/caught_mail.html", context)


@require_safe
@xframe_options_sameorigin
def html(request: StaffRequest, mail_id: UUID) -> HttpResponse:
    """The HTML part alone, for the frame on its page: in a sandbox, without anything from elsewhere."""
    reading = read_mail(bytes(queries.caught_mail(request.actor, mail_id).raw))
    answer = HttpResponse(reading.html)
    answer.headers["Content-Security-Policy"] = SANDBOX
    return answer
