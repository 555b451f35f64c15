"""Error pages: what happened, to which thing, what to do now, in the reader's language. They need no database."""

import sys
from collections.abc import Mapping
from urllib.parse import quote

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from tidings.kernel import disk
from tidings.kernel.errors import Conflict, Missing, Refused, TidingsError, TryLater
from tidings.ui.words import say

_STATUS: dict[type[TidingsError], int] = {Refused: 400, Conflict: 409, Missing: 404, TryLater: 503}
_BY_CODE = {
    "not_allowed": 403,
    "api.people_approve": 403,
    "api.key_needed": 401,
    "api.key_unknown": 401,
    "api.key_revoked": 401,
    "api.key_expired": 401,
    "api.key_waits": 401,
    "api.idempotency_reused": 422,
    "api.invalid": 422,
    "api.too_often": 429,
    "api.too_large": 413,
    "shipments.epcis_wrong": 422,
}
"""What HTTP has a number of its own for; anything else goes by the kind of the error."""
API = "/api/"


def page_for(request: HttpRequest, problem: BaseException) -> HttpResponse | None:
    """The page for an error that is no bug; None for anything else."""
    problem = disk.told(problem) or problem
    if isinstance(problem, TidingsError):
        status = status_of(problem)
        said = (problem.code, problem.facts) if request.path.startswith(API) else None
        return error_page(request, status, _title(status), say(problem), said)
    if database_is_away(problem):
        return unavailable(request)
    return None


def status_of(problem: TidingsError) -> int:
    """The HTTP status that an error is answered with."""
    by_kind = next((code for kind, code in _STATUS.items() if isinstance(problem, kind)), 400)
    return _BY_CODE.get(problem.code, by_kind)


def database_is_away(problem: BaseException | None) -> bool:
    """Whether an error means that no connection to the database could be had, rather than a bug of ours."""
    while problem is not None:
        if isinstance(problem, OperationalError | InterfaceError):
            return True
        if isinstance(problem, DatabaseError):
            return False
        problem = problem.__cause__
    return False


def error_page(
    request: HttpRequest,
    status: int,
    title: str,
    text: str,
    said: tuple[str, Mapping[str, object]] | None = None,
) -> HttpResponse:
    """A page of its own, or JSON for programs (`said` is its code and facts); for HTMX the sentence also stands in X-Said."""
    if request.path.startswith(API) or "json" in request.headers.get("Accept", ""):
        code, facts = said or (f"server.{status}", {})
        told = {"code": code, "message": text, "facts": {name: _plain(fact) for name, fact in facts.items()}}
        return _finished(JsonResponse(told, status=status), status, text, facts)
    body = render_to_string(
        "ui/error.html", {"title": title, "text": text, "status": status, "request": request}
    )
    return _finished(HttpResponse(body, status=status), status, text)


def _finished(
    response: HttpResponse, status: int, text: str, facts: Mapping[str, object] | None = None
) -> HttpResponse:
    response.headers["X-Said"] = quote(text)
    if status in (429, 503):
        response.headers["Retry-After"] = str((facts or {}).get("seconds", 5 if status == 503 else 60))
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Tidings"'
    return response


def _plain(fact: object) -> object:
    """A fact as JSON holds it."""
    if isinstance(fact, Mapping):
        return {str(name): _plain(one) for name, one in fact.items()}
    if isinstance(fact, list | tuple | set | frozenset):
        return [_plain(one) for one in fact]
    return fact if isinstance(fact, str | int | float | bool | None) else str(fact)


def in_shape(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """What the framework itself answered to a program, such as a method that an address does not know, in the one shape."""
    if response.status_code != 405 or not request.path.startswith(API):
        return response
    text = _("This address does not answer %(method)s. Its methods stand in the header Allow.")
    shaped = error_page(request, 405, _title(405), text % {"method": request.method})
    shaped.headers["Allow"] = response.headers.get("Allow", "")
    return shaped


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
        401: _("Who are you?"),
        403: _("You may not do this"),
        404: _("There is nothing here"),
        405: _("This cannot be done"),
        409: _("Someone else was first"),
        413: _("This cannot be done"),
        422: _("This cannot be done"),
        429: _("Too many attempts"),
        500: _("Something went wrong here"),
        503: _("Not available for a moment"),
    }
    return titles[status]
