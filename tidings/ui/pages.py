"""Pages that belong to no domain: choosing the language before signing in."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST

LANGUAGE_COOKIE_SECONDS = 365 * 24 * 3600


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Remembers the language of somebody who has not signed in; a person's own stands in the profile."""
    chosen = request.POST.get("language", "")
    onward = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(onward, {request.get_host()}, require_https=request.is_secure())
    answer = HttpResponseRedirect(onward if safe else "/")
    if chosen in dict(settings.LANGUAGES) and check_for_language(chosen):
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=LANGUAGE_COOKIE_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return answer
