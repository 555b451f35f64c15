"""What narrows the list of shipments."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tidings.customers.queries import customer_by_number
from tidings.kernel.actor import Actor
from tidings.shipments.queries.parts import place_by_code
from tidings.shipments.queries.rows import Filter

STATES = [
    ("", _("Any state")),
    ("open", _("Not delivered yet")),
    ("late", _("Late")),
    ("expected", _("No events yet, shipped in the last 90 days")),
    ("delivered", _("Delivered")),
    ("delivered_late", _("Delivered late")),
    ("ended", _("Ended without delivery")),
]
SIDES = [("at", _("now at")), ("to", _("going to"))]


class FilterForm(forms.Form):
    """Narrows the list of shipments. What cannot be read is said beside the field, and narrows nothing."""

    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)
    side = forms.ChoiceField(label=_("Where"), choices=SIDES, required=False)
    place = forms.CharField(label=_("Place code"), required=False, max_length=40)
    client = forms.CharField(label=_("Client number"), required=False, max_length=80)
    start = forms.DateField(
        label=_("Ship date from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(label=_("until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    master = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, actor: Actor, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.actor = actor

    def clean_place(self) -> int | None:
        code = self.cleaned_data["place"]
        place = place_by_code(code) if code else None
        if code and place is None:
            raise forms.ValidationError(_("No place has the code %(code)s."), params={"code": code})
        return place.pk if place else None

    def clean_client(self) -> object:
        number = self.cleaned_data["client"].strip()
        client = customer_by_number(self.actor, number) if number else None
        if number and client is None:
            raise forms.ValidationError(_("No client has the number %(number)s."), params={"number": number})
        return client.pk if client else None

    def narrowed(self) -> Filter:
        """What the list shows; fields with an error are left out."""
        self.is_valid()
        values = {key: value for key, value in self.cleaned_data.items() if value}
        return Filter(**values)
