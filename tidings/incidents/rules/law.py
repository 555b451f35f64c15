"""The law's clocks, as dated data: who must be told of what kind of incident, by when, and where that is written. Pure.

They advise: nobody can pause them, and nothing is sent because of them. Articles and terms were written down (2026-11) without
the official texts at hand: a firm compares them with those before it relies on them (`docs/guides/first-incident.md`).
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_EEA = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IS",
        "IT",
        "LI",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "NO",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)
_EU = _EEA - {"IS", "LI", "NO"}


@dataclass(frozen=True, slots=True)
class LegalClock:
    """One duty to tell somebody. `within` and `months` add up from detection; neither means without undue delay."""

    code: str
    kinds: frozenset[str]
    countries: frozenset[str]
    source: str
    valid_from: date
    within: timedelta | None = None
    months: int = 0

    def due_by(self, detected_at: datetime) -> datetime | None:
        """The last moment, or None where the law says without undue delay."""
        if self.within is None and not self.months:
            return None
        return _months_later(detected_at + (self.within or timedelta(0)), self.months)


CLOCKS: tuple[LegalClock, ...] = (
    LegalClock(
        "gdpr_authority",
        frozenset({"data_breach"}),
        _EEA,
        "Regulation (EU) 2016/679 (GDPR), Article 33(1)",
        date(2018, 5, 25),
        timedelta(hours=72),
    ),
    LegalClock(
        "gdpr_people",
        frozenset({"data_breach"}),
        _EEA,
        "Regulation (EU) 2016/679 (GDPR), Article 34(1)",
        date(2018, 5, 25),
    ),
    LegalClock(
        "pipl",
        frozenset({"data_breach"}),
        frozenset({"CN"}),
        "Personal Information Protection Law of the People's Republic of China, Article 57",
        date(2021, 11, 1),
    ),
    LegalClock(
        "nis2_warning",
        frozenset({"system_outage"}),
        _EU,
        "Directive (EU) 2022/2555 (NIS2), Article 23(4)(a)",
        date(2024, 10, 18),
        timedelta(hours=24),
    ),
    LegalClock(
        "nis2_notification",
        frozenset({"system_outage"}),
        _EU,
        "Directive (EU) 2022/2555 (NIS2), Article 23(4)(b)",
        date(2024, 10, 18),
        timedelta(hours=72),
    ),
    LegalClock(
        "nis2_report",
        frozenset({"system_outage"}),
        _EU,
        "Directive (EU) 2022/2555 (NIS2), Article 23(4)(d): one month after the notification",
        date(2024, 10, 18),
        timedelta(hours=72),
        months=1,
    ),
    LegalClock(
        "adr_report",
        frozenset({"dangerous_goods"}),
        _EEA | {"CH", "GB"},
        "ADR, 1.8.5.1: report to the competent authority within one month",
        date(2025, 1, 1),
        months=1,
    ),
    LegalClock(
        "customs_transit",
        frozenset({"accident", "customs_seizure", "theft", "loss"}),
        _EU,
        "Implementing Regulation (EU) 2015/2447, Article 305: goods in transit, nearest customs authority",
        date(2016, 5, 1),
    ),
)
"""A firm's lawyer has the last word; what is missing here is not thereby allowed."""

BY_CODE = {clock.code: clock for clock in CLOCKS}


KINDS = frozenset().union(*(clock.kinds for clock in CLOCKS))
"""The kinds of incident for which one of them runs somewhere."""

SHOWN_AFTER = timedelta(days=100)
"""How long after detection a clock of a closed incident, that nobody noted as done, still stands on the worklist."""


def clocks_of(kind: str, country: str, detected_at: datetime) -> list[LegalClock]:
    """The law's clocks that run for this kind in this country since `detected_at`, the soonest first; open ends first of all."""
    found = [
        clock
        for clock in CLOCKS
        if kind in clock.kinds and country in clock.countries and clock.valid_from <= detected_at.date()
    ]
    return sorted(found, key=lambda clock: clock.due_by(detected_at) or detected_at)


def _months_later(at: datetime, months: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))
