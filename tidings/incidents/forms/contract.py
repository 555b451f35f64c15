"""The shape of a client's contract on who hears: one line for all, and lines for an effect, a phase, or both."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from tidings.customers.queries import contract_version
from tidings.customers.rules import LATEST_AFTER, Hearing, Told
from tidings.incidents.rules import ON_SHIPMENTS, TOLD_PHASES, Effect
from tidings.ui.words import label

EFFECTS = tuple(effect for effect in ON_SHIPMENTS if effect is not Effect.UNAFFECTED)
PHASES = TOLD_PHASES
"""What a line of a contract may be about. Corrections and all-clears go to who heard, whatever a contract says."""


def _minutes() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Minutes after the client"),
        required=False,
        min_value=1,
        max_value=LATEST_AFTER,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


def _told() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Who hears"))


class ContractForm(forms.Form):
    """Who hears where no line says otherwise. `version` is what the person saw when the page was made."""

    version = forms.CharField(widget=forms.HiddenInput)
    told = _told()
    after = _minutes()

    def __init__(self, *args: Any, lines: Sequence[Hearing], **options: Any) -> None:
        rest = lines[0]
        options["initial"] = {"version": contract_version(lines), "told": rest.told, "after": rest.after}
        super().__init__(*args, **options)
        self.fields["told"].choices = told_choices()  # type: ignore[attr-defined]
        self.fields["after"].help_text = _(
            "Only where the client hears first. Empty: the others wait for the client’s word."
        )


class ContractLineForm(forms.Form):
    """One line; without a way of telling it is left out."""

    effect = forms.ChoiceField(label=_("Effect"), required=False)
    phase = forms.ChoiceField(label=_("Message"), required=False)
    told = _told()
    after = _minutes()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        effects = [(one.value, label(f"incident.effect.{one}")) for one in EFFECTS]
        phases = [(one.value, label(f"incident.phase.{one}")) for one in PHASES]
        self.fields["effect"].choices = [("", _("any effect")), *effects]  # type: ignore[attr-defined]
        self.fields["phase"].choices = [("", _("any message")), *phases]  # type: ignore[attr-defined]
        self.fields["told"].choices = [("", "–"), *told_choices()]  # type: ignore[attr-defined]
        self.fields["told"].required = False

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("told") and not given.get("effect") and not given.get("phase"):
            self.add_error("effect", _("Choose an effect or a message; for all of them it stands above."))
        return given


def told_choices() -> list[tuple[str, Any]]:
    """The ways of telling, the one for the client alone first."""
    return [(told.value, label(f"told.{told}")) for told in Told]


_Lines: "type[BaseFormSet[ContractLineForm]]" = formset_factory(ContractLineForm, extra=2, max_num=60)


def contract_lines(lines: Sequence[Hearing], data: Any = None) -> "BaseFormSet[ContractLineForm]":
    """The forms for the lines of a contract that are about something, with two empty ones; or what was sent."""
    initial = [
        {"effect": one.effect, "phase": one.phase, "told": one.told, "after": one.after} for one in lines[1:]
    ]
    return _Lines(data, initial=initial, prefix="lines")


def agreed(form: ContractForm, lines: "BaseFormSet[ContractLineForm]") -> list[Hearing]:
    """What valid forms say, the line for all first."""
    rest = form.cleaned_data
    said = [one.cleaned_data for one in lines.forms if one.cleaned_data.get("told")]
    return [
        Hearing(rest["told"], after=rest["after"]),
        *(Hearing(one["told"], one["effect"], one["phase"], one["after"]) for one in said),
    ]
