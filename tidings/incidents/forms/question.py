"""The question as a form: groups of terms, each added and taken away by a press, with nothing lost in between."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tidings.incidents import rules
from tidings.incidents.forms.incident import Moment
from tidings.shipments.rules import Role
from tidings.ui.words import label

_BETWEEN = re.compile(r"[\r\n,;，；、]+")
_MOST = 400_000
Raw = dict[str, Any]


def several(text: str) -> list[str]:
    """What was typed one a line or with commas, each once."""
    return list(dict.fromkeys(one.strip() for one in _BETWEEN.split(text) if one.strip()))


class GroupForm(forms.Form):
    """The window of one group."""

    from_at = Moment(label=_("Since when"))
    until_at = Moment(label=_("Until when"), required=False, help_text=_("Leave empty while it goes on."))


class TermForm(forms.Form):
    """One condition; which fields it has depends on its kind."""

    kind = forms.CharField(widget=forms.HiddenInput)
    values = forms.CharField(max_length=_MOST)
    to = forms.CharField(
        label=_("To"), max_length=400, help_text=_("A hub’s code, a UN/LOCODE or a country’s two letters.")
    )
    day = forms.DateField(
        label=_("Day of departure"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Where it departs. Empty means whatever runs in the window."),
    )
    roles = forms.MultipleChoiceField(
        label=_("As"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen means as contract holder."),
    )

    def __init__(self, *args: Any, kind: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.term_kind = rules.TermKind(kind)
        self.word = label(f"incident.term.{kind}")
        values = self.fields["values"]
        values.label, values.help_text = (
            label(f"incident.term_values.{kind}"),
            label(f"incident.term_hint.{kind}"),
        )
        if self.term_kind in (rules.TermKind.NUMBER, rules.TermKind.CONTAINER):
            values.widget = forms.Textarea(attrs={"rows": 4})
        if self.term_kind in (rules.TermKind.PLACE, rules.TermKind.LANE, rules.TermKind.PICKUPS):
            values.widget.attrs.update({"list": "places", "autocomplete": "off"})
        self.fields["roles"].choices = [(role.value, label(f"party.{role.value}")) for role in Role]  # type: ignore[attr-defined]
        for name, only in (
            ("to", rules.TermKind.LANE),
            ("day", rules.TermKind.TRANSPORT),
            ("roles", rules.TermKind.CLIENT),
        ):
            if self.term_kind is not only:
                del self.fields[name]

    def term(self) -> rules.Term:
        told = self.cleaned_data
        return rules.Term(
            self.term_kind,
            tuple(several(told["values"])),
            tuple(several(told.get("to", ""))),
            told.get("day"),
            tuple(told.get("roles", ())),
        )


class QuestionBuilder:
    """All groups with their terms, from a saved question or from what was typed. `groups` is what the page draws."""

    def __init__(self, raw: list[Raw], *, checked: bool) -> None:
        self.raw = raw
        self.groups = []
        for g, group in enumerate(raw):
            window = _form(GroupForm, f"g{g}", group, checked)
            terms = [
                _form(TermForm, f"g{g}-t{t}", term, checked, kind=term["kind"])
                for t, term in enumerate(group["terms"])
            ]
            self.groups.append({"number": g, "window": window, "terms": terms})

    @classmethod
    def of(cls, question: rules.Question) -> "QuestionBuilder":
        """The form of a saved question."""
        return cls([_raw_group(group) for group in question.groups], checked=False)

    @classmethod
    def typed(cls, data: Mapping[str, Any]) -> "QuestionBuilder":
        """What was typed, after the press `do`: add:<group>, drop:<group>.<term>, group, ungroup:<group>, or any other."""
        raw = _read(data)
        verb, _colon, what = str(data.get("do", "")).partition(":")
        changed = verb in _PRESSES and _PRESSES[verb](raw, what, data)
        return cls(raw, checked=not changed)

    def is_valid(self) -> bool:
        every = [form for group in self.groups for form in (group["window"], *group["terms"])]
        return all([form.is_valid() for form in every])

    def question(self) -> rules.Question:
        """The question; ask for it where everything is valid."""
        return rules.Question(
            tuple(
                rules.Group(
                    tuple(form.term() for form in group["terms"]),
                    group["window"].cleaned_data["from_at"],
                    group["window"].cleaned_data["until_at"],
                )
                for group in self.groups
            )
        )


def _form(kind_of_form: Any, prefix: str, raw: Raw, checked: bool, **more: Any) -> Any:
    if not checked:
        return kind_of_form(prefix=prefix, initial=raw, **more)
    return kind_of_form({f"{prefix}-{name}": value for name, value in raw.items()}, prefix=prefix, **more)


def _raw_group(group: rules.Group) -> Raw:
    return {
        "from_at": group.from_at,
        "until_at": group.until_at,
        "terms": [_raw_term(term) for term in group.terms],
    }


def _raw_term(term: rules.Term) -> Raw:
    between = "\n" if term.kind in (rules.TermKind.NUMBER, rules.TermKind.CONTAINER) else ", "
    return {
        "kind": term.kind.value,
        "values": between.join(term.values),
        "to": ", ".join(term.to),
        "day": term.day,
        "roles": list(term.roles),
    }


def _read(data: Any) -> list[Raw]:
    """The groups in the order of the page; more of anything than can be asked is cut."""
    found: list[Raw] = []
    for g in range(rules.MOST_GROUPS):
        if f"g{g}-from_at" not in data:
            break
        terms = []
        for t in range(rules.MOST_TERMS):
            kind = data.get(f"g{g}-t{t}-kind")
            if kind not in set(rules.TermKind):
                break
            names = ("values", "to", "day")
            term = {name: data.get(f"g{g}-t{t}-{name}", "") for name in names}
            terms.append({"kind": kind, **term, "roles": data.getlist(f"g{g}-t{t}-roles")})
        window = {name: data.get(f"g{g}-{name}", "") for name in ("from_at", "until_at")}
        found.append({**window, "terms": terms})
    return found


def _add(raw: list[Raw], what: str, data: Mapping[str, Any]) -> bool:
    kind = data.get(f"g{what}-add")
    if _is_in(what, raw) and kind in set(rules.TermKind) and len(raw[int(what)]["terms"]) < rules.MOST_TERMS:
        raw[int(what)]["terms"].append({"kind": kind, "values": "", "to": "", "day": "", "roles": []})
    return True


def _drop(raw: list[Raw], what: str, _data: Mapping[str, Any]) -> bool:
    group, _dot, term = what.partition(".")
    if _is_in(group, raw) and _is_in(term, raw[int(group)]["terms"]):
        del raw[int(group)]["terms"][int(term)]
    return True


def _group(raw: list[Raw], _what: str, _data: Mapping[str, Any]) -> bool:
    if len(raw) < rules.MOST_GROUPS:
        window = (
            {name: raw[-1][name] for name in ("from_at", "until_at")}
            if raw
            else {"from_at": "", "until_at": ""}
        )
        raw.append({**window, "terms": []})
    return True


def _ungroup(raw: list[Raw], what: str, _data: Mapping[str, Any]) -> bool:
    if _is_in(what, raw):
        del raw[int(what)]
    return True


def _is_in(number: str, rows: list[Any]) -> bool:
    return number.isascii() and number.isdigit() and len(number) < 4 and int(number) < len(rows)


_PRESSES = {"add": _add, "drop": _drop, "group": _group, "ungroup": _ungroup}
