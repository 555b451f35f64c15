"""What somebody sends to import a file: the file, then the profile it is read by."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tidings.shipments.queries.imports import profiles
from tidings.shipments.words import LABELS


class UploadForm(forms.Form):
    """The file itself."""

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        help_text=_(
            "A CSV file of customers, shipments or events, from any system: separators, encoding and line ends are found out."
        ),
    )

    def __init__(self, *arguments: Any, most_bytes: int, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["file"].widget.attrs |= {
            "data-max-bytes": str(most_bytes),
            "data-too-large": str(
                _("This file is larger than %(megabytes)s MB. Split it, or import it on the server.")
                % {"megabytes": most_bytes >> 20}
            ),
        }


class ChoiceForm(forms.Form):
    """The profile by which a file is read."""

    profile = forms.ChoiceField(label=_("Profile"))

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        known = profiles()
        self.kinds = {choice.code: choice.kind for choice in known}
        groups = {
            kind: [(choice.code, choice.name) for choice in known if choice.kind == kind]
            for kind in ("shipments", "customers", "events")
        }
        self.fields["profile"].choices = [  # type: ignore[attr-defined]
            (LABELS[f"kind.{kind}"], choices) for kind, choices in groups.items() if choices
        ]

    @property
    def kind(self) -> str:
        return self.kinds[self.cleaned_data["profile"]]
