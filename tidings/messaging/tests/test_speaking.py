"""Many readers' values said once say what each reader's own would."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.messaging import texts
from tidings.messaging.rules.speaking import Speaker
from tidings.messaging.rules.wording import Reader, common_values, listed, own_values, row_values

TIMES = {"next_by": datetime(2026, 11, 22, 12, tzinfo=UTC)}
AT = ["2026-11-24T16:00:00+00:00", "2027-01-02T08:00:00+00:00"]
SPEAKERS = {
    language: (Speaker(reader, TIMES), reader)
    for language in ("en", "nl", "zh-hans")
    for reader in [Reader(texts.words(language), "Europe/Amsterdam", 2026)]
}

LINE = st.fixed_dictionaries(
    {"effect": st.sampled_from(["delayed", "lost", "held", "damaged", "nobody_knows"])},
    optional={
        "waybill": st.sampled_from(["JJD1", "JJD2", "", "名"]),
        "expected_at": st.sampled_from([*AT, None]),
        "expected_from": st.just("2026-11-23T16:00:00+00:00"),
        "held_by": st.just("customs"),
        "must_do": st.just("pay"),
        "do_by": st.sampled_from(AT),
        "openly": st.booleans(),
        "pieces": st.just(["1", "2"]),
        "choose_by": st.sampled_from(AT),
        "in_name": st.just(["A shop"]),
        "service": st.just("portal"),
        "of": st.just({"about": "INC-2", "kind": "fire", "both": True, "next_by": AT[0]}),
    },
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(SPEAKERS)),
    st.lists(LINE, max_size=9),
    st.sampled_from(["", " ", "Zoë", "Ann "]),
    st.sampled_from(["", "https://t.example.org/m/abc"]),
)
def test_a_speaker_says_what_the_wording_says(
    language: str, lines: list[dict[str, Any]], name: str, link: str
) -> None:
    speaker, reader = SPEAKERS[language]
    slots, rows = speaker.values(name, lines, "K7F4-9QXD", link)
    assert slots == own_values(reader, name, lines, common_values(reader, TIMES), "K7F4-9QXD", link)
    assert rows == [row_values(line, reader) for line in listed(lines)]
