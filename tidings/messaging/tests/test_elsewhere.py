"""What a message says of shipments in another incident than its own: whose they are, and the stricter promise."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from tidings.messaging import texts
from tidings.messaging.rules.wording import (
    ROWS_IN_A_MESSAGE,
    Reader,
    code_of,
    reader_values,
    row_values,
    say_moment_and_zone,
)

OWN = {"waybill": "WB1", "effect": "delayed", "expected_at": "2026-11-26T16:00:00+00:00"}
STORM = {"about": "INC-2026-11-0002", "kind": "weather", "place": "Duisburg"}
NEXT_BY = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
LANGUAGES = ("en", "nl", "zh-hans")


def reader(language: str) -> Reader:
    return Reader(texts.words(language), "Europe/Amsterdam", 2026)


def values(language: str, *lines: dict[str, object]) -> dict[str, str]:
    return reader_values(reader(language), "Anna", lines, {"next_by": NEXT_BY}, code_of(UUID(int=1)))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "delayed (because of severe weather at Duisburg, INC-2026-11-0002), now expected Thursday 26 November at 17:00"),
        ("nl", "vertraagd (door zwaar weer in Duisburg, INC-2026-11-0002), nu verwacht donderdag 26 november om 17.00 uur"),
        ("zh-hans", "延误（因Duisburg恶劣天气，INC-2026-11-0002），现预计11月26日（星期四）17:00送达"),
    ],
)  # fmt: skip
def test_a_shipment_of_another_incident_says_which_kind_where_and_its_number(
    language: str, said: str
) -> None:
    assert row_values({**OWN, "of": STORM}, reader(language))["outcome"] == said
    assert "INC-" not in row_values(OWN, reader(language))["outcome"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_incident_without_a_place_and_of_a_kind_of_the_firms_own_is_named_all_the_same(
    language: str,
) -> None:
    said = row_values({**OWN, "of": {"about": "INC-2", "kind": "own_kind", "place": ""}}, reader(language))
    assert "INC-2" in said["outcome"] and "{" not in said["outcome"] and "None" not in said["outcome"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_subject_and_short_form_speak_of_the_messages_own_incident_alone(language: str) -> None:
    alone, joined = values(language, OWN), values(language, {**OWN, "waybill": "WB9", "of": STORM}, OWN)
    for slot in ("your_shipments", "shipment_short"):
        assert joined[slot] == alone[slot]


def test_a_shipment_that_stands_in_both_is_counted_and_the_short_form_names_no_other_incident() -> None:
    lost = {"waybill": "WB1", "effect": "lost", "of": {**STORM, "both": True}}
    said = values("en", lost, {**OWN, "waybill": "WB2"})
    assert said["your_shipments"] == "Your 2 shipments"
    assert said["shipment_short"] == "2 shipments, first WB1: lost"


def test_more_than_fit_counts_those_of_every_incident() -> None:
    lines = [{**OWN, "waybill": f"WB{number}", "of": STORM} for number in range(ROWS_IN_A_MESSAGE)]
    assert values("en", OWN, *lines)["more"].startswith("And one more shipment.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_stricter_promise_of_another_incident_is_the_one_that_is_shown(language: str) -> None:
    sooner = {**OWN, "of": {**STORM, "next_by": "2026-11-24T15:00:00+00:00"}}
    joined = values(language, OWN, sooner)
    at = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    assert joined["next_by"] == say_moment_and_zone(at, reader(language))
    assert values(language, OWN, {**OWN, "of": STORM})["next_by"] == say_moment_and_zone(
        NEXT_BY, reader(language)
    )
