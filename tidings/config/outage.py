"""What a reader gets while the database is away: a page in words, made without it."""

import sys

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

_RETRY_SECONDS = "5"


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler for what nobody caught: 503 in words when the database is away, otherwise 500."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return unavailable(request)
    return _page(
        request,
        500,
        _("Something went wrong here. It was written down; try again, or tell your administrator."),
    )


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: nothing was changed, come back in a moment."""
    response = _page(
        request,
        503,
        _(
            "The database does not answer at this moment. What was saved is safe; this page works again as soon as it does."
        ),
    )
    response["Retry-After"] = _RETRY_SECONDS
    return response


@require_safe
def health(_request: HttpRequest) -> HttpResponse:
    """For load balancers and monitors: 200 while the pages and the database answer, otherwise 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (OperationalError, InterfaceError):
        return JsonResponse({"pages": True, "database": False}, status=503)
    return JsonResponse({"pages": True, "database": True})


def _page(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    if request.path.startswith("/api/") or "json" in request.headers.get("Accept", ""):
        return JsonResponse({"code": f"server.{status}", "message": sentence}, status=status)
    try:
        return HttpResponse(render_to_string(f"ui/{status}.html"), status=status)
    except TemplateDoesNotExist:
        return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
