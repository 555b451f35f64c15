"""Pages for who has no account: a customer with a link of theirs, anybody with a code. Not kept, not found, not told onwards.

Their addresses hold tokens, so no log names one: Django would write down every answer of 400 and above.
"""

import time
from collections.abc import Callable, Mapping
from functools import wraps
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import translation

_WINDOW_SECONDS = 60

View = Callable[..., HttpResponse]


def within(request: HttpRequest, action: str) -> bool:
    """Whether whoever asks may ask once more this minute; `action` is one of the limits in the settings.

    One address counts as one asker; of IPv6 the network of 64 bits that one household has.
    """
    window = int(time.time()) // _WINDOW_SECONDS
    key = f"public:{action}:{_asker(request)}:{window}"
    if cache.add(key, 1, 2 * _WINDOW_SECONDS):
        return True
    try:
        return cache.incr(key) <= settings.PUBLIC_RATE_LIMITS[action]
    except ValueError:  # forgotten in between
        return True


def methods(*allowed: str) -> Callable[[View], View]:
    """The view for these methods only; any other gets 405, and no log names the address."""

    def around(view: View) -> View:
        @wraps(view)
        def answered(request: HttpRequest, *args: Any, **values: Any) -> HttpResponse:
            if request.method in allowed:
                return view(request, *args, **values)
            return _unlogged(HttpResponseNotAllowed(allowed))

        return answered

    return around


def public_page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, language: str = "", status: int = 200
) -> HttpResponse:
    """A page in `language`, or in that of the reader's browser. Nobody keeps it, no search engine lists it."""
    with translation.override(language or translation.get_language()):
        answer = render(request, template, dict(context), status=status)
        answer.headers["Content-Language"] = translation.get_language() or "en"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return _unlogged(answer)


def too_many(request: HttpRequest, firm: str) -> HttpResponse:
    """One sentence for who asks too often."""
    answer = public_page(request, "ui/public_too_many.html", {"firm": firm}, status=429)
    answer.headers["Retry-After"] = str(_WINDOW_SECONDS)
    return answer


def _unlogged(answer: HttpResponse) -> HttpResponse:
    answer._has_been_logged = True  # type: ignore[attr-defined]  # what django.utils.log looks at
    return answer


def _asker(request: HttpRequest) -> str:
    said = request.META.get("REMOTE_ADDR", "")
    try:
        address = ip_address(said)
    except ValueError:
        return str(said)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, 64), strict=False).network_address)
    return str(address)
