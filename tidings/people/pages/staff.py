"""Pages of the staff: one's own profile, and for administrators the people, their roles and their units."""

from typing import cast
from uuid import UUID

from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import activate, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from tidings.kernel.actor import Actor
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.people import actions, queries
from tidings.people.forms import (
    AccessForm,
    EndForm,
    ForgotForm,
    InviteForm,
    NewPasswordForm,
    ProfileForm,
    UnitForm,
)
from tidings.people.models import User
from tidings.people.rules import Role
from tidings.ui.errors import too_many
from tidings.ui.export import csv_file
from tidings.ui.listing import listing
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label, say

_SORTS = {"name": ("name", "id"), "joined": ("joined_at", "id")}
_LINK = "password_link"


def staff(request: StaffRequest) -> HttpResponseBase:
    text, role = request.GET.get("text", "").strip(), request.GET.get("role", "")
    ended = request.GET.get("ended") == "1"
    people = queries.staff(request.actor, text=text, role=role, ended=ended)
    if request.GET.get("export") == "csv":
        rows = (
            [p.name, p.email, ", ".join(_roles(p)), p.unit or "", p.language, p.time_zone] for p in people
        )
        header = [
            pgettext("person", "Name"),
            _("E-mail address"),
            _("Roles"),
            _("Unit"),
            _("Language"),
            _("Time zone"),
        ]
        return csv_file("staff", header, rows)
    shown = listing(request, people, sorts=_SORTS, default="name", counted=True, exports=True)
    rows_of_page = [(person, _roles(person)) for person in shown.rows]
    values = {
        "listing": shown,
        "people": rows_of_page,
        "text": text,
        "role": role,
        "ended": ended,
        "roles": list(Role),
        "asked": _asked(request),
    }
    return render(request, "people/staff.html", values)


def invite(request: StaffRequest) -> HttpResponse:
    request.actor.require("staff.invite")
    form = InviteForm(request.actor, request.POST or None, initial={"language": request.user.language})  # type: ignore[union-attr]
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            user = actions.invite(
                request.actor,
                email=given["email"],
                name=given["name"],
                roles=given["roles"],
                unit_id=_id(given["unit"]),
                language=given["language"],
                time_zone=request.installation.time_zone,
            )
        except Refused as refused:
            form.add_error("email" if refused.code == "people.address_taken" else None, say(refused))
        else:
            _show_link_once(request, user)
            return redirect("people:person", user.pk)
    return render(request, "people/invite.html", {"form": form})


def person(request: StaffRequest, user_id: UUID) -> HttpResponse:
    user = queries.member(request.actor, user_id)
    held = queries.roles_of(user)
    first = {"roles": held, "unit": str(user.unit_id or ""), "version": user.access_version}
    form = AccessForm(request.actor, request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid() and _changed(request, user, form):
        return redirect("people:person", user.pk)
    values = {
        "person": user,
        "roles": held,
        "form": form,
        "second_factor": queries.has_second_factor(user),
        "link": request.session.pop(f"{_LINK}.{user.pk}", ""),
        "oneself": request.actor.ref == str(user.pk),
        "asked": _asked(request, user),
        "alone": request.actor.may("staff.change")
        and not queries.others_who_confirm(request.actor, user, user.unit),
    }
    if user.is_active and request.actor.may("staff.end"):
        values["in_hand"] = queries.in_hand(user)
        values["in_hand_count"] = len(values["in_hand"])
        values["successors"] = queries.successors(request.actor, user) if values["in_hand"] else []
    return render(request, "people/person.html", values)


@require_POST
def confirm(request: StaffRequest, user_id: UUID, ask_id: UUID) -> HttpResponse:
    said = _("Confirmed. They sign in again with their new roles.")
    return _done(request, user_id, lambda actor, user: actions.confirm_access(actor, user, ask_id), said)


@require_POST
def decline(request: StaffRequest, user_id: UUID, ask_id: UUID) -> HttpResponse:
    said = _("Nothing was changed: the request is ended.")
    return _done(request, user_id, lambda actor, user: actions.decline_access(actor, user, ask_id), said)


@require_POST
def end(request: StaffRequest, user_id: UUID) -> HttpResponse:
    form = EndForm(request.POST)
    successor = form.cleaned_data["successor"] if form.is_valid() else None

    def ending(actor: Actor, person: UUID) -> None:
        actions.end_account(actor, person, successor)

    return _done(request, user_id, ending, _("The account is ended. Every session of it stopped working."))


@require_POST
def readmit(request: StaffRequest, user_id: UUID) -> HttpResponse:
    return _done(
        request, user_id, actions.readmit, _("The account is open again. Give it a role and a password link.")
    )


@require_POST
def drop_second_factor(request: StaffRequest, user_id: UUID) -> HttpResponse:
    said = _("The second factor is removed. They sign in with the password and add a new one.")
    return _done(request, user_id, actions.remove_second_factor, said)


@require_POST
def new_link(request: StaffRequest, user_id: UUID) -> HttpResponse:
    _show_link_once(request, queries.member(request.actor, user_id))
    return redirect("people:person", user_id)


def units(request: StaffRequest) -> HttpResponse:
    request.actor.require("staff.read")
    form = UnitForm(request.actor, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.make_unit(
                request.actor, name=given["name"], kind=given["kind"], parent_id=_id(given["parent"])
            )
        except Refused as refused:
            form.add_error("name" if refused.code == "people.unit_name_taken" else None, say(refused))
        else:
            return redirect("people:units")
    shown = listing(request, queries.units(request.actor), counted=True)
    return render(request, "people/units.html", {"form": form, "listing": shown})


def profile(request: StaffRequest) -> HttpResponse:
    user = cast(User, request.user)
    first = {name: getattr(user, name) for name in ProfileForm.base_fields}
    form = ProfileForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        actions.change_profile(request.actor, user, **form.cleaned_data)
        activate(user.language)
        messages.success(request, _("Saved."))
        return redirect("people:profile")
    codes = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).exists()
    values = {
        "form": form,
        "roles": queries.roles_of(user),
        "second_factor": queries.has_second_factor(user),
        "codes": codes,
    }
    return render(request, "people/profile.html", values)


@login_not_required
@never_cache
def forgot_password(request: HttpRequest) -> HttpResponse:
    form = ForgotForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data["email"].lower()
        if not ratelimit.consume(request, action="reset_password", key=address):
            return too_many(request)
        actions.ask_for_link(address, request.build_absolute_uri("/"))
        return redirect("people:forgot_password_sent")
    return render(request, "people/forgot_password.html", {"form": form})


@login_not_required
def forgot_password_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "people/forgot_password_sent.html")


