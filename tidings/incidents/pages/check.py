""" "Is this really from us?": anybody may ask with the code of a message, and learns nothing about anybody."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse

from tidings.incidents import rules
from tidings.messaging import queries as messaging
from tidings.ui.public import methods, public_page, too_many, within


@login_not_required
@methods("GET", "HEAD")
def check(request: HttpRequest) -> HttpResponse:
    """Yes, with day and kind; or no, and what to do. Of a theft it says what everybody may hear."""
    code, voice = request.GET.get("code", "").strip()[:40], messaging.voice()
    if code and not within(request, "check"):
        return too_many(request, voice.firm)
    found = [
        (one, messaging.event_word(rules.kind_told(one.kind, all_may_hear=False)))
        for one in messaging.ours(code)
    ]
    context = {"firm": voice.firm, "phone": voice.phone, "code": code, "found": found}
    return public_page(request, "incidents/own/check.html", context)
