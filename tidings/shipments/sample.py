"""A made-up courier's week as files: six hubs, three languages, clients, consignees, masters, legs, events, and some dirt.

The same seed, size and day give the same bytes. Nobody in it exists: addresses lie under example.org, and telephone
numbers in the ranges that regulators keep free for fiction (Ofcom 07700 900000 to 900999, NANPA 555-0100 to 0199).
"""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

FIRM = "Zeearend Express"
SHIPMENTS_PROFILE = "sample"
EVENTS_PROFILE = "sample-events"
CUSTOMERS_PROFILE = "sample-customers"
TROUBLED_HUB = "DUI-1"
HUBS = {
    "AMS-1": ("NL", 0.22),
    "TIL-1": ("NL", 0.18),
    "DUI-1": ("DE", 0.2),
    "LGG-1": ("BE", 0.1),
    "SHA-1": ("CN", 0.18),
    "SZX-1": ("CN", 0.12),
}
"""Hub → its country, and its share of the goods."""

_VIA = {"NL": "DUI-1", "DE": "TIL-1", "BE": "DUI-1", "CN": "AMS-1"}
_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_CLIENT_WORDS = {
    "nl": ("Tulpenveld", "Waterkant", "De Molenaar", "Duinzicht", "Kaasmarkt", "Grachtenhuis", "Polderlicht"),
    "en": ("Harbour Lane", "North Pier", "Redbrick", "Willow & Son", "Old Mill", "Fairweather", "Quayside"),
    "zh": ("海风", "长桥", "青竹", "东湖", "明月", "金帆", "云山"),
}
_TRADES = {
    "nl": ("Boeken BV", "Fietsen BV", "Mode BV", "Techniek BV", "Bloemen BV"),
    "en": ("Books Ltd", "Cycles Ltd", "Fashion Ltd", "Tools Ltd", "Garden Ltd"),
    "zh": ("贸易有限公司", "电子有限公司", "服装有限公司", "家居有限公司", "文具有限公司"),
}
_GIVEN = {
    "nl": ("Sanne", "Daan", "Lotte", "Bram", "Femke", "Joris", "Noor", "Thijs"),
    "en": ("Alice", "Tom", "Grace", "Henry", "Ruby", "Oscar", "Nora", "Jack"),
    "zh": ("伟", "芳", "娜", "敏", "静", "强", "磊", "洋"),
}
_FAMILY = {
    "nl": ("Jansen", "de Vries", "van Dijk", "Bakker", "Visser", "Smit", "Mulder", "O'Connor"),
    "en": ("Smith", "Taylor", "Brown", "Wilson", "Clarke", "Hall", "Green", "O'Brien"),
    "zh": ("王", "李", "张", "刘", "陈", "杨", "赵", "黄"),
}
_LANGUAGE_OF = {"NL": "nl", "BE": "nl", "DE": "en", "CN": "zh"}
_GOODS = (
    "books",
    "shoes",
    "spare parts",
    "tea",
    "cosmetics",
    "toys",
    "medicine",
    "electronics",
    "bicycle parts",
)

SHIPMENT_COLUMNS = (
    "Waybill", "Master", "Service", "Booked", "Client", "Client name", "Client language", "Client mail",
    "Told", "Receiver", "Receiver language", "Receiver mail", "Mail until", "Receiver phone", "Postcode", "House number",
    "From", "Via", "To", "Promised", "Pieces", "Weight", "Goods", "Value", "Cash", "Shop order", "Container",
    "First vehicle", "Leaves", "Reaches via", "Second vehicle", "Leaves via", "Reaches", "Deliver",
)  # fmt: skip
EVENT_COLUMNS = ("Waybill", "Act", "At", "Place", "Recorded", "Vehicle", "Corrects act", "Corrects at")
CUSTOMER_COLUMNS = ("Number", "Name", "Language", "Mail", "Uses", "Contract")
QUIET = 45
"""How many customers use the portal and have no goods under way, in three languages alike."""
WITH_GOODS = 30
"""How many of the clients whose goods are under way use it too."""
DIVERTED = 40
"""How many shipments come to the troubled hub unplanned, each time the day's incident grows."""
MISREAD = 15
"""How many of the first of them were never there, as a correction says later."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The three files written, and an incident that finds many affected: a place and a window around the day."""

    shipments: Path
    events: Path
    customers: Path
    place: str
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """A day of an incident: the sample, and the scans that come in while it lasts. The hub's scope grows with each file of
    `grows`, and shrinks with `shrinks`, which corrects some of the first.
    """

    sample: Sample
    grows: tuple[Path, Path]
    shrinks: Path


@dataclass(frozen=True, slots=True)
class _Trip:
    """One shipment's planned moments, from which its row and its events are made."""

    waybill: str
    hubs: tuple[str, str, str]
    vehicles: tuple[str, str]
    moments: tuple[datetime, ...]


