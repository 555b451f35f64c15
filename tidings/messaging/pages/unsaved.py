"""What is typed and not saved, for every page that writes texts: kept while it is typed, offered again, thrown away.

A page renders `unsaved` of `offered` above its form (`messaging/_unsaved.html`) and `sheet` in it; its script sends the form to
an address that answers with `kept`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from django.http import JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from tidings.kernel.clock import now
from tidings.kernel.ids import new_id
from tidings.messaging import actions, queries
from tidings.messaging.rules.unsaved import Typing, is_saved
from tidings.people.queries import name_of
from tidings.ui.moments import short_moment, time_of_day
from tidings.ui.requests import StaffRequest

Stands = Mapping[str, Mapping[str, str]]
"""Language → field → the words that count now."""


def sheet_of(request: StaffRequest) -> UUID:
    """Which opening of the page this is: the one that the form carries, the one that is taken up again, or a new one."""
    for asked in (request.POST.get("sheet", ""), request.GET.get("take_up", "")):
        try:
            return UUID(asked)
        except ValueError:
            continue
    return new_id()


def kept(
    request: StaffRequest, about: str, parts: Mapping[str, Typing], *, seen: str, newer: str
) -> JsonResponse:
    """Keeps what was typed, and says when, or what `newer` version somebody saved meanwhile."""
    at = actions.keep_unsaved(request.actor, about, sheet_of(request), parts, seen=seen)
    anything = any(part.typed for part in parts.values())
    said = _("saved %(at)s, for you alone") % {"at": time_of_day(at)} if anything else ""
    return JsonResponse({"said": said, "newer": newer})


def taken_up(request: StaffRequest, about: str) -> queries.Sheet | None:
    """What was typed before and is to stand in the form again, when the address asks for it and it is still there."""
    asked = request.GET.get("take_up") and sheet_of(request)
    if request.method != "GET" or not asked:
        return None
    return next((one for one in queries.unsaved(request.actor, about) if one.sheet == asked), None)


def offered(
    request: StaffRequest,
    about: str,
    sheet: UUID,
    stands: Stands,
    *,
    words_for: Callable[[str, str], str],
    newer: Callable[[str], str],
) -> list[dict[str, object]]:
    """What was typed on other openings of this page and does not stand by now: when, which words, the address that takes it up,
    and whether a `newer` version than the one seen then was saved since. `words_for` names a language's field."""
    return [
        {
            "sheet": one.sheet,
            "said": _not_saved(one),
            "newer": newer(one.seen),
            "address": _taking_up(request, one.sheet),
            "words": [
                {"name": words_for(language, field), "language": language, "text": text}
                for language, part in one.parts.items()
                for field, text in part.typed.items()
            ],
        }
        for one in queries.unsaved(request.actor, about)
        if one.sheet != sheet
        and not all(is_saved(part.typed, stands.get(code, {})) for code, part in one.parts.items())
    ]


def saved_since(author: str, at: datetime) -> str:
    """That somebody saved a newer version; `author` is their id."""
    return _("%(name)s saved a newer version, %(at)s.") % {"name": name_of(author), "at": short_moment(at)}


def _not_saved(one: queries.Sheet) -> str:
    if timezone.localtime(one.typed_at).date() == timezone.localtime(now()).date():
        return _("You typed this at %(at)s and did not save it.") % {"at": time_of_day(one.typed_at)}
    return _("You typed this on %(at)s and did not save it.") % {"at": short_moment(one.typed_at)}


def _taking_up(request: StaffRequest, sheet: UUID) -> str:
    query = request.GET.copy()
    query["take_up"] = str(sheet)
    return f"?{query.urlencode()}"
