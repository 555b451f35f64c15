"""The shape of what people type about incidents. Times are read in the reader's own zone."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from tidings.incidents import queries, rules
from tidings.kernel.actor import Actor
from tidings.messaging.rules.content import CONTRACTS
from tidings.messaging.rules.unsaved import Typing
from tidings.people.queries import units
from tidings.ui.words import in_order, label

_MOMENT = "%Y-%m-%dT%H:%M"


class Moment(forms.DateTimeField):
    """A date and a time, as the browser's own picker gives them."""

    def __init__(self, **options: Any) -> None:
        options["widget"] = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT)
        super().__init__(input_formats=[_MOMENT, "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"], **options)


def _text(text: Any, rows: int = 3) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(
        label=text, required=False, widget=widget, max_length=4000, show_hidden_initial=True
    )


class ReportForm(forms.Form):
    """Kind, place and beginning are enough. `key` becomes the incident's id: pressed twice, it is still one."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("What kind"))
    place = forms.CharField(
        label=_("Where"),
        max_length=200,
        help_text=_(
            "Begin to write a name or a code, and choose from the list. A UN/LOCODE or a country’s two letters will do too."
        ),
    )
    window_from = Moment(label=_("Since when"))
    window_until = Moment(label=_("Until when"), required=False, help_text=_("Leave empty while it goes on."))
    title = forms.CharField(label=_("Title"), required=False, max_length=200)
    severity = forms.ChoiceField(label=_("Severity"), required=False)
    detected_at = Moment(
        label=_("First noticed"), required=False, help_text=_("Clocks count from here. Empty means now.")
    )
    what = forms.CharField(label=_("What happened"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    cause = forms.CharField(
        label=_("Cause"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("As far as it is known."),
    )
    effect = forms.CharField(
        label=_("What it does to the service"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What stands still or runs late, and roughly for how long."),
    )
    first_response = forms.CharField(
        label=_("What was done first"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    unit = forms.TypedChoiceField(
        label=_("Whose incident"),
        required=False,
        coerce=UUID,
        empty_value=None,
        help_text=_("The unit that handles it. Others see it where it touches their shipments."),
    )
    safety = forms.BooleanField(
        label=_("People or goods in danger"),
        required=False,
        help_text=_("This and the next are weighed when the severity is proposed."),
    )
    legal = forms.BooleanField(label=_("Legal exposure"), required=False)
    drill = forms.BooleanField(
        label=_("This is an exercise"),
        required=False,
        help_text=_("Nobody outside hears of it; every page and message says so."),
    )

    def __init__(self, actor: Actor, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _offer_units(self, actor)
        self.fields["place"].widget.attrs.update({"list": "places", "autocomplete": "off"})
        self.fields["kind"].choices = [("", _("Choose one")), *kind_choices()]  # type: ignore[attr-defined]
        self.fields["severity"].choices = [  # type: ignore[attr-defined]
            ("", _("As the table proposes")),
            *severity_choices(),
        ]

    def clean_place(self) -> str:
        """The code of the place: as the list offers it behind the name, of the one place of that name, or as it was typed."""
        return queries.place_code(self.cleaned_data["place"])


def _offer_units(form: "ReportForm", actor: Actor) -> None:
    """Asks whose incident it is where there is a choice: of somebody who sees one unit it is that one's."""
    found = [(str(unit.pk), unit.name) for unit in units(actor)]
    if len(found) < 2:
        del form.fields["unit"]
        return
    if actor.unit is None:
        found.insert(0, ("", "—"))
    form.fields["unit"].choices = found  # type: ignore[attr-defined]
    form.initial["unit"] = str(actor.unit or "")


