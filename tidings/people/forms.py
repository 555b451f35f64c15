"""The shape of what the staff's pages take."""

from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tidings.kernel.actor import Actor
from tidings.people.actions.keys import LONGEST_DAYS
from tidings.people.models import User
from tidings.people.queries import units
from tidings.people.queries.roster import could_be_on_call
from tidings.people.rules import FOR_KEYS, ON_DUTY, READING, Role, UnitKind
from tidings.ui.words import label


def _role_choices() -> list[tuple[str, str]]:
    return [(str(role), label(str(role))) for role in Role if role is not Role.INTEGRATION]


def _kind_choices() -> list[tuple[str, str]]:
    return [(kind.value, label(kind.value)) for kind in UnitKind]


def _scope_choices() -> list[tuple[str, str]]:
    """Reading first, then by what is changed."""
    in_order = sorted(FOR_KEYS, key=lambda scope: (scope not in READING, scope))
    return [(scope, label(scope)) for scope in in_order]


def _zone_choices() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(available_timezones()) if "/" in name]


def _moment_input() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def _offer_units(field: forms.Field, actor: Actor) -> None:
    _offer(field, [("", "—"), *((str(unit.pk), unit.name) for unit in units(actor))])


def _offer(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    field.widget.choices = field.choices = choices  # type: ignore[attr-defined]


class AccessForm(forms.Form):
    """Roles and unit of somebody."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=_role_choices, widget=forms.CheckboxSelectMultiple
    )
    unit = forms.TypedChoiceField(
        label=_("Unit"),
        required=False,
        empty_value=None,
        help_text=_("Headquarters sees everything; another unit sees itself and what is below it."),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, actor: Actor, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        _offer_units(self.fields["unit"], actor)
        self.fields["unit"].required = actor.units is not None


class InviteForm(AccessForm):
    """Somebody new."""

    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"), help_text=_("They sign in with it."))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    field_order = ("name", "email", "language", "unit", "roles")


class EndForm(forms.Form):
    """Who takes over what an ended account leaves behind."""

    successor = forms.UUIDField(required=False)


class ProfileForm(forms.Form):
    """One's own name, language and time zone."""

    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=120)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=_zone_choices, help_text=_("Every time on your pages is shown in it.")
    )
    mails_answers = forms.BooleanField(
        label=_("Mail me when words of mine are approved or sent back"), required=False
    )


class UnitForm(forms.Form):
    """A new unit."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=_kind_choices)
    parent = forms.TypedChoiceField(label=_("Belongs to"), required=False, empty_value=None)

    def __init__(self, actor: Actor, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        _offer_units(self.fields["parent"], actor)
        if actor.units is not None:
            _offer(self.fields["kind"], [one for one in _kind_choices() if one[0] != UnitKind.HEADQUARTERS])


class KeyForm(forms.Form):
    """A new key for a program."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Which program uses it, and where."))
    unit = forms.ChoiceField(
        label=_("Unit"),
        help_text=_("It sees what this unit and those below it see; headquarters sees everything."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"), choices=_scope_choices, widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(label=_("Days until it expires"), min_value=1, max_value=LONGEST_DAYS)
    per_minute = forms.IntegerField(label=_("Requests a minute"), min_value=1, max_value=60_000)

    def __init__(self, actor: Actor, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        _offer(self.fields["unit"], [(str(unit.pk), unit.name) for unit in units(actor)])


class ForgotForm(forms.Form):
    """Whoever cannot sign in any more."""

    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )


class NewPasswordForm(forms.Form):
    """A password for whoever holds the link."""

    password = forms.CharField(
        label=_("New password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=lazy(password_validators_help_text_html, str)(),
        strip=False,
    )

    def __init__(self, user: User, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.user = user


class ShiftForm(forms.Form):
    """Somebody on call. Its times are the firm's: whoever fills or shows it has that zone active."""

    person = forms.TypedChoiceField(label=_("Who"), coerce=UUID)
    role = forms.ChoiceField(
        label=_("Role"), choices=lambda: [(str(role), label(str(role))) for role in ON_DUTY]
    )
    unit = forms.TypedChoiceField(label=_("Unit"), coerce=UUID)
    begins_at = forms.DateTimeField(label=_("From"), widget=_moment_input())
    ends_at = forms.DateTimeField(label=_("Until"), widget=_moment_input())
    deputy = forms.TypedChoiceField(
        label=_("Deputy"),
        required=False,
        coerce=UUID,
        empty_value=None,
        help_text=_("Asked next when who is on call does not answer."),
    )

    def __init__(self, actor: Actor, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        people = [(str(one.pk), one.name) for one in could_be_on_call(actor)]
        _offer(self.fields["person"], people)
        _offer(self.fields["deputy"], [("", "—"), *people])
        _offer(self.fields["unit"], [(str(unit.pk), unit.name) for unit in units(actor)])
