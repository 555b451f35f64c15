"""The shape of what an administrator types about policies: what one severity demands."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tidings.customers.rules import CHANNELS
from tidings.incidents import rules
from tidings.incidents.forms.incident import kind_choices
from tidings.messaging.rules.delivery import CALL
from tidings.people.rules import DEPARTMENTS
from tidings.ui.words import label

_ASKS: dict[str, frozenset[str]] = {
    "either": frozenset(),
    "legal": frozenset({"legal"}),
    "management": frozenset({"management"}),
    "both": frozenset({"legal", "management"}),
}
_APPROVALS = [
    ("", _("nobody: the author may send them")),
    ("either", _("one other person, legal or management")),
    ("legal", _("legal")),
    ("management", _("management")),
    ("both", _("legal and management, two people")),
]
_GRAVE_KINDS = frozenset({"data_breach", "dangerous_goods", "theft", "fraud", "accident"})
"""Kinds for which a grade may ask for more."""


def _hours(text: Any, hint: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=text,
        help_text=hint,
        min_value=Decimal("0.25"),
        max_value=24,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"step": "0.25"}),
    )


class PolicyForm(forms.Form):
    """`seen_version` is the version that stood on the page."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    first_notice_within = _hours(
        _("First notice within, in hours"), _("Counted from detection; never more than 24.")
    )
    update_every = _hours(_("News at least every, in hours"), _("While it lasts; never more than 24."))
    approval = forms.ChoiceField(label=_("Who approves own sentences"), required=False)
    legal_kinds = forms.MultipleChoiceField(
        label=_("Legal approves too, for these kinds"), required=False, widget=forms.CheckboxSelectMultiple
    )
    management_kinds = forms.MultipleChoiceField(
        label=_("Management approves too, for these kinds"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    special = forms.BooleanField(
        label=_("Special response level"),
        required=False,
        help_text=_("A command group of headquarters runs it, not one project manager."),
    )
    team = forms.MultipleChoiceField(
        label=_("Departments that are called in"), required=False, widget=forms.CheckboxSelectMultiple
    )
    answer_within = forms.IntegerField(
        label=_("Who is called in answers within, in minutes"),
        min_value=1,
        max_value=1440,
        initial=15,
        required=False,
        help_text=_("Then the next is called, and at last whoever leads the team hears of it."),
    )
    required = forms.MultipleChoiceField(
        label=_("Must have been told before it closes"), required=False, widget=forms.CheckboxSelectMultiple
    )
    overrides_quiet = forms.MultipleChoiceField(
        label=_("Channels that do not wait for quiet hours to end"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    channels = forms.MultipleChoiceField(
        label=_("Write by these channels only"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: by whatever a customer has. People may always call."),
    )
    confirm = forms.BooleanField(
        label=_("Only a confirmed contact counts"),
        required=False,
        help_text=_(
            "For everybody. Otherwise it does for those who must act, or whose goods are damaged, lost or stolen."
        ),
    )
    brake_customers = forms.IntegerField(
        label=_("A change of more customers than this waits for a person"),
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text=_(
            "Once somebody was told: customers who come in or leave by themselves within the time below."
        ),
    )
    brake_share = forms.IntegerField(
        label=_("So does more than this share of those affected, in percent"),
        min_value=1,
        max_value=100,
        required=False,
    )
    brake_few = forms.IntegerField(
        label=_("But never a change of this many or fewer"),
        min_value=0,
        max_value=1_000_000,
        required=False,
    )
    brake_gathered = forms.IntegerField(
        label=_("Changes are gathered for, in minutes"),
        min_value=1,
        max_value=60,
        required=False,
        help_text=_(
            "Newly affected hear by themselves only after this long, so that nobody gets notice and all-clear at once."
        ),
    )
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, typed: Any, *, policy: rules.Policy, version: int) -> None:
        first = {
            "seen_version": version,
            "first_notice_within": _in_hours(policy.first_notice_within),
            "update_every": _in_hours(policy.update_every),
            "approval": _approval(policy),
            "legal_kinds": sorted(policy.legal_kinds),
            "management_kinds": sorted(policy.management_kinds),
            "special": policy.special,
            "team": sorted(policy.team),
            "answer_within": round(policy.answer_within.total_seconds() / 60),
            "required": sorted(policy.required),
            "overrides_quiet": sorted(policy.overrides_quiet),
            "channels": sorted(policy.channels),
            "confirm": policy.confirm,
            **_brake_typed(policy.brake),
        }
        super().__init__(typed, initial=first)
        self.severity, self._brake = policy.severity, policy.brake
        self.fields["approval"].choices = _APPROVALS  # type: ignore[attr-defined]
        kinds = [
            one
            for one in kind_choices()
            if one[0] in _GRAVE_KINDS | policy.legal_kinds | policy.management_kinds
        ]
        for name in ("legal_kinds", "management_kinds"):
            self.fields[name].choices = kinds  # type: ignore[attr-defined]
        self.fields["team"].choices = [  # type: ignore[attr-defined]
            (code, label(f"incident.department.{code}")) for code in DEPARTMENTS
        ]
        self.fields["required"].choices = [  # type: ignore[attr-defined]
            (phase.value, label(f"incident.phase.{phase.value}")) for phase in rules.TOLD_PHASES
        ]
        self.fields["overrides_quiet"].choices = [  # type: ignore[attr-defined]
            (code, label(f"incident.channel.{code}")) for code in rules.MAY_BE_LOUD
        ]

        self.fields["channels"].choices = [  # type: ignore[attr-defined]
            (code, label(f"channel.{code}")) for code in CHANNELS if code != CALL
        ]

    def wanted(self) -> rules.Policy:
        """What was typed, as a policy."""
        told = self.cleaned_data
        return rules.Policy(
            self.severity,
            timedelta(hours=float(told["first_notice_within"])),
            timedelta(hours=float(told["update_every"])),
            bool(told["approval"]),
            told["special"],
            frozenset(rules.Phase(code) for code in told["required"]),
            frozenset(told["overrides_quiet"]),
            _ASKS.get(told["approval"], frozenset()),
            frozenset(told["legal_kinds"]),
            frozenset(told["management_kinds"]),
            frozenset(told["team"]),
            timedelta(minutes=told["answer_within"] or 15),
            self._wanted_brake(),
            frozenset(told["channels"]),
            told["confirm"],
        )

    def _wanted_brake(self) -> rules.Brake:
        """What was left empty stays as it is."""
        figures = _brake_typed(self._brake)
        figures |= {
            name: int(self.cleaned_data[name]) for name in figures if self.cleaned_data[name] is not None
        }
        return rules.Brake(
            figures["brake_customers"],
            figures["brake_share"],
            figures["brake_few"],
            timedelta(minutes=figures["brake_gathered"]),
        )


def _brake_typed(brake: rules.Brake) -> dict[str, int]:
    return {
        "brake_customers": brake.customers,
        "brake_share": brake.share,
        "brake_few": brake.few,
        "brake_gathered": brake.gathered // timedelta(minutes=1),
    }


def _approval(policy: rules.Policy) -> str:
    if not policy.approvers:
        return "either" if policy.second_person else ""
    return next(code for code, kinds in _ASKS.items() if kinds == policy.approvers)


def _in_hours(span: timedelta) -> Decimal:
    return Decimal(round(span.total_seconds() / 36)) / 100
