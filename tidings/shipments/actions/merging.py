"""Merges what was staged, inside the caller's transaction: places, customers, shipments with their parts, events."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from babel import Locale
from django.db import connection

from tidings.customers import actions as customers
from tidings.kernel.actor import Actor
from tidings.shipments.importers.profile import SUMMED, Profile
from tidings.shipments.queries.seen import seen_by
from tidings.shipments.sql import events, lines, shipments, staging

_COUNTRIES: Mapping[str, str] = {
    code: name for code, name in Locale("en").territories.items() if len(code) == 2 and code.isalpha()
}


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did. `refused` are the lines that were found wanting only here, each with its reason.

    `left` counts customers of other units who stand on the file's shipments: what it says of them was left out.
    """

    created: int
    changed: int
    unchanged: int
    things: dict[str, dict[str, int]] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    left: int = 0


class Spread(Exception):
    """Lines about one shipment stand in more than one slice, where only a merge of the whole file gets them right."""


def goes_by_slices(actor: Actor, profile: Profile) -> bool:
    """Whether a file may be merged slice by slice: what its lines say of each other must lie within a slice, or show itself.

    Sums and masters gather over the whole file, events need their months made beforehand, and who belongs to a unit has lines
    taken out before customers are looked at.
    """
    alone = "master" not in profile.shipment and not any(one.sum for one in profile.shipment.values())
    return profile.kind == "shipments" and alone and not profile.events and actor.units is None


