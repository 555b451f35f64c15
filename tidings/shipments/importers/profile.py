"""A profile: a small readable file (TOML) that says which column holds what, and how it is written. Pure.

`docs/reference/profiles.md` describes every key. A profile that says something unknown is refused, never half understood.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tidings.kernel.errors import Refused
from tidings.shipments.importers.base import Declared
from tidings.shipments.importers.cells import style_is_known

KINDS = ("customers", "shipments", "events")
ROLES = ("account", "shipper", "consignee", "notify", "agent", "seller")
CHANNELS = {
    "email": "email",
    "sms": "telephone",
    "voice": "telephone",
    "fax": "telephone",
    "whatsapp": "telephone",
    "wechat": "short",
    "telegram": "chat",
    "wecom": "robot",
    "webhook": "https",
}

CUSTOMER = {
    "number": "number",
    "name": "words",
    "kind": "kind",
    "country": "country",
    "told": "told",
    "contact": "short",
    "contact_name": "words",
    "language": "language",
    "time_zone": "zone",
    "how_much": "how_much",
    "ends_at": "moment",
    "basis": "basis",
    "basis_source": "words",
    "services": "services",
    **CHANNELS,
}
PARTY = {**CUSTOMER, "postcode": "short", "house_number": "short"}
SHIPMENT = {
    "carrier": "code",
    "waybill": "number",
    "started_on": "day",
    "master": "number",
    "service": "code",
    "mode": "code",
    "goods": "words",
    "origin": "place",
    "destination": "place",
    "promised_at": "moment",
    "estimated_at": "moment",
    "piece_count": "whole",
    "weight": "weight",
    "cod": "amount",
    "cod_currency": "currency",
    "value": "amount",
    "value_currency": "currency",
}
EVENT = {
    "code": "code",
    "kind": "event_kind",
    "happened_at": "moment",
    "place": "place",
    "recorded_at": "moment",
    "source": "code",
    "transport_number": "short",
    "piece": "short",
    "remark": "words",
}
LONE_EVENT = {
    **EVENT,
    "carrier": "code",
    "waybill": "number",
    "corrects_code": "code",
    "corrects_kind": "event_kind",
    "corrects_at": "moment",
    "corrects_place": "place",
}
LEG = {
    "mode": "code",
    "carrier": "code",
    "start": "place",
    "end": "place",
    "transport_kind": "transport",
    "transport_number": "short",
    "departs_at": "moment",
    "arrives_at": "moment",
}
PIECE = {"barcode": "number", "weight": "weight", "container": "short"}
SUMMED = frozenset({"piece_count", "weight", "value", "cod"})

_FIELD_KEYS = {
    "column", "columns", "constant", "default", "map", "template", "empty", "match", "styles", "time_zone", "unit",
    "sum", "optional",
}  # fmt: skip
_TOP = {
    "name", "about", "kind", "file", "dates", "words", "maps", "places", "zones", "shipment", "parties", "references",
    "events", "legs", "pieces", "customer", "event",
}  # fmt: skip
_FILE_KEYS = {"format", "encoding", "delimiter", "quote", "header", "time_zone", "decimal", "weight_unit"}
_PLACE_KEYS = {"name", "country", "time_zone", "kind", "within"}
_SLUG = re.compile(r"\{([^{}|]+)(\|slug)?\}")


@dataclass(frozen=True, slots=True)
class Field:
    """Where one value comes from: columns in order of preference, a template over columns, or a constant."""

    columns: tuple[str, ...] = ()
    constant: str = ""
    default: str = ""
    map: Mapping[str, str] | None = None
    template: str = ""
    empty: frozenset[str] = frozenset()
    match: str = ""
    styles: tuple[str, ...] = ()
    time_zone: str = ""
    unit: str = ""
    sum: bool = False
    optional: bool = False

    @property
    def template_columns(self) -> list[str]:
        return [name for name, _slug in _SLUG.findall(self.template)]


Section = Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class Profile:
    """What a profile file says, checked. Sections that its kind does not use are empty."""

    name: str
    kind: str
    format: str
    declared: Declared
    time_zone: str
    decimal: str
    weight_unit: str
    styles: tuple[str, ...]
    column_styles: Mapping[str, tuple[str, ...]]
    empty: frozenset[str]
    empty_like: tuple[str, ...]
    places: Mapping[str, Mapping[str, str]]
    zones: Mapping[str, str]
    shipment: Section = field(default_factory=dict)
    parties: Mapping[str, Section] = field(default_factory=dict)
    references: Section = field(default_factory=dict)
    events: tuple[Section, ...] = ()
    legs: tuple[Section, ...] = ()
    pieces: tuple[Section, ...] = ()
    customer: Section = field(default_factory=dict)
    event: Section = field(default_factory=dict)
    same_number: bool = False


def parse_profile(text: str) -> Profile:
    """Reads a profile's text. Raises Refused("shipments.profile_…") naming the key that is wrong."""
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise Refused("shipments.profile_unreadable", problem=str(wrong)) from None
    _only(read, _TOP, "")
    if read.get("kind") not in KINDS:
        raise _wrong("kind", str(read.get("kind", "")))
    profile = Profile(**_about_the_file(read), **_about_the_rows(read))
    _must_be_whole(profile)
    return profile