@login_not_required
@never_cache
@sensitive_post_parameters("password")
def new_password(request: HttpRequest, reference: str, token: str) -> HttpResponse:
    try:
        user = actions.open_link(reference, token)
    except Missing as dead:
        return render(request, "people/dead_link.html", {"text": say(dead)}, status=404)
    form = NewPasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_password(reference, token, form.cleaned_data["password"])
        except ValidationError as weak:
            form.add_error("password", weak)
        else:
            messages.success(request, _("Your password is set. Sign in with it."))
            return redirect("account_login")
    return render(request, "people/new_password.html", {"form": form, "person": user})


def _changed(request: StaffRequest, user: User, form: Form) -> bool:
    given = form.cleaned_data
    try:
        actions.change_access(
            request.actor, user.pk, roles=given["roles"], unit_id=_id(given["unit"]), version=given["version"]
        )
    except (Refused, Conflict) as refused:
        if refused.code == "not_allowed":
            raise
        form.add_error(None, say(refused))
        return False
    if queries.access_asked(request.actor, user).exists():
        messages.warning(
            request, _("This gives more rights, so it waits until another administrator confirms it.")
        )
    else:
        messages.success(request, _("Saved. They sign in again with their new roles."))
    return True


def _asked(request: StaffRequest, user: User | None = None) -> list[dict[str, object]]:
    """Wishes for more rights as a page shows them, and whether this reader may answer each."""
    waiting = list(queries.access_asked(request.actor, user))
    names = queries.names_of([one.asked_by for one in waiting]) if waiting else {}
    may = {
        one.pk: request.actor.may("staff.change") and request.actor.ref != str(one.user_id) for one in waiting
    }
    return [
        {
            "ask": one,
            "roles": [label(role) for role in one.roles],
            "by": names[one.asked_by],
            "confirms": may[one.pk] and request.actor.ref != one.asked_by,
            "declines": may[one.pk],
        }
        for one in waiting
    ]


def _done(request: StaffRequest, user_id: UUID, action: object, said: str) -> HttpResponse:
    try:
        action(request.actor, user_id)  # type: ignore[operator]
    except (Refused, Conflict, Missing) as refused:
        if refused.code in ("not_allowed", "people.no_such_person"):
            raise
        messages.error(request, say(refused))
    else:
        messages.success(request, said)
    return redirect("people:person", user_id)


def _show_link_once(request: StaffRequest, user: User) -> None:
    reference, token = actions.password_link(request.actor, user.pk)
    address = reverse("people:new_password", args=[reference, token])
    request.session[f"{_LINK}.{user.pk}"] = request.build_absolute_uri(address)


def _roles(user: User) -> list[str]:
    return [label(held.role) for held in user.roles_held.all() if held.ended_at is None]


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
