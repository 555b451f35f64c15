"""The shape of what people type while an incident is run: a task for a department, and how it ends."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from tidings.incidents import queries
from tidings.incidents.forms.incident import Moment
from tidings.incidents.models import Incident
from tidings.incidents.rules import tasks
from tidings.kernel.actor import Actor
from tidings.people.queries import people_who_see
from tidings.people.rules import DEPARTMENTS
from tidings.ui.words import label


def owner_field(text: Any, help_text: Any = "") -> forms.TypedChoiceField:
    """A person, or nobody yet; `offer_people` fills it."""
    return forms.TypedChoiceField(
        label=text, required=False, coerce=UUID, empty_value=None, help_text=help_text
    )


def offer_people(field: Any, incident: Incident, actor: Actor, nobody: Any) -> None:
    """Everybody who may open the incident, the reader first."""
    people = [(str(one.pk), one.name) for one in people_who_see(incident.unit_id)]
    mine = [one for one in people if one[0] == actor.ref]
    field.choices = [("", nobody), *mine, *(one for one in people if one not in mine)]


class TaskForm(forms.Form):
    """What a department is to do, by when, and who takes it."""

    department = forms.ChoiceField(label=_("Department"))
    other = forms.CharField(
        label=_("Another department"),
        required=False,
        max_length=40,
        help_text=_("Only where the list has none that fits."),
    )
    text = forms.CharField(label=_("What to do"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    due_by = Moment(label=_("By when"))
    owner = owner_field(_("Who does it"), _("It then stands on their worklist."))

    def __init__(self, actor: Actor, incident: Incident, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["department"].required = False
        self.fields["department"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose one")),
            *((code, label(f"incident.department.{code}")) for code in DEPARTMENTS),
            *((own, own) for own in queries.departments_used()),
        ]
        offer_people(self.fields["owner"], incident, actor, _("Nobody yet"))

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not told.get("department") and not told.get("other", "").strip():
            self.add_error("department", _("Choose a department, or name another one."))
        return {**told, "department": told.get("other", "").strip() or told.get("department", "")}


class FinishForm(forms.Form):
    """How a task ended."""

    end = forms.ChoiceField(label=_("How it ended"), widget=forms.RadioSelect, initial=tasks.TaskEnd.DONE)
    reason = forms.CharField(
        label=_("Reason, or what came of it"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed where it was not done."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        ends = [(one.value, label(f"incident.end.{one.value}")) for one in tasks.TaskEnd]
        self.fields["end"].choices = ends  # type: ignore[attr-defined]


class HandForm(forms.Form):
    """Who does it from now on."""

    owner = owner_field(_("Who does it from now on"))

    def __init__(self, actor: Actor, incident: Incident, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["owner"].required = True
        offer_people(self.fields["owner"], incident, actor, _("Choose one"))
