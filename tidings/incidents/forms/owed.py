"""The shape of what people type about what is owed: a promise to one customer, and one of the law's clocks."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tidings.incidents.forms.incident import Moment
from tidings.incidents.forms.running import offer_people, owner_field
from tidings.incidents.models import Incident
from tidings.kernel.actor import Actor
from tidings.ui.words import label


class PromiseForm(forms.Form):
    """What one customer was promised, by when, and who keeps it."""

    customer = forms.CharField(label=_("Customer’s number"), max_length=64)
    text = forms.CharField(
        label=_("What was promised"), max_length=500, help_text=_("One line: call back, collect, answer.")
    )
    due_by = Moment(label=_("By when"))
    owner = owner_field(_("Who keeps it"), _("Empty means you."))

    def __init__(self, actor: Actor, incident: Incident, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer_people(self.fields["owner"], incident, actor, "—")


class EndPromiseForm(forms.Form):
    """How a promise ended."""

    end = forms.ChoiceField(label=_("How it ended"), widget=forms.RadioSelect, initial="kept")
    note = forms.CharField(
        label=_("What came of it"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed where it was broken."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        ends = [(code, label(f"incident.promise.{code}")) for code in ("kept", "broken")]
        self.fields["end"].choices = ends  # type: ignore[attr-defined]


class LegalForm(forms.Form):
    """Whose one of the law's clocks is, and what proves that it was done."""

    all_optional = True
    owner = owner_field(_("Whose it is"))
    done_at = Moment(label=_("Done at"), required=False)
    proof = forms.CharField(
        label=_("What proves it"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("A reference, a name, where the receipt lies."),
    )

    def __init__(self, actor: Actor, incident: Incident, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer_people(self.fields["owner"], incident, actor, _("Nobody yet"))
