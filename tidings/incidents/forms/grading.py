"""The shape of what an administrator types about grading: a row of the table, a kind of the firm's own."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tidings.incidents.forms.incident import kind_choices, severity_choices
from tidings.incidents.models import OwnKind
from tidings.incidents.rules import SEVERITIES
from tidings.incidents.rules.grading import GradingRow


class GradingRowForm(forms.Form):
    """What the row names, and the severity it proposes at least."""

    kind = forms.ChoiceField(label=_("What kind"), required=False)
    customers = forms.IntegerField(label=_("Affected customers, at least"), required=False, min_value=1)
    value = forms.DecimalField(
        label=_("Declared value of the goods, at least"), required=False, min_value=1, decimal_places=2
    )
    currency = forms.RegexField(
        label=_("Currency"), regex="^[A-Za-z]{3}$", required=False, initial="EUR", max_length=3
    )
    safety = forms.BooleanField(label=_("People or goods in danger"), required=False)
    legal = forms.BooleanField(label=_("Legal exposure"), required=False)
    severity = forms.ChoiceField(label=_("Then at least"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = [("", _("Any kind")), *kind_choices()]  # type: ignore[attr-defined]
        self.fields["severity"].choices = severity_choices()  # type: ignore[attr-defined]

    def row(self) -> GradingRow:
        """What was typed, as a row."""
        told = self.cleaned_data
        cents = int((told["value"] or Decimal(0)) * 100)
        return GradingRow(
            SEVERITIES[told["severity"]],
            told["kind"],
            told["customers"] or 0,
            cents,
            told["currency"].upper() if cents else "",
            told["safety"],
            told["legal"],
        )


class KindForm(forms.Form):
    """A kind of the firm's own: its code, a name per language, and its floor."""

    code = forms.CharField(
        label=pgettext_lazy("kind", "Code"),
        max_length=40,
        help_text=_("Small letters, digits and underscores; it stays when names change."),
    )
    floor = forms.ChoiceField(label=_("Never lower than"))

    def __init__(self, typed: Any, *, kind: OwnKind | None) -> None:
        first = {f"name_{code}": name for code, name in kind.names.items()} if kind else {}
        if kind:
            first |= {"code": kind.code, "floor": kind.floor}
        super().__init__(typed, initial=first)
        self.fields["floor"].choices = severity_choices()  # type: ignore[attr-defined]
        if kind:
            self.fields["code"].widget.attrs["readonly"] = True
        for code, name in settings.LANGUAGES:
            self.fields[f"name_{code}"] = forms.CharField(
                label=name, required=False, max_length=80, widget=forms.TextInput(attrs={"lang": code})
            )

    def names(self) -> dict[str, str]:
        """Language code to the name in it."""
        return {code: self.cleaned_data[f"name_{code}"] for code, _name in settings.LANGUAGES}
