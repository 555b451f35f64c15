"""Where another server posts raw mail to: kept, then answered."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tidings.conversations import actions, queries
from tidings.conversations.actions.bring import AT_THE_DOOR
from tidings.conversations.doors.base import settings_of
from tidings.conversations.doors.http import Http
from tidings.conversations.rules import State
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused


@csrf_exempt
@login_not_required
@require_POST
def hand_in(request: HttpRequest, door_id: UUID) -> HttpResponse:
    """202 once the mail is committed; 403 for what bears no signature of this door; 404 for no such door."""
    door = queries.open_doors("http").filter(pk=door_id).first()
    if door is None:
        return HttpResponse(status=404)
    body = request.body
    names = {name.lower(): value for name, value in request.headers.items()}
    try:
        Http(settings_of(Http, queries.opened_settings(door))).check(names, body, now())
        actions.keep_arrival(AT_THE_DOOR, door.pk, body)
    except Refused as no:
        return HttpResponse(
            no.code, status=403 if no.code == "door.forged" else 422, content_type="text/plain"
        )
    if door.state != State.OPEN:
        actions.note_door(door.pk, State.OPEN)
    return HttpResponse(status=202)
