"""Joins the domains' pages: each domain's `urls.py`, where it has one, under its own name."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from tidings.config.api import api
from tidings.config.outage import health

_DOMAINS = {
    "home": "",
    "people": "people/",
    "customers": "customers/",
    "shipments": "shipments/",
    "messaging": "messages/",
    "incidents": "incidents/",
    "conversations": "incoming/",
    "kernel": "",
    "ui": "",
}


def _domain_urls() -> list[URLPattern | URLResolver]:
    return [
        path(prefix, include((import_module(f"tidings.{name}.urls").urlpatterns, name)))
        for name, prefix in _DOMAINS.items()
        if find_spec(f"tidings.{name}.urls")
    ]


urlpatterns = [
    *_domain_urls(),
    path("api/", api.urls),
    path("health", health),
    path("", include("tidings.incidents.public_urls")),
    path("", include("tidings.conversations.public_urls")),
    path("account/", include("tidings.people.account_urls")),
]

handler400 = "tidings.ui.errors.bad_request"
handler403 = "tidings.ui.errors.forbidden"
handler404 = "tidings.ui.errors.not_found"
handler429 = "tidings.ui.errors.too_many"  # asked for by allauth, whose own page is bare English
handler500 = "tidings.ui.errors.broken"
