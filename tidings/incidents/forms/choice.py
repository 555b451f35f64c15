"""The shape of an offer: which options customers have, for which effect, until when, and what holds without an answer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tidings.incidents.forms.incident import Moment
from tidings.incidents.rules import ON_SHIPMENTS, Effect
from tidings.incidents.rules.choice import Option
from tidings.ui.words import label


class OfferForm(forms.Form):
    """What customers may choose between."""

    effect = forms.ChoiceField(
        label=_("For shipments with this effect"),
        required=False,
        help_text=_("As the newest message to the customer said it."),
    )
    options = forms.MultipleChoiceField(label=_("Options"), widget=forms.CheckboxSelectMultiple)
    default = forms.ChoiceField(label=_("Holds without an answer"))
    closes_at = Moment(label=_("Customers can choose until"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        known = [(option.value, label(f"incident.option.{option}")) for option in Option]
        self.fields["options"].choices = known  # type: ignore[attr-defined]
        self.fields["default"].choices = known  # type: ignore[attr-defined]
        self.fields["effect"].choices = [  # type: ignore[attr-defined]
            ("", _("Every effect")),
            *(
                (one.value, label(f"incident.effect.{one}"))
                for one in ON_SHIPMENTS
                if one is not Effect.UNAFFECTED
            ),
        ]
