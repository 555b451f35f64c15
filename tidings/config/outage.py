"""Whether the pages and the database answer: for load balancers and monitors. The page in words is `tidings/ui/errors.py`."""

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def health(_request: HttpRequest) -> JsonResponse:
    """200 while the pages and the database answer, otherwise 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (OperationalError, InterfaceError):
        return JsonResponse({"pages": True, "database": False}, status=503)
    return JsonResponse({"pages": True, "database": True})