class KeptForm(forms.Form):
    """A form that is shown again, with everything typed in it, when somebody else was first."""

    late = False

    @property
    def status(self) -> int:
        """What the page answers: 409 where somebody else was first, 422 where something is wrong."""
        return 409 if self.late else 422 if self.errors else 200

    def look_again(self, sentence: str, **seen: object) -> None:
        """Says that somebody else was first, and takes what stands now as seen: who presses again has decided."""
        self.late = True
        self.data = (
            {**self.data.dict(), **seen} if isinstance(self.data, QueryDict) else {**self.data, **seen}
        )
        self.add_error(None, sentence)

    def touched(self) -> dict[str, str]:
        """What the person changed against what they were shown; the page carries that beside each such field."""
        return {
            name: self.cleaned_data[name]
            for name in self.changed_data
            if self.fields[name].show_hidden_initial and name in self.cleaned_data
        }

    def disputed(self, stands: Mapping[str, str]) -> dict[str, str]:
        """What the person changed and somebody else meanwhile changed to something else."""
        shown = {name: self.data.get(self.add_initial_prefix(name), "") for name in self.fields}
        return {
            name: value
            for name, value in self.touched().items()
            if _same(value) != _same(stands.get(name, "")) != _same(shown[name])
        }

    def now_stands(self, stands: Mapping[str, str]) -> dict[str, object]:
        """Data that shows what stands now in each field the person left alone, and takes all of it as seen."""
        mine, kept = self.touched(), [name for name, one in self.fields.items() if one.show_hidden_initial]
        shown = {self.add_initial_prefix(name): stands.get(name, "") for name in kept}
        return {**shown, **{name: stands.get(name, "") for name in kept if name not in mine}}


def _same(text: str) -> str:
    """A text without what a browser does to line ends."""
    return text.replace("\r\n", "\n").strip()