def _about_the_file(read: Mapping[str, Any]) -> dict[str, Any]:
    """How the file is written: its dialect, dates, words that mean nothing, and places."""
    file, dates, words = read.get("file", {}), read.get("dates", {}), read.get("words", {})
    _only(file, _FILE_KEYS, "file")
    _only(dates, {"styles", "columns"}, "dates")
    _only(words, {"empty", "empty_like"}, "words")
    for code, place in read.get("places", {}).items():
        _only(place, _PLACE_KEYS, f"places.{code}")
    styled = dates.get("columns", {}).items()
    declared = {name: file[name] for name in ("encoding", "delimiter", "quote", "header") if name in file}
    return {
        "name": str(read.get("name", "")),
        "kind": read["kind"],
        "format": str(file.get("format", "csv")),
        "declared": Declared(**declared),
        "time_zone": str(file.get("time_zone", "UTC")),
        "decimal": str(file.get("decimal", ".")),
        "weight_unit": str(file.get("weight_unit", "kg")),
        "styles": _styles(dates.get("styles", ["ISO"]), "dates.styles"),
        "column_styles": {column: _styles(styles, f"dates.columns.{column}") for column, styles in styled},
        "empty": frozenset(words.get("empty", ())),
        "empty_like": tuple(_pattern(one, "words.empty_like") for one in words.get("empty_like", ())),
        "places": read.get("places", {}),
        "zones": read.get("zones", {}),
    }


def _about_the_rows(read: Mapping[str, Any]) -> dict[str, Any]:
    """What each row says: the sections, and whether a number alone names a shipment."""
    shipment = dict(read.get("shipment", {}))
    same = shipment.pop("same", "number and start" if "started_on" in shipment else "number")
    if same not in ("number", "number and start"):
        raise _wrong("shipment.same", str(same))
    sections, parties = _Sections(read.get("maps", {})), read.get("parties", {})
    return {
        "shipment": sections.section(shipment, SHIPMENT, "shipment"),
        "parties": {role: sections.section(one, PARTY, f"parties.{role}") for role, one in parties.items()},
        "references": sections.references(read.get("references", {})),
        "events": sections.several(read.get("events", []), EVENT, "events"),
        "legs": sections.several(read.get("legs", []), LEG, "legs"),
        "pieces": sections.several(read.get("pieces", []), PIECE, "pieces"),
        "customer": sections.section(read.get("customer", {}), CUSTOMER, "customer"),
        "event": sections.section(read.get("event", {}), LONE_EVENT, "event"),
        "same_number": same == "number",
    }


