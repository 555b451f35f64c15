"""How many segments an SMS takes: the table of the standard, and what must never be cut in two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.messaging.rules.segments import GSM_7, UCS_2, short_message

TABLE = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ÄÖÑÜ§¿äöñüà"


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments", "left"),
    [
        ("", GSM_7, 0, 0, 160),
        ("a", GSM_7, 1, 1, 159),
        (TABLE, GSM_7, len(TABLE), 1, 160 - len(TABLE)),
        ("a" * 160, GSM_7, 160, 1, 0),
        ("a" * 161, GSM_7, 161, 2, 153 - 8),
        ("a" * 306, GSM_7, 306, 2, 0),
        ("a" * 307, GSM_7, 307, 3, 152),
        ("€", GSM_7, 2, 1, 158),
        ("^{}\\[~]|€", GSM_7, 18, 1, 142),
        ("€" * 80, GSM_7, 160, 1, 0),
        ("€" * 81, GSM_7, 162, 2, 153 - 10),
        ("a" * 152 + "€" + "a" * 10, GSM_7, 164, 2, 153 - 12),
        ("à", GSM_7, 1, 1, 159),
        ("á", UCS_2, 1, 1, 69),
        ("ç", UCS_2, 1, 1, 69),
        ("`", UCS_2, 1, 1, 69),
        ("–", UCS_2, 1, 1, 69),
        ("快件" * 35, UCS_2, 70, 1, 0),
        ("快" * 71, UCS_2, 71, 2, 67 - 4),
        ("快" * 134, UCS_2, 134, 2, 0),
        ("快" * 135, UCS_2, 135, 3, 66),
        ("🙂" * 35, UCS_2, 70, 1, 0),
        ("🙂" * 36, UCS_2, 72, 2, 67 - 6),
        ("快" * 66 + "🙂快快快", UCS_2, 71, 2, 67 - 5),
        ("€" * 69 + "快", UCS_2, 70, 1, 0),
    ],
)  # fmt: skip
def test_a_text_takes_as_many_segments_as_the_standard_says(
    text: str, encoding: str, units: int, segments: int, left: int
) -> None:
    counted = short_message(text)
    assert (counted.encoding, counted.units, len(counted.segments), counted.left) == (
        encoding, units, segments, left,
    )  # fmt: skip


def test_what_cannot_be_said_in_the_default_alphabet_is_named_once() -> None:
    assert short_message("“Venlo” – “Delft”").outside == ("“", "”", "–")
    assert short_message("Venlo: 12.00 uur").outside == ()


@given(st.text(st.sampled_from("aé€[快🙂 "), max_size=400))
def test_nothing_is_lost_and_no_segment_is_too_long_wherever_it_is_cut(text: str) -> None:
    counted = short_message(text)
    assert "".join(counted.segments) == text
    room = {GSM_7: (160, 153), UCS_2: (70, 67)}[counted.encoding][len(counted.segments) > 1]
    assert all(_cost(one, counted.encoding) <= room for one in counted.segments)
    assert sum(_cost(one, counted.encoding) for one in counted.segments) == counted.units


def _cost(segment: str, encoding: str) -> int:
    """The octets that a network would count, taken the long way round."""
    if encoding == UCS_2:
        return len(segment.encode("utf-16-be")) // 2
    return sum(2 if one in "\f^{}\\[~]|€" else 1 for one in segment)
