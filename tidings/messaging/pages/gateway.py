"""Where services tell us what became of messages, and what people sent back. Signed by the service, not by a session."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseNotFound
from django.views.decorators.csrf import csrf_exempt

from tidings.kernel.errors import Missing
from tidings.kernel.installation import public_address
from tidings.messaging.actions.gateway import Request, take_in
from tidings.messaging.actions.services import kept_settings
from tidings.messaging.channels.base import Forged, Incoming
from tidings.messaging.channels.making import channel_of
from tidings.ui.public import methods, within

LONGEST = 256 * 1024


@csrf_exempt
@login_not_required
@methods("GET", "POST")
def gateway(request: HttpRequest, relay_id: UUID) -> HttpResponse:
    """Keeps what came before anybody reads it, and answers as the service wants it: with nothing, a handshake, or a script.

    What bears no valid signature is kept to be shown, too, but not without end.
    """
    body = request.body if int(request.headers.get("content-length") or 0) <= LONGEST else None
    if body is None:
        return HttpResponse(status=413)
    came = _came(request, body)
    try:
        service, settings = kept_settings(relay_id)
    except Missing:
        return HttpResponseNotFound()
    channel = channel_of(service, settings, None)
    try:
        content_type, answer = channel.answer_to(came)
        response = HttpResponse(answer, content_type=content_type)
    except Forged:
        if not within(request, "forged"):
            return HttpResponse(status=429)
        response = HttpResponseForbidden()
    if came.method in channel.listens_to:
        take_in(relay_id, Request(came.method, came.url, came.headers, came.query, came.body))
    return response


def _came(request: HttpRequest, body: bytes) -> Incoming:
    """The request with the address that the service was given, whatever stands between it and us."""
    address = public_address() or f"{request.scheme}://{request.get_host()}"
    return Incoming(
        method=request.method or "",
        url=f"{address.rstrip('/')}{request.get_full_path()}",
        headers={name.lower(): value for name, value in request.headers.items()},
        query=request.GET.dict(),
        body=body,
    )