class _Sections:
    """Reads sections; knows the profile's named maps."""

    def __init__(self, maps: Mapping[str, Mapping[str, str]]) -> None:
        self._maps = maps

    def section(self, read: Mapping[str, Any], known: Mapping[str, str], where: str) -> Section:
        _only(read, set(known), where)
        return {name: self._field(value, f"{where}.{name}") for name, value in read.items()}

    def several(
        self, read: list[Mapping[str, Any]], known: Mapping[str, str], where: str
    ) -> tuple[Section, ...]:
        return tuple(self.section(one, known, f"{where}[{i}]") for i, one in enumerate(read, 1))

    def references(self, read: Mapping[str, Any]) -> Section:
        for kind in read:
            if not re.fullmatch(r"[a-z_]{1,40}", kind):
                raise _wrong(f"references.{kind}", kind)
        return {kind: self._field(value, f"references.{kind}") for kind, value in read.items()}

    def _field(self, read: object, where: str) -> Field:
        if isinstance(read, str):
            return Field(columns=(read,))
        if not isinstance(read, dict):
            raise _wrong(where, str(read))
        _only(read, _FIELD_KEYS, where)
        columns = tuple(read.get("columns", ())) or ((read["column"],) if "column" in read else ())
        if sum(map(bool, (columns, read.get("template"), "constant" in read))) != 1:
            raise Refused("shipments.profile_field_has_no_source", where=where)
        return Field(
            columns=columns,
            constant=str(read.get("constant", "")),
            default=str(read.get("default", "")),
            map=self._map(read.get("map"), where),
            template=str(read.get("template", "")),
            empty=frozenset(read.get("empty", ())),
            match=_pattern(str(read.get("match", "")), where),
            styles=_styles(read.get("styles", []), where),
            time_zone=str(read.get("time_zone", "")),
            unit=str(read.get("unit", "")),
            sum=bool(read.get("sum", False)),
            optional=bool(read.get("optional", False)),
        )

    def _map(self, read: object, where: str) -> Mapping[str, str] | None:
        if isinstance(read, str):
            if read not in self._maps:
                raise _wrong(f"{where}.map", read)
            read = self._maps[read]
        if read is None:
            return None
        if not isinstance(read, dict):
            raise _wrong(f"{where}.map", str(read))
        return {str(key): str(value) for key, value in read.items()}


def _must_be_whole(profile: Profile) -> None:
    if set(profile.parties) - set(ROLES):
        raise _wrong("parties", ", ".join(sorted(set(profile.parties) - set(ROLES))))
    if profile.format not in ("csv",) and not profile.format.isidentifier():
        raise _wrong("file.format", profile.format)
    needed = {
        "customers": ("customer", profile.customer, ("number", "name")),
        "shipments": ("shipment", profile.shipment, ("waybill",)),
        "events": ("event", profile.event, ("waybill", "code", "happened_at")),
    }
    where, section, names = needed[profile.kind]
    missing = [name for name in names if name not in section]
    missing += [
        f"events[{i}].{name}" for i, event in enumerate(profile.events, 1)
        for name in ("code", "happened_at") if name not in event
    ]  # fmt: skip
    if missing:
        raise Refused("shipments.profile_incomplete", where=where, fields=", ".join(missing))
    for amount in ("cod", "value"):
        if amount in profile.shipment and f"{amount}_currency" not in profile.shipment:
            raise Refused("shipments.profile_incomplete", where="shipment", fields=f"{amount}_currency")
    for place in profile.places.values():
        if not re.fullmatch(r"([A-Z]{2})?", place.get("country", "")):
            raise _wrong("places.country", place["country"])


def _styles(read: list[str], where: str) -> tuple[str, ...]:
    for style in read:
        if not style_is_known(style):
            raise _wrong(where, style)
    return tuple(read)


def _pattern(text: str, where: str) -> str:
    try:
        re.compile(text)
    except re.error:
        raise _wrong(f"{where}.match", text) from None
    return text


def _only(read: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in read:
        if key not in known:
            raise Refused("shipments.profile_key_unknown", where=f"{where}.{key}" if where else key)


def _wrong(where: str, value: str) -> Refused:
    return Refused("shipments.profile_value_wrong", where=where, value=value)
