"""A request as pages see it, once the middleware has met its reader."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from tidings.kernel.actor import Actor
from tidings.kernel.models import Installation


class StaffRequest(HttpRequest):
    """What pages annotate their request with. Never made by hand."""

    actor: Actor
    installation: Installation
    htmx: HtmxDetails
