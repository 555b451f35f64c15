"""What keeps an open incident page true: a stream that says when something changed, and who else reads it."""

from django.db import connection
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from tidings.incidents import actions, queries
from tidings.kernel import live
from tidings.ui.requests import StaffRequest


@require_GET
def changes(request: StaffRequest, number: str) -> HttpResponseBase:
    """Server-sent events of one incident and of its messages, for who may see it."""
    incident = queries.incident(request.actor, number)
    actions.be_here(request.actor, incident.pk)
    if not connection.in_atomic_block:
        connection.close()  # back to the pool now: otherwise it is the stream's until that ends
    return live.stream([f"incident:{incident.pk}", f"about:{incident.number}"])
