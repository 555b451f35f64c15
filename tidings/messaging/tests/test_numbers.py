"""Telephone numbers as people write them, and as networks take them."""

import pytest

from tidings.messaging.rules.numbers import digits, e164


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        ("+31612345678", "+31612345678"),
        ("0031 6 1234-5678", "+31612345678"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("+44 (20) 7946.0958", "+442079460958"),
        ("+1\u00a0202\u2011555\u20110143", "+12025550143"),
        ("+2901234", "+2901234"),
        ("0612345678", ""),
        ("13800138000", ""),
        ("+0612345678", ""),
        ("+316123", ""),
        ("+3161234567890123", ""),
        ("+31612345678x", ""),
        ("+31612345678\r\nBcc", ""),
        ("+٣١٦١٢٣٤٥٦٧٨", ""),
        ("wim@example.org", ""),
        ("", ""),
    ],
)
def test_what_a_person_wrote_is_a_whole_number_or_none(written: str, whole: str) -> None:
    assert e164(written) == whole


def test_some_services_want_it_without_its_plus() -> None:
    assert digits("+31612345678") == "31612345678"
