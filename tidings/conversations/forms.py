"""The form of a door, made of the settings of its kind."""

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tidings.conversations.actions import DoorSettings
from tidings.conversations.doors.base import Way
from tidings.conversations.models import Door
from tidings.ui.words import label

_CHOICES = {"security": ("tls", "starttls", "none")}
_BY_TOKEN = ("token_url", "client_id", "client_secret", "refresh_token")
_OPTIONAL = {"moves_to", "token_url", "client_id", "user"}


class DoorForm(forms.Form):
    """One door. A secret that is left empty keeps the one that is there; it is never shown."""

    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("As you call it, such as “bounces”."))

    def __init__(self, *args: object, way: type[Way], door: Door | None, known: Mapping[str, Any]) -> None:
        initial = {**{name: value for name, value in known.items()}, "name": door.name if door else ""}
        if door:
            initial["acknowledges"] = door.acknowledges
        super().__init__(*args, initial=initial)  # type: ignore[arg-type, misc]
        self._way = way
        for one in fields(way.Settings):
            self.fields[one.name] = _field(way.code, one)
        self.fields["acknowledges"] = forms.BooleanField(
            label=_("Tell who answers that a person will read it"),
            required=False,
            help_text=_("At most once a day, to the address that we wrote to. Never to a program."),
        )

    @property
    def always(self) -> list[forms.BoundField]:
        """The fields that every such door has."""
        return [field for field in self if field.name not in _BY_TOKEN]

    @property
    def by_token(self) -> list[forms.BoundField]:
        """Those that only a sign-in by token needs, folded away."""
        return [field for field in self if field.name in _BY_TOKEN]

    @property
    def signs_in_by_token(self) -> bool:
        """Whether such a sign-in is set, or was just typed."""
        return bool(self["token_url"].value()) if "token_url" in self.fields else False

    def settings(self) -> DoorSettings:
        given = dict(self.cleaned_data)
        name, acknowledges = given.pop("name"), given.pop("acknowledges")
        return DoorSettings(self._way.code, name, given, acknowledges)


def _field(code: str, one: "Field[Any]") -> forms.Field:
    """A form's field for one setting: its word is `door.field.<kind>.<name>`, a sentence on it `door.help.<kind>.<name>`."""
    told = label(f"door.help.{code}.{one.name}")
    options: dict[str, Any] = {
        "label": label(f"door.field.{one.name}"),
        "help_text": "" if told.startswith("door.help.") else told,
    }
    if one.metadata.get("secret"):
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        options["help_text"] = options["help_text"] or _(
            "Kept encrypted and never shown again. Leave it empty to keep the present one."
        )
        return forms.CharField(required=False, max_length=4000, widget=widget, **options)
    if one.name in _CHOICES:
        choices = [(value, label(f"door.security.{value}")) for value in _CHOICES[one.name]]
        return forms.ChoiceField(choices=choices, initial=one.default, **options)
    if isinstance(one.default, int):
        return forms.IntegerField(min_value=1, max_value=65535, initial=one.default, **options)
    initial = one.default if isinstance(one.default, str) else ""
    return forms.CharField(max_length=500, required=one.name not in _OPTIONAL, initial=initial, **options)