class Merging:
    """Merges what is staged, within the caller's transaction: `begin`, then `merge` as often as there are slices, and `finish`.

    New customers and shipments get `unit`; every change is put into the feed. An actor of some units changes only what it sees:
    a line about anything else is refused.
    """

    def __init__(self, actor: Actor, profile: Profile, unit: UUID | None) -> None:
        self._actor, self._profile, self._unit = actor, profile, unit
        self._things: dict[str, dict[str, int]] = {}
        self._places: set[str] = set()
        self._refused: dict[int, str] = {}
        self._slices = self._total = self._masters = 0

    def begin(self) -> None:
        """Waits until no other import merges."""
        self._run(staging.SETTINGS)
        self._run(staging.LOCK)
        self._began = self._value("SELECT clock_timestamp()")

    def merge(self, places: Iterable[str]) -> None:
        """Merges what was staged since the last time; `places` are those that the file has named so far.

        Raises Spread when a line is about a shipment that an earlier slice was about.
        """
        if not self._slices:
            self._run(staging.ANALYZE)
        self._note("places", self._merge_places(set(places) - self._places))
        self._places |= set(places)
        if self._profile.kind == "customers":
            customers.identify_staged()
        elif self._profile.kind == "events":
            self._merge_lone_events()
        else:
            self._merge_shipments()
            self._run(staging.NEXT_SLICE)
        self._slices += 1

    def finish(self) -> Merged:
        """Merges what all slices said of customers, and gives what was done in all."""
        kind, refused = self._profile.kind, self._refused
        if kind != "events":
            for name, counted in customers.merge_staged(self._actor, self._unit).items():
                self._note(name, counted)
        if kind == "customers":
            self._total = self._value("SELECT count(*) FROM one_customer")
            refused = self._because("customer_not_yours", shipments.LINES_OF_OTHERS) if self._bound else {}
        left = self._value(shipments.COUNT_OTHERS) if self._bound and kind == "shipments" else 0
        created, changed = self._things[kind]["created"] - self._masters, self._things[kind]["changed"]
        unchanged = self._total - created - changed
        return Merged(created, changed, unchanged, self._things, refused, left)

    def _merge_shipments(self) -> None:
        torn = self._refuse_torn()
        unfolded = self._gather_lines()
        if (self._bound or torn) and not unfolded:
            unfolded = self._unfold()
        if torn:
            self._forget_whom_nobody_names()
        self._resolve()
        known = self._value(shipments.ANY_KNOWN)
        if known and self._slices and self._value(shipments.SPREAD, began=self._began):
            raise Spread
        if self._bound:
            self._refuse_unseen()
        customers.identify_staged()
        self._run(shipments.MASTERS)
        masters = self._run(shipments.ADD_MASTERS, unit=self._unit)
        if known:
            if not unfolded:
                self._unfold(lines.OF_KNOWN)
            self._run(shipments.BEEN_AT)
            self._run(shipments.KEEP_OLD_TIMES, source=self._profile.name)
            self._run(shipments.CHANGE_SHIPMENTS)
            self._run(shipments.DROP_OLD_PARTIES)
            self._run(shipments.CHANGE_PARTIES)
        self._run(shipments.ADD_SHIPMENTS, unit=self._unit)
        self._add_parts(unfolded, known)
        created, changed, total = self._row(shipments.COUNT)
        self._note("shipments", {"created": created + masters, "changed": changed})
        self._note("events", {"created": self._merge_events()})
        self._masters += masters
        self._total += total
        self._run(shipments.FEED_NEW)
        self._run(shipments.FEED_KNOWN)

    def _resolve(self) -> None:
        """Says in `target` which shipment each line is about."""
        seen, units = seen_by(self._actor)
        lowest, highest = self._row(shipments.NUMBERS)
        any_known = self._value(shipments.ANY_BETWEEN, lowest=lowest, highest=highest)
        beside = lines.columns(len(self._profile.parties), len(self._profile.references))
        statement = shipments.RESOLVE.format(
            known=shipments.KNOWN.format(seen=seen) if any_known else shipments.NONE_KNOWN,
            beside="".join(f", l.{name}" for name in beside),
        )
        self._run(statement, same=self._profile.same_number, **units)

    def _add_parts(self, unfolded: bool, known: bool) -> None:
        for name, statement in (
            ("parties", shipments.ADD_PARTIES), ("references", shipments.ADD_REFERENCES),
            ("pieces", shipments.ADD_PIECES), ("legs", shipments.ADD_LEGS),
        ):  # fmt: skip
            beside_it = not unfolded and name in ("parties", "references")
            added = self._add_beside(name) if beside_it else self._run(statement)
            added += self._run(shipments.to_known(statement)) if known else 0
            self._note(name, {"created": added})

    def _merge_lone_events(self) -> None:
        seen, units = seen_by(self._actor)
        self._run(events.RESOLVE.format(seen=seen), **units)
        if self._value(events.ANY_UNKNOWN):
            self._run(events.RESOLVE_BY_PIECE.format(seen=seen), **units)
        self._refused = self._because("no_such_shipment", events.UNKNOWN_LINES)
        self._total = self._value("SELECT count(*) FROM target")
        self._note("events", {"created": self._merge_events()})
        self._run(staging.FEED)

    def _merge_places(self, codes: set[str]) -> dict[str, int]:
        described = self._profile.places
        if self._bound:
            known = self._rows(staging.KNOWN_PLACES, codes=list(codes | set(described)))
            described = {code: place for code, place in described.items() if (code,) not in known}
        codes |= set(described)
        codes |= {place["within"] for place in described.values() if place.get("within")}
        if not codes:
            return {"created": 0, "changed": 0}
        created = self._run(staging.ADD_PLACES, **self._place_columns(sorted(codes)))
        changed = self._run(staging.CHANGE_PLACES, **self._place_columns(sorted(described)))
        inner = {code: place["within"] for code, place in described.items() if place.get("within")}
        changed += self._run(staging.PLACES_WITHIN, codes=list(inner), within=list(inner.values()))
        return {"created": created, "changed": max(0, changed - created)}

    @property
    def _bound(self) -> bool:
        return self._actor.units is not None

    @property
    def _summed(self) -> frozenset[str]:
        return frozenset(
            name for name in SUMMED & set(self._profile.shipment) if self._profile.shipment[name].sum
        )

    @property
    def _start(self) -> str:
        return shipments.NO_START if self._profile.same_number else shipments.STARTS

    def _refuse_torn(self) -> bool:
        """Takes out the lines of shipments whose sums would not be whole. Whether there were any."""
        if not self._summed:
            return False
        differ = shipments.differ(self._summed)
        if not self._run(shipments.TORN.format(start=self._start, differ=differ)):
            return False
        for table in ("staged_shipment", *[f"staged_{part}" for part in shipments.PARTS]):
            self._run(shipments.forget_torn(table))
        self._refused |= dict(self._rows(shipments.TORN_LINES))
        return True

    def _forget_whom_nobody_names(self) -> None:
        self._run(shipments.FORGET_CUSTOMERS)
        self._run(shipments.FORGET_ADDRESSES)

    def _refuse_unseen(self) -> None:
        """Takes out the lines about shipments that the actor does not see, with all that only they said."""
        seen, units = seen_by(self._actor)
        if not self._run(shipments.NOT_THEIRS.format(seen=seen), **units):
            return
        for table in ("target", "staged_shipment", *[f"staged_{part}" for part in shipments.PARTS]):
            self._run(shipments.forget_lines(table))
        self._forget_whom_nobody_names()
        self._refused |= self._because("shipment_not_yours", shipments.NOT_THEIR_LINES)

    def _note(self, thing: str, counted: Mapping[str, int]) -> None:
        so_far = self._things.setdefault(thing, {"created": 0, "changed": 0})
        for name, count in counted.items():
            so_far[name] += count

    def _gather_lines(self) -> bool:
        """Several lines about one shipment become one, and what hung on them hangs on it. Whether there were any."""
        if not self._run(shipments.OF_SEVERAL.format(start=self._start)):
            return False
        self._unfold()
        self._run("ANALYZE of_several")
        self._run(shipments.gather(self._summed))
        self._run(shipments.DROP_OTHERS)
        for part in shipments.PARTS:
            self._run(shipments.move_to_first(part))
        return True

    def _unfold(self, only: str = "") -> bool:
        """Makes rows of their own of the parties and references that stand beside shipments."""
        roles, kinds = self._beside_names()
        if roles:
            self._run(lines.unfold_parties(len(roles), only), **roles)
        if kinds:
            self._run(lines.unfold_references(len(kinds), only), **kinds)
        self._run(lines.UNFOLDED)
        return True

    def _add_beside(self, name: str) -> int:
        roles, kinds = self._beside_names()
        if name == "parties":
            return self._run(lines.add_parties(len(roles)), **roles) if roles else 0
        return self._run(lines.add_references(len(kinds)), **kinds) if kinds else 0

    def _beside_names(self) -> tuple[dict[str, str], dict[str, str]]:
        roles = {f"role_{at}": role for at, role in enumerate(self._profile.parties, 1)}
        return roles, {f"kind_{at}": kind for at, kind in enumerate(self._profile.references, 1)}

    def _merge_events(self) -> int:
        self._run(events.ADD_EVENTS, source=self._profile.name)
        self._run(events.NEW_SOURCES, source=self._profile.name)
        self._run(events.FRESH_SOURCES, source=self._profile.name)
        self._run("ANALYZE added_event")
        self._run(events.MOVE_POSITIONS)
        if self._value(events.ANY_CORRECTION):
            self._run(events.DROP_CORRECTED_POSITIONS)
            self._run(events.REBUILD_POSITIONS)
        self._run(events.TOUCH)
        return int(self._value(events.COUNT_ADDED))

    def _place_columns(self, codes: list[str]) -> dict[str, list[str]]:
        described = [self._profile.places.get(code, {}) for code in codes]
        countries = [
            place.get("country") or _country_of(code) for code, place in zip(codes, described, strict=True)
        ]
        return {
            "codes": codes,
            "names": [
                place.get("name") or (_COUNTRIES.get(code, code) if len(code) == 2 else code)
                for code, place in zip(codes, described, strict=True)
            ],
            "countries": countries,
            "zones": [
                place.get("time_zone") or self._profile.zones.get(country, "UTC")
                for place, country in zip(described, countries, strict=True)
            ],
            "kinds": [
                place.get("kind") or _kind_of(code) for code, place in zip(codes, described, strict=True)
            ],
        }

    def _run(self, statement: str, **params: Any) -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, params or None)
            return int(cursor.rowcount)

    def _rows(self, statement: str, **params: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, params or None)
            return list(cursor.fetchall())

    def _because(self, reason: str, statement: str) -> dict[int, str]:
        return {line: reason for (line,) in self._rows(statement)}

    def _row(self, statement: str, **params: Any) -> tuple[Any, ...]:
        return self._rows(statement, **params)[0]

    def _value(self, statement: str, **params: Any) -> Any:
        return self._row(statement, **params)[0]


def _country_of(code: str) -> str:
    """A country stands for itself, and a UN/LOCODE begins with its country's two letters."""
    return code[:2] if len(code) in (2, 5) and code[:2] in _COUNTRIES else ""


def _kind_of(code: str) -> str:
    if len(code) == 2 and code in _COUNTRIES:
        return "country"
    return "place" if len(code) == 5 and code[:2] in _COUNTRIES else "hub"
