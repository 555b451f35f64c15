"""Who reads: puts actor and installation on the request, and speaks the reader's language in their time zone."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import timezone, translation

from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.kernel.installation import UNNAMED, installation, is_loopback
from tidings.people.models import User
from tidings.people.queries import access_of, key_actor, key_of
from tidings.people.sql import count_use
from tidings.ui import errors

Answer = Callable[[HttpRequest], HttpResponseBase]


class Reader:
    """Sets `request.access`, `request.actor` and `request.installation`; language and zone hold for this request."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override(translation.get_language_from_request(request)):
            try:
                self._meet(request)
            except DatabaseError as problem:
                if not errors.database_is_away(problem):
                    raise
                return errors.unavailable(request)
            except Refused as no:
                return _said(request, no)
            exposed = _exposed_demo(request)
            if exposed:
                return _said(request, exposed)
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "en")
            return response

    def _meet(self, request: HttpRequest) -> None:
        request.installation = installation()  # type: ignore[attr-defined]
        if request.path.startswith(errors.API):
            _meet_program(request)
            return
        user = request.user
        request.access = access_of(user, request.installation.is_demo)  # type: ignore[attr-defined]
        request.actor = request.access.actor  # type: ignore[attr-defined]
        zone = request.installation.time_zone  # type: ignore[attr-defined]
        if isinstance(user, User):
            zone = user.time_zone
            if user.language in dict(settings.LANGUAGES):
                translation.activate(user.language)
        timezone.activate(_zone(zone))
        request.LANGUAGE_CODE = translation.get_language() or "en"


class SignInFirst(LoginRequiredMiddleware):
    """Every page asks for a sign-in; a session that lapsed under somebody's hands leads back to the page they were on.

    The API asks for a key instead, which `Reader` has looked at.
    """

    def process_view(self, request: HttpRequest, view_func: Any, *rest: Any) -> HttpResponseBase | None:
        return (
            None if request.path.startswith(errors.API) else super().process_view(request, view_func, *rest)
        )

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseBase:  # type: ignore[override]
        onward = request.get_full_path() if request.method in ("GET", "HEAD") else _page_before(request)
        address = redirect_to_login(onward, resolve_url(self.get_login_url(view_func)), "next").url
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401, headers={"HX-Redirect": address})
        return HttpResponseRedirect(address)


def _meet_program(request: HttpRequest) -> None:
    """A program shows its key with every request; a session gives nothing here, so that no other site can use one."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Refused("api.key_needed")
    at = now()
    key = key_of(secret.strip(), at)
    if count_use(key.pk, at) > key.per_minute:
        raise Refused("api.too_often", per_minute=key.per_minute, seconds=60 - at.second)
    request.actor = key_actor(key)  # type: ignore[attr-defined]
    timezone.activate(_zone(request.installation.time_zone))  # type: ignore[attr-defined]
    request.LANGUAGE_CODE = translation.get_language() or "en"


def _said(request: HttpRequest, no: Refused) -> HttpResponse:
    said = errors.page_for(request, no) or errors.forbidden(request)
    said.headers["Content-Language"] = translation.get_language() or "en"
    return said


def reader(request: HttpRequest) -> dict[str, object]:
    """What every template may use: the installation. Stands before the middleware's work too, as error pages need it."""
    return {"installation": getattr(request, "installation", None) or {"firm_name": UNNAMED}}


def _exposed_demo(request: HttpRequest) -> Refused | None:
    """The last fence around a demo: it answers nobody but this machine, however its processes were started."""
    if not request.installation.is_demo:  # type: ignore[attr-defined]
        return None
    environment = settings.ENVIRONMENT
    names = [environment.TIDINGS_BIND, *environment.TIDINGS_HOSTS.split(",")]
    if request.META.get("REMOTE_ADDR"):
        names.append(request.META["REMOTE_ADDR"])
    outside = [name.strip() for name in names if name.strip() and not is_loopback(name.strip())]
    return Refused("installation.demo_is_local", names=", ".join(outside)) if outside else None


def _page_before(request: HttpRequest) -> str:
    """The page of ours that a form was sent from; what it was sent to may not be a page."""
    sent_from = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "")
    ours = sent_from.netloc == request.get_host()
    return f"{sent_from.path}?{sent_from.query}".rstrip("?") if ours and sent_from.path else "/"


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
