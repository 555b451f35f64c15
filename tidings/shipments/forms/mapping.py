"""Which column holds what, as somebody chooses it on the page, and the profile's text that comes of it."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tidings.shipments.forms.guessing import STYLES, guessed, styles_that_read
from tidings.shipments.forms.uploads import Head
from tidings.shipments.words import FIELDS, LABELS

_CUSTOMER = (
    "number",
    "name",
    "contact_name",
    "language",
    "time_zone",
    "country",
    "email",
    "sms",
    "voice",
    "fax",
    "whatsapp",
    "wechat",
    "telegram",
    "wecom",
    "webhook",
)
_PARTY = ("number", "name", "email", "sms", "language", "country", "postcode", "house_number")
_SHIPMENT = (
    "waybill", "carrier", "started_on", "master", "service", "mode", "goods", "origin", "destination", "promised_at",
    "estimated_at", "piece_count", "weight", "value", "value_currency", "cod", "cod_currency",
)  # fmt: skip
_REFERENCES = ("order", "shop_order", "container", "booking", "invoice", "client")
_EVENT = (
    "waybill",
    "carrier",
    "code",
    "kind",
    "happened_at",
    "recorded_at",
    "place",
    "transport_number",
    "piece",
    "remark",
)
_MOMENTS = {
    "picked_up": ("actual", "origin"),
    "departed": ("actual", "origin"),
    "arrived": ("actual", "destination"),
    "delivered": ("actual", "destination"),
}
"""Columns of a shipments file that hold the moment of one event: its kind, and which place it happened at."""

TARGETS: dict[str, list[tuple[str, list[str]]]] = {
    "shipments": [
        ("shipment", [f"shipment.{name}" for name in _SHIPMENT]),
        *((f"party.{role}", [f"parties.{role}.{name}" for name in _PARTY]) for role in ("account", "consignee", "shipper", "notify")),
        ("references", [f"references.{name}" for name in _REFERENCES]),
        ("events", [f"moments.{name}" for name in _MOMENTS]),
        ("pieces", ["pieces.barcode"]),
    ],
    "customers": [("customer", [f"customer.{name}" for name in _CUSTOMER])],
    "events": [("event", [f"event.{name}" for name in _EVENT])],
}  # fmt: skip
DATES = {"started_on", "promised_at", "estimated_at", "happened_at", "recorded_at", *_MOMENTS}
_CODE = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class ColumnForm:
    """One column of the file, with examples and the two fields that say what it holds."""

    name: str
    examples: list[str]
    target: forms.BoundField
    style: forms.BoundField
    doubtful: bool


class MappingForm(forms.Form):
    """What each column holds, and what holds for the whole file. `text()` is the profile that comes of it."""

    name = forms.CharField(
        label=_("Name of this profile"),
        max_length=80,
        help_text=_("Next time you choose it by this name, and nothing needs to be mapped again."),
    )
    time_zone = forms.CharField(
        label=_("Times in the file are local to"), max_length=64, help_text=_("Such as Europe/Amsterdam.")
    )
    decimal = forms.ChoiceField(
        label=_("Decimal mark"), choices=[(".", _("point: 1,234.56")), (",", _("comma: 1.234,56"))]
    )
    currency = forms.RegexField(
        r"^[A-Za-z]{3}$",
        label=_("Currency"),
        required=False,
        max_length=3,
        help_text=_("For amounts whose column has no currency beside it. Three letters, such as EUR."),
    )
    language = forms.ChoiceField(
        label=_("Language where none is given"),
        choices=[("en", "English"), ("nl", "Nederlands"), ("zh-hans", "简体中文")],
    )

    seen_digest = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, kind: str, head: Head, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.kind, self.head = kind, head
        groups = [
            (LABELS[f"group.{group}"], [(target, word_for(target, group)) for target in targets])
            for group, targets in TARGETS[kind]
        ]
        known = [target for _group, targets in TARGETS[kind] for target in targets]
        taken: set[str] = set()
        for at, column in enumerate(head.columns):
            guess = guessed(column, [target for target in known if target not in taken])
            taken.add(guess)
            styles = styles_that_read(head.samples[at])
            self.fields[f"target-{at}"] = forms.ChoiceField(
                label=column,
                required=False,
                initial=guess,
                choices=[("", _("Leave out")), *groups],
            )
            self.fields[f"style-{at}"] = forms.ChoiceField(
                label=_("Date style"),
                required=False,
                initial=styles[0] if styles else "",
                choices=[("", "—"), *((style, style) for style in STYLES)],
            )

    def columns(self) -> Iterator[ColumnForm]:
        """The columns of the file in their order."""
        for at, name in enumerate(self.head.columns):
            styles = styles_that_read(self.head.samples[at])
            doubtful = any(style.startswith("D") for style in styles) and any(
                style.startswith("M") for style in styles
            )
            yield ColumnForm(
                name, self.head.examples[at], self[f"target-{at}"], self[f"style-{at}"], doubtful
            )

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"].strip()
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise forms.ValidationError(
                _("No time zone is called “%(name)s”."), params={"name": name}
            ) from None
        return name

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for at, column in enumerate(self.head.columns):
            target = values.get(f"target-{at}") or ""
            if target.rsplit(".", 1)[-1] in DATES and not values.get(f"style-{at}"):
                self.add_error(
                    f"style-{at}", _("Choose how dates are written in “%(column)s”.") % {"column": column}
                )
        return values

    def told_of(self, digest: str) -> None:
        """From now on the page knows the profile that already has this name: sent once more, it is replaced."""
        self.data = {**{name: self.data.get(name) for name in self.data}, "seen_digest": digest}

    @property
    def code(self) -> str:
        """The profile's code: its name in plain letters, or a number of its own where it has none."""
        plain = _CODE.sub("-", self.cleaned_data["name"].casefold()).strip("-")[:60]
        return plain or "profile-" + self.cleaned_data["name"].encode().hex()[:32]

    def text(self) -> str:
        """The profile as a file that a person can read."""
        return profile_text_of(self.kind, self.head.columns, self.cleaned_data)


