"""The shape of what people type at the end of an incident, and where it belongs to another."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tidings.incidents.forms.incident import Moment, SeenForm
from tidings.incidents.forms.running import TaskForm
from tidings.ui.words import label


def _lines(text: Any, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=text,
        help_text=hint,
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReviewForm(SeenForm):
    """What the incident taught."""

    all_optional = True
    cause = _lines(_("Cause"), _("The closing message tells it; closing asks for it."))
    measures = _lines(_("Measures"), _("What was done about it; closing asks for it."))
    prevention = _lines(_("How we prevent it"))
    went_well = _lines(_("What went well"))
    to_improve = _lines(_("What we do better next time"))


class CorrectiveForm(TaskForm):
    """A lesson as a task, and when somebody looks whether it worked."""

    check_by = Moment(label=_("When we look whether it worked"))


class CheckForm(forms.Form):
    """Whether a corrective measure worked."""

    worked = forms.TypedChoiceField(
        label=_("Did it work?"), widget=forms.RadioSelect, coerce=lambda said: said == "worked"
    )
    note = _lines(_("What was seen"), _("Needed where it did not work."))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["worked"].choices = [  # type: ignore[attr-defined]
            (code, label(f"incident.worked.{code}")) for code in ("worked", "did_not_work")
        ]


class UnreachableForm(forms.Form):
    """Why those without a contact were not told."""

    reason = forms.CharField(
        label=_("Why they could not be told"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class ParentForm(SeenForm):
    """The incident that this one is part of; empty takes it out."""

    all_optional = True
    parent = forms.CharField(
        label=_("Number of the incident above"),
        required=False,
        max_length=24,
        help_text=_("A storm closes nine hubs: the storm stands above. Empty takes this one out."),
    )
