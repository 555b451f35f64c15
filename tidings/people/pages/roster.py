"""The roster: a week of who is on call, in the firm's own time zone, and putting somebody on it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tidings.kernel.clock import now
from tidings.kernel.errors import TidingsError
from tidings.people import actions
from tidings.people.forms import ShiftForm
from tidings.people.models import Shift
from tidings.people.queries.roster import shifts
from tidings.ui.moments import short_days, time_of_day
from tidings.ui.requests import StaffRequest
from tidings.ui.words import say

_WEEK = re.compile(r"[0-9]{4}-W[0-9]{2}")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the week, and who is on call on it."""

    at: datetime
    rows: list["Row"]


@dataclass(frozen=True, slots=True)
class Row:
    """One shift as that day shows it: its own part of the times, and whether it is going on."""

    shift: Shift
    begins: str
    ends: str
    on_call: bool
    over: bool


@require_http_methods(["GET", "POST"])
def roster(request: StaffRequest) -> HttpResponse:
    """A week; and a form below it for who may change it."""
    with timezone.override(ZoneInfo(request.installation.time_zone)):
        monday = _monday(request.GET.get("week", ""))
        form = _form(request, monday) if request.actor.may("roster.change") else None
        if request.method == "POST":
            request.actor.require("roster.change")
            if form is not None and form.is_valid() and _put(request, form):
                return redirect(f"{reverse('people:roster')}?week={_code(form.cleaned_data['begins_at'])}")
        begins = _midnight(monday)
        found = list(shifts(request.actor, begins, _midnight(monday + 7 * _DAY)))
        context = {
            "days": [_day(monday + number * _DAY, found) for number in range(7)],
            "week": short_days(monday, monday + 6 * _DAY),
            "before": _code(_midnight(monday - 7 * _DAY)),
            "after": _code(_midnight(monday + 7 * _DAY)),
            "form": form,
            "anybody": bool(found),
        }
        return render(request, "people/roster.html", context, status=422 if form and form.errors else 200)


@require_POST
def end(request: StaffRequest, shift_id: UUID) -> HttpResponse:
    """Takes somebody off it."""
    try:
        actions.end_shift(request.actor, shift_id)
    except TidingsError as problem:
        if problem.code == "not_allowed":
            raise
        messages.error(request, say(problem))
    else:
        messages.success(request, _("Taken off the roster."))
    return redirect("people:roster")


def _form(request: StaffRequest, monday: date) -> ShiftForm:
    first = max(_midnight(monday), now())
    begins = timezone.localtime(first).replace(minute=0, second=0, microsecond=0)
    offered = {"begins_at": begins, "ends_at": begins + timedelta(hours=8), "unit": request.actor.unit}
    return ShiftForm(request.actor, request.POST or None, initial=offered)


def _put(request: StaffRequest, form: ShiftForm) -> bool:
    given = form.cleaned_data
    try:
        actions.put_on_call(
            request.actor,
            given["person"],
            role=given["role"],
            unit_id=given["unit"],
            begins_at=given["begins_at"],
            ends_at=given["ends_at"],
            deputy_id=given["deputy"],
        )
    except TidingsError as refused:
        form.add_error(None, say(refused))
        return False
    messages.success(request, _("Put on the roster."))
    return True


def _day(day: date, found: Sequence[Shift]) -> Day:
    begins, ends = _midnight(day), _midnight(day + _DAY)
    at = now()
    return Day(
        begins,
        [
            Row(
                one,
                "00:00" if one.begins_at < begins else time_of_day(one.begins_at),
                "24:00" if one.ends_at >= ends else time_of_day(one.ends_at),
                on_call=max(begins, one.begins_at) <= at < min(ends, one.ends_at),
                over=one.ends_at <= at,
            )
            for one in found
            if one.begins_at < ends and one.ends_at > begins
        ],
    )


def _monday(week: str) -> date:
    """The first day of the week asked for, such as "2026-W49"; of this one where none is, or none like it."""
    if _WEEK.fullmatch(week):
        try:
            return datetime.strptime(f"{week}-1", "%G-W%V-%u").date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            pass
    today = timezone.localtime(now()).date()
    return today - today.weekday() * _DAY


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _code(at: datetime) -> str:
    year, week, _day_of_week = timezone.localtime(at).isocalendar()
    return f"{year}-W{week:02}"