def word_for(target: str, group: str) -> str | Promise:
    """The word for a target on the page; of a party, with whose it is."""
    word = FIELDS[target.rsplit(".", 1)[-1]]
    return f"{word} · {LABELS[f'group.{group}']}" if group.startswith("party.") else word


def profile_text_of(kind: str, columns: list[str], values: dict[str, Any]) -> str:
    """The TOML text of a profile: `target-N` says what column N holds, `style-N` how its dates are written."""
    sections: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    styles: dict[str, str] = {}
    for at, column in enumerate(columns):
        if target := values.get(f"target-{at}"):
            section, _dot, field = target.rpartition(".")
            sections[section][field].append(column)
            if field in DATES:
                styles[column] = values[f"style-{at}"]
    moments, pieces = sections.pop("moments", {}), sections.pop("pieces", {})
    lines = [f"name = {_quoted(values['name'])}", f"kind = {_quoted(kind)}", "", "[file]"]
    lines += [f"time_zone = {_quoted(values['time_zone'])}", f"decimal = {_quoted(values['decimal'])}"]
    if styles:
        lines += ["", "[dates.columns]"]
        lines += [f"{_quoted(column)} = [{_quoted(style)}]" for column, style in styles.items()]
    for section, fields in sorted(sections.items()):
        lines += ["", f"[{section}]", *_fields(fields), *_constants(section, fields, values)]
    for code, found in moments.items():
        lines += _event(code, found, sections["shipment"])
    if pieces:
        lines += ["", "[[pieces]]", *_fields(pieces)]
    return "\n".join(lines) + "\n"


def _fields(fields: dict[str, list[str]]) -> Iterator[str]:
    for field, found in fields.items():
        if len(found) == 1:
            yield f"{field} = {_quoted(found[0])}"
        else:
            yield f"{field} = {{ columns = [{', '.join(map(_quoted, found))}] }}"


def _constants(section: str, fields: dict[str, list[str]], values: dict[str, Any]) -> Iterator[str]:
    """What holds for every row where no column says it."""
    currency = (values.get("currency") or "").upper()
    for amount in ("value", "cod"):
        if section == "shipment" and currency and amount in fields and f"{amount}_currency" not in fields:
            yield f"{amount}_currency = {{ constant = {_quoted(currency)} }}"
    if (section.startswith("parties.") or section == "customer") and "language" not in fields:
        yield f"language = {{ constant = {_quoted(values['language'])} }}"
    if section == "event" and "kind" not in fields:
        yield 'kind = { constant = "actual" }'


def _event(code: str, found: list[str], shipment: dict[str, list[str]]) -> Iterator[str]:
    kind, place = _MOMENTS[code]
    yield from ("", "[[events]]", f"code = {{ constant = {_quoted(code)} }}")
    yield f"kind = {{ constant = {_quoted(kind)} }}"
    yield from _fields({"happened_at": found})
    if place in shipment:
        yield from _fields({"place": shipment[place]})


def _quoted(text: str) -> str:
    """A basic string of TOML: JSON's escapes are a part of TOML's (TOML 1.0, string)."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
