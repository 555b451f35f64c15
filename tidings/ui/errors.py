"""Error pages: what happened, to which thing, what to do now, in the reader's language. They need no database."""

import sys
from urllib.parse import quote

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from tidings.kernel import disk
from tidings.kernel.errors import Conflict, Missing, Refused, TidingsError, TryLater
from tidings.ui.words import say

_STATUS: dict[type[TidingsError], int] = {Refused: 400, Conflict: 409, Missing: 404, TryLater: 503}
_NOT_ALLOWED = "not_allowed"


def page_for(request: HttpRequest, problem: BaseException) -> HttpResponse | None:
    """The page for an error that is no bug; None for anything else."""
    problem = disk.told(problem) or problem
    if isinstance(problem, TidingsError):
        status = (
            403
            if problem.code == _NOT_ALLOWED
            else next((code for kind, code in _STATUS.items() if isinstance(problem, kind)), 400)
        )
        return error_page(request, status, _title(status), say(problem))
    if database_is_away(problem):
        return unavailable(request)
    return None


def database_is_away(problem: BaseException | None) -> bool:
    """Whether an error means that no connection to the database could be had, rather than a bug of ours."""
    while problem is not None:
        if isinstance(problem, OperationalError | InterfaceError):
            return True
        if isinstance(problem, DatabaseError):
            return False
        problem = problem.__cause__
    return False


def error_page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """A page of its own, or JSON for programs; for HTMX the sentence also stands in the header X-Said."""
    if request.path.startswith("/api/") or "json" in request.headers.get("Accept", ""):
        return _finished(
            JsonResponse({"code": f"server.{status}", "message": text}, status=status), status, text
        )
    body = render_to_string(
        "ui/error.html", {"title": title, "text": text, "status": status, "request": request}
    )
    return _finished(HttpResponse(body, status=status), status, text)


def _finished(response: HttpResponse, status: int, text: str) -> HttpResponse:
    response.headers["X-Said"] = quote(text)
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


def unavailable(request: HttpRequest) -> HttpResponse:
    text = _(
        "The database does not answer. Nothing you sent was lost half-way: it was not taken at all. Try again in a moment."
    )
    return error_page(request, 503, _title(503), text)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return error_page(
        request, 400, _title(400), _("The address or the form could not be read. Go back and try again.")
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return error_page(
        request, 403, _title(403), _("Your role does not allow this. Ask an administrator if you need it.")
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    text = _("There is no such page, or it is not for you. Check the address, or search for what you need.")
    return error_page(request, 404, _title(404), text)


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    text = _("This was tried too often in a short time. Wait a few minutes, then try again.")
    return error_page(request, 429, _title(429), text)


def broken(request: HttpRequest) -> HttpResponse:
    """Anything unforeseen. The error itself went to the log once, where Django writes it."""
    known = page_for(request, problem) if (problem := sys.exc_info()[1]) else None
    if known is not None:
        return known
    text = _(
        "This is a fault of ours, not yours. It has been logged. What you were doing may not have been saved."
    )
    return error_page(request, 500, _title(500), text)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    text = _(
        "The page had been open too long, or came from elsewhere. Go back, load it again and send it once more."
    )
    return error_page(request, 403, _("This form has expired"), text)


def _title(status: int) -> str:
    titles = {
        400: _("This cannot be done"),
        403: _("You may not do this"),
        404: _("There is nothing here"),
        409: _("Someone else was first"),
        429: _("Too many attempts"),
        500: _("Something went wrong here"),
        503: _("Not available for a moment"),
    }
    return titles[status]
