"""The shape of a cell to be opened: which role may be told which fact on which channel, and why."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tidings.incidents.rules import CHANNELS_TOLD, MAY_HEAR, Cell, Fact
from tidings.ui.words import label


class CellForm(forms.Form):
    """One cell and the reason for opening it."""

    role = forms.ChoiceField(label=_("Who"))
    fact = forms.ChoiceField(label=_("May be told"))
    channel = forms.ChoiceField(label=_("By"))
    reason = forms.CharField(
        label=_("Why"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Another administrator reads it before it holds."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = {
            "role": [(role, label(f"party.{role}")) for role in MAY_HEAR],
            "fact": [(fact.value, label(f"incident.told_fact.{fact}")) for fact in Fact],
            "channel": [(channel, label(f"channel.{channel}")) for channel in CHANNELS_TOLD],
        }
        for name, known in choices.items():
            self.fields[name].choices = [("", _("Choose one")), *known]  # type: ignore[attr-defined]

    def cell(self) -> Cell:
        told = self.cleaned_data
        return Cell(told["role"], Fact(told["fact"]), told["channel"])
