"""What people type about the scope of an incident: what it means for which shipments."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tidings.incidents import rules
from tidings.incidents.forms.incident import Moment, SeenForm
from tidings.incidents.forms.question import several
from tidings.ui.words import label

TAKE_BACK = "as_reason"


class _MeaningFields(SeenForm):
    """An effect with what belongs to it."""

    effect = forms.ChoiceField(label=_("What it means"))
    from_at = Moment(label=_("Expected from"), required=False)
    until_at = Moment(label=_("Expected by"), required=False)
    held_by = forms.ChoiceField(label=_("Held by"), required=False, help_text=_("Only where goods are held."))
    must_do = forms.ChoiceField(label=_("What the customer must do"), required=False)
    do_by = Moment(label=_("To be done by"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        effects = [
            (one.value, label(f"incident.effect.{one.value}"))
            for one in rules.GRAVEST_FIRST
            if one in rules.ON_SHIPMENTS
        ]
        holders = [(one.value, label(f"incident.held_by.{one.value}")) for one in rules.HeldBy]
        duties = [(one.value, label(f"incident.must_do.{one.value}")) for one in rules.MustDo]
        for name, choices in (
            ("effect", [("", _("Choose one")), *effects]),
            ("held_by", [("", "—"), *holders]),
            ("must_do", [("", _("Nothing")), *duties]),
        ):
            self.fields[name].choices = choices  # type: ignore[attr-defined]


class EffectForm(_MeaningFields):
    """What it means for the shipments of one reason, or of all."""

    why = forms.ChoiceField(label=_("For which shipments"), required=False)
    field_order = ("why",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        without = [(one.value, label(f"incident.effect.{one.value}")) for one in rules.WITHOUT_SHIPMENT]
        self.fields["effect"].choices += [(_("Customers without a shipment"), without)]  # type: ignore[attr-defined]
        self.fields["why"].choices = [  # type: ignore[attr-defined]
            ("", _("All that have no effect of their own")),
            *((why.value, label(f"incident.why.{why.value}")) for why in rules.Why),
        ]


class MeaningForm(_MeaningFields):
    """What it means for the shipments of a list, or for some pieces of one. `seen_shipments` is how many the page said they are."""

    seen_shipments = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    pieces = forms.CharField(
        label=_("Only these pieces"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Their barcodes, one a line or with commas. Empty means the whole shipment."),
    )

    def __init__(self, *args: Any, one_shipment: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["effect"].choices += [(TAKE_BACK, _("As its reason says"))]  # type: ignore[attr-defined]
        if not one_shipment:
            del self.fields["pieces"]

    def meaning(self) -> rules.Meaning:
        told = self.cleaned_data
        if told["effect"] == TAKE_BACK:
            return rules.Meaning("")
        names = ("effect", "from_at", "until_at", "held_by", "must_do", "do_by")
        return rules.Meaning(**{name: told[name] for name in names})

    def barcodes(self) -> list[str]:
        return several(str(self.cleaned_data.get("pieces", "")))


class PickForm(SeenForm):
    """Shipments, or customers without any, that a person adds or takes out, and why."""

    verdict = forms.ChoiceField(label=_("What to do"), widget=forms.RadioSelect)
    numbers = forms.CharField(
        label=_("Waybills"),
        required=False,
        max_length=400_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line, or with commas."),
    )
    customers = forms.CharField(
        label=_("Customers without a shipment"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "Their numbers. They are told of our service to them, whether or not goods of theirs are moving."
        ),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It stands beside the shipment or the customer."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["verdict"].choices = [  # type: ignore[attr-defined]
            ("in", _("Add, whatever the question says")),
            ("out", _("Take out, whatever the question says")),
        ]

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not (self.typed() or self.typed_customers()):
            self.add_error("numbers", _("Name a shipment or a customer."))
        return told

    def typed(self) -> list[str]:
        return several(str(self.cleaned_data.get("numbers", "")))

    def typed_customers(self) -> list[str]:
        return several(str(self.cleaned_data.get("customers", "")))
