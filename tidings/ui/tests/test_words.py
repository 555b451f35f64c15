"""What a refusal says, in the reader's language and time zone."""

from zoneinfo import ZoneInfo

from django.utils import timezone, translation

from tidings.kernel.errors import Refused
from tidings.ui.words import say

TOO_EARLY = Refused(
    "incident.holding_too_early", number="INC-2026-11-0002", at="2020-11-30T21:45:24.810030+00:00"
)


def test_a_moment_among_the_facts_is_said_in_the_zone_of_the_reader() -> None:
    with timezone.override(ZoneInfo("Europe/Amsterdam")), translation.override("en"):
        assert "until 30 Nov 2020, 22:45 CET to answer" in say(TOO_EARLY)


def test_what_only_looks_like_a_moment_stays_as_it_is() -> None:
    for said in ("2026-11-30", "2026-13-99T99:99:00+00:00", "2026-11-30T21:45:24"):
        assert said in say(Refused("incident.holding_too_early", number=said, at="x"))