def write_sample(folder: Path, shipments: int, seed: int, now: datetime) -> Sample:
    """Writes `shipments.csv`, `events.csv` and `customers.csv` (who uses the portal) into the folder, as if exported at the full
    hour before `now`.
    """
    return _written(folder, shipments, seed, now)[0]


def write_day(folder: Path, shipments: int, seed: int, now: datetime) -> Day:
    """Writes the sample and the day's three files of scans (`day-1-grows.csv` …), taken within the hour before `now`."""
    sample, trips = _written(folder, shipments, seed, now)
    elsewhere = [trip for trip in trips if TROUBLED_HUB not in trip.hubs]
    first, second = elsewhere[:DIVERTED], elsewhere[DIVERTED : 2 * DIVERTED]
    hour = sample.from_at + timedelta(hours=3)
    batches = {
        "day-1-grows.csv": [_scan(trip, "arrived", hour - timedelta(minutes=50)) for trip in first],
        "day-2-grows.csv": [_scan(trip, "arrived", hour - timedelta(minutes=30)) for trip in second],
        "day-3-shrinks.csv": [
            [
                *_scan(trip, "void", hour - timedelta(minutes=10)),
                "arrived",
                _iso(hour - timedelta(minutes=50)),
            ]
            for trip in first[:MISREAD]
        ],
    }
    for name, rows in batches.items():
        _write(folder / name, EVENT_COLUMNS, iter(rows))
    one, two, three = (folder / name for name in batches)
    return Day(sample, (one, two), three)


def _scan(trip: "_Trip", act: str, at: datetime) -> list[str]:
    return [trip.waybill, act, _iso(at), TROUBLED_HUB, _iso(at + timedelta(minutes=4)), ""]


def _written(folder: Path, shipments: int, seed: int, now: datetime) -> tuple[Sample, list["_Trip"]]:
    folder.mkdir(parents=True, exist_ok=True)
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    made = _Maker(random.Random(seed), hour)  # noqa: S311 - made-up rows
    paths = folder / "shipments.csv", folder / "events.csv", folder / "customers.csv"
    trips: list[_Trip] = []
    _write(paths[0], SHIPMENT_COLUMNS, made.shipments(shipments, trips))
    _write(paths[1], EVENT_COLUMNS, made.events(trips))
    _write(paths[2], CUSTOMER_COLUMNS, made.users())
    return Sample(*paths, TROUBLED_HUB, hour - timedelta(hours=3), hour + timedelta(hours=9)), trips


