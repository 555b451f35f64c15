"""The shape of what people type about a team: whom to call in, whether they come, and a hotline."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tidings.incidents.forms.incident import Moment
from tidings.incidents.forms.running import offer_people, owner_field
from tidings.incidents.models import Incident
from tidings.incidents.rules.team import Answer
from tidings.kernel.actor import Actor
from tidings.people.rules import DEPARTMENTS
from tidings.ui.words import label


class CallForm(forms.Form):
    """Somebody for a department."""

    department = forms.ChoiceField(
        label=_("Department"),
        choices=lambda: [(code, label(f"incident.department.{code}")) for code in DEPARTMENTS],
    )
    person = owner_field(_("Who"), _("They get a mail, and a line on their worklist."))

    def __init__(self, actor: Actor, incident: Incident, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["person"].required = True
        offer_people(self.fields["person"], incident, actor, _("Choose one"))


class AnswerForm(forms.Form):
    """Whether they come, and from when."""

    answer = forms.ChoiceField(
        label=_("Your answer"),
        widget=forms.RadioSelect,
        choices=[(Answer.COMING.value, _("I am coming")), (Answer.CANNOT.value, _("I cannot"))],
    )
    comes_at = Moment(label=_("From when"), required=False, help_text=_("Left empty: now."))
    note = forms.CharField(
        label=_("Note"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class HotlineForm(forms.Form):
    """A number of its own, and what goes with it."""

    number = forms.CharField(
        label=_("Telephone"),
        required=False,
        max_length=40,
        help_text=_(
            "Messages written from now on name it in the place of the firm’s. Left empty: none of its own."
        ),
    )
    announcement = forms.CharField(
        label=_("What callers hear first"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    hours = forms.CharField(label=_("When it is answered"), required=False, max_length=200)
    staff = forms.CharField(
        label=_("Who helps out"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