class SeenForm(KeptForm):
    """`seen_version` is the version of the incident that the person had before them."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)

    def version(self) -> int:
        """The version seen; one that no incident has where the field is missing or no number."""
        return int(self.cleaned_data["seen_version"]) if self.is_valid() else 0


class SendForm(SeenForm):
    """The one button of the composer: which message, and how many it said that it goes to."""

    seen_message = forms.CharField(required=False, widget=forms.HiddenInput)
    seen_contacts = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def seen(self) -> queries.Seen:
        """What the person had before them; what no page shows where a field is missing or no number."""
        if not self.is_valid():
            return queries.Seen(0, "", 0)
        told = self.cleaned_data
        return queries.Seen(told["seen_version"], told["seen_message"], told["seen_contacts"])


class FactsForm(SeenForm):
    """What is known."""

    all_optional = True
    title = forms.CharField(label=_("Title"), required=False, max_length=200, show_hidden_initial=True)
    what = _text(_("What happened"))
    cause = _text(_("Cause"), 2)
    effect = _text(_("Effect"), 2)
    first_response = _text(_("First response"), 2)
    measures = _text(_("Measures"), 2)


class WhatForm(SeenForm):
    """What it is after all, and why what stood was wrong."""

    kind = forms.ChoiceField(label=_("What kind"))
    detected_at = Moment(
        label=_("First noticed"),
        help_text=_("Clocks count from the earliest moment that was ever said; no promise moves later."),
    )
    reason = forms.CharField(
        label=_("Why it was wrong"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = kind_choices()  # type: ignore[attr-defined]


class GradeForm(SeenForm):
    """A severity and, where it differs from the proposal, why."""

    severity = forms.ChoiceField(label=_("Severity"), widget=forms.RadioSelect)
    safety = forms.BooleanField(label=_("People or goods in danger"), required=False)
    legal = forms.BooleanField(label=_("Legal exposure"), required=False)
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    takes_back = forms.BooleanField(
        label=_("The grade so far was a mistake"),
        required=False,
        help_text=_(
            "Then nothing must be told because of it before closing. Clocks and approvals stay as they are."
        ),
    )

    def __init__(self, *args: Any, may_take_back: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["severity"].choices = severity_choices()  # type: ignore[attr-defined]
        if not may_take_back:
            del self.fields["takes_back"]


class MoveForm(SeenForm):
    """The next state, and a reason where it asks for one."""

    target = forms.ChoiceField(label=_("Next step"))
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    other = forms.CharField(
        label=_("Number of the other incident"),
        required=False,
        max_length=24,
        help_text=_("Only where this one is merged into another."),
    )

    def __init__(self, *args: Any, state: str, **options: Any) -> None:
        super().__init__(*args, **options)
        targets = [target for target in rules.State if target in rules.MOVES[rules.State(state)]]
        self.fields["target"].choices = [  # type: ignore[attr-defined]
            (target.value, label(f"incident.state.{target.value}")) for target in targets
        ]
        if rules.State.MERGED not in targets:
            del self.fields["other"]


class WriteForm(KeptForm):
    """People's own sentences of one phase, per language; what stays empty is said by the prepared text.

    `seen_message` is the newest message of the phase when the page was opened. No version: what else changes meanwhile
    is seen before anything is sent. `corrects` is the message that a correction puts right.
    """

    all_optional = True
    seen_message = forms.CharField(required=False, widget=forms.HiddenInput)
    corrects = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, phase: str, languages: Mapping[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.languages = languages
        self.contract = CONTRACTS[phase]
        for language in languages:
            for fact in self.contract.facts:
                self.fields[f"{language}.{fact}"] = forms.CharField(
                    label=label(f"incident.says.{fact}"),
                    required=False,
                    max_length=2000,
                    widget=forms.Textarea(attrs={"rows": 2, "lang": language, "placeholder": " "}),
                    show_hidden_initial=True,
                )

    def facts(self, stands: Mapping[str, str]) -> dict[str, dict[str, str]]:
        """Language to the sentences of people in it: what this person changed, and what `stands` otherwise."""
        told: dict[str, dict[str, str]] = {}
        for name, value in {**stands, **self.touched()}.items():
            language, _dot, fact = name.partition(".")
            if value and fact:
                told.setdefault(language, {})[fact] = value
        return told

    def typed_before(self, parts: Mapping[str, Typing]) -> dict[str, object]:
        """The data of this form as somebody typed it before: their words, beside what they were shown; the rest as it stands."""
        stands = {name: self.initial.get(name, "") for name in self.fields}
        found = {**stands, **{self.add_initial_prefix(name): words for name, words in stands.items()}}
        for language, part in parts.items():
            for fact, words in part.typed.items():
                name = f"{language}.{fact}"
                found |= {name: words, self.add_initial_prefix(name): part.shown.get(fact, "")}
        return found

    def ask_for(self, composer: Any) -> None:
        """Says beside each sentence that nothing says yet whether the contract wants it or it may stay unsaid."""
        for draft in composer.drafts:
            for fact in self.contract.facts:
                field = self.fields.get(f"{draft.language}.{fact}")
                if field and fact in draft.missing:
                    field.widget.attrs["class"] = "missing"
                    field.help_text = _("Still missing: the prepared text does not say it.")
                elif field and fact not in draft.prepared:
                    field.help_text = _("Stays unsaid while this is empty.")

    def of(self, language: str) -> dict[str, Any]:
        """Fact to the bound field of one language."""
        return {fact: self[f"{language}.{fact}"] for fact in self.contract.facts}


def kind_choices(kinds: Mapping[str, Mapping[str, str]] | None = None) -> list[tuple[str, str]]:
    """Every kind with its word, in the order of the words; a page that has asked for them passes `kinds`."""
    known = queries.kinds() if kinds is None else kinds
    named = [(code, words_for_kind(code, names)) for code, names in known.items()]
    return sorted(named, key=lambda pair: in_order(pair[1]))


def words_for_kind(code: str, names: Mapping[str, str] | None = None) -> str:
    """The word for a kind: the firm's own name in the reader's language, or the shipped label."""
    return (
        (names or {}).get(get_language() or "en")
        or next(iter((names or {}).values()), "")
        or label(f"incident.kind.{code}")
    )


def severity_choices() -> list[tuple[str, str]]:
    return [(code, label(f"incident.severity.{code}")) for code in rules.SEVERITIES]


def state_choices() -> list[tuple[str, str]]:
    return [(state.value, label(f"incident.state.{state.value}")) for state in rules.State]


def title_of(incident: Any, place: str, kinds: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """The title somebody gave, or kind and place."""
    if incident.title:
        return str(incident.title)
    names = (kinds if kinds is not None else queries.kinds()).get(incident.kind)
    return gettext("%(kind)s at %(place)s") % {"kind": words_for_kind(incident.kind, names), "place": place}