def _write(path: Path, columns: tuple[str, ...], rows: Iterator[list[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        lines = csv.writer(out, delimiter=";", lineterminator="\r\n")
        lines.writerow(columns)
        lines.writerows([*row, *[""] * (len(columns) - len(row))] for row in rows)


class _Maker:
    """Makes rows, one after the other, from one stream of chance."""

    def __init__(self, chance: random.Random, now: datetime) -> None:
        self._chance, self._now = chance, now
        self._clients = [self._client(i) for i in range(300)]

    def shipments(self, count: int, trips: list[_Trip]) -> Iterator[list[str]]:
        """Rows of shipments; every hundredth is a master that the next nineteen ride in. `trips` is filled on the way."""
        master = ""
        for i in range(count):
            trip = self._trip(i, trips[-1] if i % 100 and i % 100 < 20 else None)
            trips.append(trip)
            master = trip.waybill if i % 100 == 0 else master if i % 100 < 20 else ""
            row = self._shipment(trip, master if trip.waybill != master else "")
            yield self._dirtied(row) if i % 997 == 996 else row

    def events(self, trips: list[_Trip]) -> Iterator[list[str]]:
        """What happened to the trips until now; some twice, some late, a few about waybills that nobody knows."""
        acts = ("collected", "departed", "arrived", "departed", "arrived", "delivered")
        for number, trip in enumerate(trips):
            places = (trip.hubs[0], trip.hubs[0], trip.hubs[1], trip.hubs[1], trip.hubs[2], trip.hubs[2])
            late = timedelta(hours=self._chance.choice((0, 0, 0, 0, 1, 2, 7)))
            for act, place, planned in zip(acts, places, trip.moments, strict=True):
                at = planned + late
                if at > self._now or (act in ("collected", "departed") and number % 3):
                    continue
                vehicle = trip.vehicles[0 if place == trip.hubs[0] else 1] if act == "departed" else ""
                row = [trip.waybill, act, _iso(at), place, _iso(at + timedelta(minutes=4)), vehicle]
                yield row
                if number % 501 == 500:
                    yield row
            if number % 1499 == 1498:
                yield [f"NOBODY{number}", "arrived", _iso(self._now), trip.hubs[1], "", ""]

    def users(self) -> Iterator[list[str]]:
        """Who uses the portal: some of the clients, and further customers of whom no goods are under way."""
        quiet = [self._client(len(self._clients) + i) for i in range(QUIET)]
        for number, (code, name, language, mail, _told) in enumerate([*self._clients[:WITH_GOODS], *quiet]):
            uses = ("portal", "portal; link", "portal; pickup AMS-1 1 2 3 4 5")[number // 3 % 3]
            yield [code, name, language, mail, uses, f"CONTRACT-{code}"]

    def _trip(self, number: int, together: _Trip | None) -> _Trip:
        waybill = f"ZE{self._now:%y}{number:07d}NL"
        if together is not None:
            return _Trip(waybill, together.hubs, together.vehicles, together.moments)
        start, end = self._hub(), self._hub()
        via = _VIA[HUBS[start][0]]
        via = via if via not in (start, end) else "LGG-1"
        long = (HUBS[start][0] == "CN") != (HUBS[end][0] == "CN")
        steps = (0, 3, 26 if long else 11, 6, 14 if long else 8, 5)
        at = self._now - timedelta(minutes=self._chance.randrange(-24 * 60, 72 * 60))
        moments = []
        for step in steps:
            at += timedelta(hours=step, minutes=self._chance.randrange(40) if step else 0)
            moments.append(at)
        vehicles = (
            f"ZE{self._chance.randrange(100, 140)}" if long else f"TRUCK-{self._chance.randrange(10, 60)}",
            f"TRUCK-{self._chance.randrange(10, 60)}",
        )
        return _Trip(waybill, (start, via, end), vehicles, tuple(moments))

    def _shipment(self, trip: _Trip, master: str) -> list[str]:
        chance = self._chance
        leaves, reaches_via, leaves_via, reaches, delivered = trip.moments[1:]
        promised = (delivered + timedelta(hours=chance.choice((2, 6, 24)))).astimezone(_AMSTERDAM)
        cash = f"{chance.randrange(5, 200)},{chance.randrange(100):02d}" if chance.random() < 0.05 else ""
        return [
            trip.waybill, master, chance.choice(("express", "standard", "economy")), f"{trip.moments[0]:%d-%m-%Y}",
            *chance.choice(self._clients), *self._receiver(HUBS[trip.hubs[2]][0]), *trip.hubs,
            f"{promised:%d-%m-%Y %H:%M}", str(chance.randrange(1, 4)), f"{chance.randrange(1, 300) / 10:.1f}".replace(".", ","),
            chance.choice(_GOODS), f"{chance.randrange(10, 2000)},00", cash, f"SO-{chance.randrange(10**7)}",
            f"ZECU{chance.randrange(10**6, 10**7)}" if trip.vehicles[0].startswith("ZE") else "",
            trip.vehicles[0], _iso(leaves), _iso(reaches_via), trip.vehicles[1], _iso(leaves_via), _iso(reaches),
            _iso(delivered),
        ]  # fmt: skip

    def _client(self, number: int) -> list[str]:
        language = ("nl", "zh", "en")[number % 3]
        words = _CLIENT_WORDS[language][number // 3 % 7], _TRADES[language][number // 21 % 5]
        name = "".join(words) if language == "zh" else " ".join(words)
        told = ("client", "client", "client", "both", "consignee")[number // 3 % 5]
        return [
            f"K{1000 + number}",
            f"{name} {number // 105 + 1}" if number >= 105 else name,
            language,
            f"desk{1000 + number}@example.org",
            told,
        ]

    def _receiver(self, country: str) -> list[str]:
        chance, language = self._chance, _LANGUAGE_OF[country]
        family, given = chance.choice(_FAMILY[language]), chance.choice(_GIVEN[language])
        number = chance.randrange(6000)
        masked = chance.random() < 0.15
        mail = f"{'mask' if masked else 'r'}{number}@example.org" if chance.random() < 0.93 else ""
        phone = f"+44 7700 900{number % 1000:03d}" if number % 2 else f"+1 202 555 01{number % 100:02d}"
        postcode = f"{1000 + number % 8999} {'ABCDEFGH'[number % 8]}{'KLMNP'[number % 5]}"
        return [
            f"{family}{given}" if language == "zh" else f"{given} {family}",
            language,
            mail,
            _iso(self._now + timedelta(days=30)) if masked and mail else "",
            phone if mail == "" or chance.random() < 0.6 else "",
            postcode if country == "NL" else f"{100000 + number}",
            str(1 + number % 180),
        ]

    def _hub(self) -> str:
        return self._chance.choices(list(HUBS), [share for _, share in HUBS.values()])[0]

    def _dirtied(self, row: list[str]) -> list[str]:
        """A row as people and old systems send it: it must be rejected, and only it."""
        spoiled = list(row)
        kind = self._chance.randrange(4)
        if kind == 0:
            spoiled[SHIPMENT_COLUMNS.index("Promised")] = "next Tuesday"
        elif kind == 1:
            spoiled[SHIPMENT_COLUMNS.index("Receiver")] += "\x00"
        elif kind == 2:
            spoiled = [*spoiled, "one too many"]
        else:
            spoiled[SHIPMENT_COLUMNS.index("Value")] = "=1+1"
        return spoiled


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%MZ}"
