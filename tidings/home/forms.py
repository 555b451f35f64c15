"""The shape of what the pages that span domains take."""

from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _


def _zone_choices() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(available_timezones()) if "/" in name]


class InstallationForm(forms.Form):
    """The firm's name and zone."""

    firm_name = forms.CharField(
        label=_("Name of the firm"), max_length=120, help_text=_("Customers read it in every message.")
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=_zone_choices, help_text=_("The firm’s own promises count in it.")
    )
