"""Rules about a text on the shelf: what changed in it, what it holds of its contract, what is odd in it."""

import pytest

from tidings.messaging.rules.checking import Holds, Oddity, checklist, oddities
from tidings.messaging.rules.difference import GONE, NEW, SAME, changes
from tidings.messaging.rules.template import read_template

BEFORE = """
subject: {your_shipments}: fire
short: {firm}: fire at {place}

[what_happened]
A fire broke out at {place}.

[gone]
Said no more.
"""


@pytest.mark.parametrize(
    ("replaced", "by", "found"),
    [
        ("", "", {}),
        ("fire broke out", "small fire broke out",
         {"what_happened": [(SAME, "A"), (NEW, " small"), (SAME, " fire broke out at {place}.")]}),
        ("{place}.", "{firm}.",
         {"what_happened": [(SAME, "A fire broke out at "), (GONE, "{place}"), (NEW, "{firm}"), (SAME, ".")]}),
        ("\n[gone]\nSaid no more.\n", "", {"gone": [(GONE, "Said no more.")]}),
        ("[gone]", "[what_happened]\n由火灾引起\n\n[gone]",
         {"what_happened": [(SAME, "A fire broke out at {place}."), (NEW, "\n\n由火灾引起")]}),
        ("short: {firm}: fire at {place}", "short: {firm}: brand",
         {"short": [(SAME, "{firm}: "), (GONE, "fire at {place}"), (NEW, "brand")]}),
    ],
)  # fmt: skip
def test_only_what_changed_is_shown_word_by_word(
    replaced: str, by: str, found: dict[str, list[tuple[str, str]]]
) -> None:
    after = BEFORE.replace(replaced, by) if replaced else BEFORE
    told = changes(read_template(BEFORE), read_template(after))
    assert {one.name: list(one.parts) for one in told} == found


def test_a_chinese_character_is_a_word_of_its_own() -> None:
    one, two = (
        read_template(f"subject: x\nshort: x\n\n[a]\n{said}") for said in ("发生一起火灾", "发生火灾事故")
    )
    [changed] = changes(one, two)
    assert changed.parts == (
        (SAME, "发生"), (GONE, "一起"), (SAME, "火灾"), (NEW, "事故"),
    )  # fmt: skip


def test_the_checklist_tells_what_a_text_says_and_what_a_person_writes_each_time() -> None:
    text = read_template(
        "subject: x\nshort: x\n\n[status]\n\n[what_it_means]\nOf {name}.\n\n[when_next]\n{wrong}"
    )
    found = {fact.code: (fact.required, fact.holds) for fact in checklist(text, "update")}
    assert found["status"] == (True, Holds.PLACE)
    assert found["what_it_means"] == (True, Holds.SAYS)
    assert found["measures"] == (True, Holds.NOWHERE)
    assert found["when_next"] == (True, Holds.PLACE)
    assert found["compensation"] == (False, Holds.NOWHERE)


@pytest.mark.parametrize(
    ("kind", "language", "source", "found"),
    [
        ("fire", "en", "subject: x\nshort: x\n\n[a]\nRun!", {"a": (Oddity.SHOUTS,)}),
        ("fire", "nl", "subject: x\nshort: x\n\n[a]\nJe hoeft niets te doen.", {"a": (Oddity.FAMILIAR,)}),
        ("fire", "nl", "subject: x\nshort: x\n\n[a]\nU hoeft niets te doen.", {}),
        ("fire", "zh-hans", "subject: x\nshort: {firm}:延误\n\n[a]\n你的快件.",
         {"short": (Oddity.HALF_WIDTH,), "a": (Oddity.FAMILIAR, Oddity.HALF_WIDTH)}),
        ("fire", "zh-hans", "subject: x\nshort: 【{firm}】{place}，4 000票。\n\n[a]\nx", {}),
        ("theft", "en", "subject: theft\nshort: theft\nheadline: Goods were stolen.\n\n[a]\nstolen",
         {"short": (Oddity.TELLS_OF_THEFT,), "headline": (Oddity.TELLS_OF_THEFT,)}),
        ("loss", "nl", "subject: diefstal\nshort: x\n\n[a]\nx", {"subject": (Oddity.TELLS_OF_THEFT,)}),
    ],
)  # fmt: skip
def test_what_is_odd_in_a_text_is_named_with_its_block(
    kind: str, language: str, source: str, found: dict[str, tuple[Oddity, ...]]
) -> None:
    assert oddities(read_template(source), kind, language) == found
