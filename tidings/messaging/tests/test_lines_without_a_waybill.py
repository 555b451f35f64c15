"""What a customer reads of whom no shipment is moving: a line of a service, in their language, without a waybill."""

import pytest

from tidings.messaging import texts
from tidings.messaging.rules.wording import ROWS_IN_A_MESSAGE, Reader, listed, reader_values, row_values

PORTAL = {"service": "portal", "effect": "service_unavailable"}
PICKUP = {"service": "pickup", "place": "Venlo", "effect": "pickup_not_done"}
BACK = "2026-11-24T16:00:00+00:00"
GOODS = [{"waybill": f"W{n}", "effect": "delayed"} for n in range(9)]


def reader(language: str) -> Reader:
    return Reader(texts.words(language), "Europe/Amsterdam", 2026)


@pytest.mark.parametrize(
    ("language", "line", "said"),
    [
        ("en", PORTAL, "Our customer portal: not available"),
        ("nl", PORTAL, "Ons klantportaal: niet beschikbaar"),
        ("zh-hans", PORTAL, "客户平台: 暂时无法使用"),
        ("en", {**PORTAL, "expected_at": BACK}, "Our customer portal: not available, expected again from Tuesday 24 November at 17:00"),
        ("nl", {**PORTAL, "expected_at": BACK}, "Ons klantportaal: niet beschikbaar, naar verwachting weer vanaf dinsdag 24 november om 17.00 uur"),
        ("zh-hans", {**PORTAL, "expected_at": BACK}, "客户平台: 暂时无法使用，预计11月24日（星期二）17:00恢复"),
        ("en", {**PORTAL, "effect": "service_was_unavailable", "expected_at": BACK}, "Our customer portal: was not available"),
        ("nl", {**PORTAL, "effect": "service_restored", "expected_at": BACK}, "Ons klantportaal: weer beschikbaar"),
        ("en", PICKUP, "Your standing pick-up (Venlo): goods not picked up"),
        ("nl", PICKUP, "Uw vaste ophaalronde (Venlo): goederen niet opgehaald"),
        ("zh-hans", PICKUP, "您的定期取件（Venlo）: 未能上门取件"),
        ("en", {"service": "NIGHT", "effect": "unaffected"}, "Our service NIGHT: not affected after all"),
        ("nl", {"service": "any", "effect": "service_unavailable"}, "Onze dienstverlening aan u: niet beschikbaar"),
    ],
)  # fmt: skip
def test_a_line_names_the_service_where_a_waybill_would_stand(
    language: str, line: dict[str, str], said: str
) -> None:
    values = row_values(line, reader(language))
    assert f"{values['waybill']}: {values['outcome']}" == said


@pytest.mark.parametrize(
    ("language", "subject", "short"),
    [
        ("en", "Our customer portal", "Our customer portal: not available"),
        ("nl", "Ons klantportaal", "Ons klantportaal: niet beschikbaar"),
        ("zh-hans", "客户平台", "客户平台：暂时无法使用"),
    ],
)
def test_subject_and_short_form_speak_of_no_shipment(language: str, subject: str, short: str) -> None:
    values = reader_values(reader(language), "Anna", [PORTAL], {}, "CODE")
    assert (values["your_shipments"], values["shipment_short"], values["more"]) == (subject, short, "")


def test_beside_shipments_the_service_is_listed_last_and_counted_nowhere() -> None:
    lines = [*GOODS, PORTAL]
    assert [line.get("waybill", "portal") for line in listed(lines)] == [
        *(f"W{n}" for n in range(7)),
        "portal",
    ]
    assert len(listed(GOODS)) == ROWS_IN_A_MESSAGE
    values = reader_values(reader("en"), "Anna", lines, {}, "CODE")
    assert values["your_shipments"] == "Your 9 shipments"
    assert values["more"].startswith("And 2 more shipments.")


def test_a_zone_is_named_beside_the_time_at_which_a_service_is_back() -> None:
    assert not reader_values(reader("en"), "Anna", [PORTAL], {}, "CODE")["zone"]
    timed = reader_values(reader("en"), "Anna", [{**PORTAL, "expected_at": BACK}], {}, "CODE")
    assert timed["zone"] == "Times are in Dutch time."
