"""The shipped texts: every fact of the contract, in every language, in the manners of that language."""

import re
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tidings.messaging import texts
from tidings.messaging.rules.checking import oddities
from tidings.messaging.rules.content import CONTRACTS
from tidings.messaging.rules.freezing import FrozenWords, Slot, freeze_words, headline_said, said_to
from tidings.messaging.rules.segments import short_message
from tidings.messaging.rules.template import Template, inherit, read_template, slots_in, unknown_slots
from tidings.messaging.rules.wording import (
    ROWS_IN_A_MESSAGE,
    Reader,
    code_of,
    reader_values,
    row_values,
    say_choice,
)

FOLDER = Path(texts.__file__).parent
LANGUAGES = ("en", "nl", "zh-hans")
IN_FULL = ("delay", "hub_closed", "accident", "fire", "theft", "loss", "damage", "system_outage")
"""Kinds with a text of their own for every phase."""
FIRST_NOTICE_ONLY = ("service_interruption", "weather")
KINDS = ("general", *IN_FULL, *FIRST_NOTICE_ONLY)
FROM_A_PERSON = {
    "update": {"status", "what_changed", "measures"},
    "restored": {"what_works"},
    "closing": {"cause", "measures", "prevention"},
    "correction": {"what_was_wrong", "what_is_right"},
}
"""What no text may say by itself, however well it is written: a person knows it, or nobody does."""
PLACES = {"en": "Venlo hub", "nl": "Hub Venlo", "zh-hans": "芬洛分拨中心"}
VOICE = {
    "firm": "Example Express",
    "phone": "+31 20 555 0123",
    "where_to_look": "https://status.example.org/",
}
LISTED = {"began_at": "2026-11-22T05:55+01:00", "next_by": "2026-11-22T12:00+01:00"}
LINES = [
    {"waybill": "1234567890", "effect": "delayed", "expected_at": "2026-11-24T16:00:00+00:00"},
    {"waybill": "1234567891", "effect": "stolen"},
]
MANY = [
    {
        "waybill": "1234567890",
        "effect": "delayed",
        "expected_from": "2026-11-24T16:00:00+00:00",
        "expected_at": "2026-12-24T16:00:00+00:00",
    }
] * 400
PHASES = tuple(map(str, CONTRACTS))
TOLD = tuple(phase for phase in PHASES if phase != "briefing")
"""What customers get; a briefing is for our own people."""
EVERY = [(kind, language) for kind in KINDS for language in LANGUAGES]
THEFT = "theft|stolen|steal|thief|diefstal|gestolen|dief|盗|偷"


def shipped(kind: str, phase: str, language: str) -> Template:
    general, own = texts.layer("general", phase, language), texts.layer(kind, phase, language)
    assert general is not None
    return inherit(own, general) if own is not None and kind != "general" else general


def frozen(
    kind: str,
    phase: str,
    language: str,
    drill: bool = False,
    voice: dict[str, str] = VOICE,
    **facts: str,
) -> FrozenWords:
    words = texts.words(language)
    event = words.entries.get(f"kind.{kind}", words.say("kind.general"))
    told = {"place": PLACES[language], "reference": "INC-2026-11-0001", **LISTED, **facts}
    return freeze_words(shipped(kind, phase, language), words, told, {**voice, "event": event}, drill=drill)


def from_a_person(phase: str) -> dict[str, str]:
    return {fact: f"«{fact}»" for fact in FROM_A_PERSON.get(phase, ())}


def spoken(
    words: FrozenWords, time_zone: str = "Europe/Amsterdam", lines: list[dict[str, str]] = LINES
) -> tuple[str, str, str]:
    """Subject, short form and text, as one reader gets them."""
    reader = Reader(texts.words(words.language), time_zone, 2026)
    times = {name: datetime.fromisoformat(at) for name, at in LISTED.items()}
    values = reader_values(reader, "Anna", lines, times, code_of(UUID(int=0x1234567890)))
    rows = [row_values(line, reader) for line in lines[:ROWS_IN_A_MESSAGE]]
    subject, short, paragraphs = said_to(words, values, rows)
    return subject, short, "\n\n".join((*paragraphs, headline_said(words, values)))


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_every_fact_of_the_contract_is_said_with_known_slots_and_what_only_a_person_knows(
    kind: str, language: str
) -> None:
    for phase, voice in product(PHASES, (VOICE, {"firm": VOICE["firm"]})):
        words = frozen(kind, phase, language, voice=voice, **from_a_person(phase))
        assert set(CONTRACTS[phase].required) <= set(words.said), phase
        assert words.subject and words.short and not words.open_slots, phase
        subject, short, text = spoken(words)
        assert "{" not in subject + short + text, phase
        assert all(sentence in text for sentence in from_a_person(phase).values()), phase


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_no_text_says_what_only_a_person_knows(kind: str, language: str) -> None:
    for phase in PHASES:
        missing = set(CONTRACTS[phase].required) - set(frozen(kind, phase, language).said)
        assert missing == FROM_A_PERSON.get(phase, set()), phase


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_what_did_not_happen_at_a_place_can_be_told_too(kind: str, language: str) -> None:
    for phase in PHASES if kind not in ("hub_closed", "fire") else ():
        words = frozen(kind, phase, language, place="", **from_a_person(phase))
        assert words.subject and words.short and not words.open_slots, phase


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_the_short_form_fits_two_segments_and_names_the_shipment(kind: str, language: str) -> None:
    for phase, lines in product(PHASES, (LINES[:1], MANY)):
        short = spoken(frozen(kind, phase, language, **from_a_person(phase)), lines=lines)[1]
        counted = short_message(short)
        assert len(counted.segments) <= 2, f"{phase}, {counted.units}: {short}"
        assert counted.encoding == ("ucs-2" if language == "zh-hans" else "gsm-7"), counted.outside
        if phase in TOLD:
            assert "1234567890" in short or " 400 " in short or "400票" in short, phase
            assert VOICE["where_to_look"] in short, phase


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_nothing_that_anybody_may_read_tells_of_a_theft_and_a_loss_never_does(
    kind: str, language: str
) -> None:
    reader = Reader(texts.words(language), "Europe/Amsterdam", 2026)
    times = {name: datetime.fromisoformat(at) for name, at in LISTED.items()}
    for phase in PHASES:
        words = frozen(kind, phase, language)
        status = headline_said(words, reader_values(reader, "", [], times, ""))
        assert not re.search(THEFT, spoken(words, lines=LINES[1:])[1] + status, re.I), phase
        if kind == "loss":
            assert not re.search(THEFT, "".join(spoken(words, lines=LINES[:1])), re.I), phase


FILES = sorted(path for path in FOLDER.glob("*/*.*") if path.suffix != ".pyc")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_text_keeps_the_manners_of_its_language(path: Path) -> None:
    template = read_template(path.read_text("utf-8"))
    phase, _, language = path.name.partition(".")
    assert phase in CONTRACTS and language in LANGUAGES
    assert not unknown_slots(template)
    assert not oddities(template, path.parent.name, language)
    assert not re.search("please note|let op|请注意", path.read_text("utf-8"), re.I)


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_language_has_the_same_texts_headers_and_blocks(language: str) -> None:
    english = {path.relative_to(FOLDER).with_suffix(""): path for path in FILES if path.suffix == ".en"}
    others = {path.relative_to(FOLDER).with_suffix("") for path in FILES if path.suffix == f".{language}"}
    assert others == set(english)
    for name, path in english.items():
        one, other = (
            read_template(file.read_text("utf-8")) for file in (path, path.with_suffix(f".{language}"))
        )
        assert [block.name for block in one.blocks] == [block.name for block in other.blocks], name
        counted = [{header: len(texts_) for header, texts_ in each.headers.items()} for each in (one, other)]
        assert counted[0] == counted[1], name


def test_six_kinds_have_their_own_words_for_every_phase() -> None:
    for kind in IN_FULL:
        assert all(texts.layer(kind, phase, "en") for phase in PHASES), kind
    assert set(texts.kinds()) == set(KINDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_words_and_slots(language: str) -> None:
    english, own = texts.words("en").entries, texts.words(language).entries
    everywhere = {code for code in english if not code.startswith("zone.")}
    assert everywhere <= set(own)
    for code in everywhere - {"locale", "customer"}:
        assert set(slots_in(own[code])) <= set(slots_in(english[code])) | {"zone", "moment"}, code
    assert {f"kind.{kind}" for kind in KINDS} <= set(own)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_exercise_says_so_in_subject_short_form_and_first_line(language: str) -> None:
    subject, short, text = spoken(frozen("fire", "first_notice", language, drill=True))
    word = {"en": "EXERCISE", "nl": "OEFENING", "zh-hans": "演练"}[language]
    assert word in subject.split("，")[0] and word in short
    assert texts.words(language).say("exercise_note") == text.split("\n\n")[0]


def test_a_brace_in_somebodys_sentence_stays_just_that() -> None:
    words = frozen("fire", "first_notice", "en", what_happened="A {name} and a {secret}.")
    assert "A {name} and a {secret}." in spoken(words)[2]


def test_times_are_said_in_the_readers_zone_as_people_say_them() -> None:
    said = {
        (language, zone): spoken(frozen("fire", "first_notice", language), zone)[2]
        for language, zone in (
            ("en", "Africa/Lagos"),
            ("nl", "Europe/Amsterdam"),
            ("zh-hans", "Asia/Shanghai"),
        )
    }
    assert "Sunday 22 November at 12:00 (Lagos time)" in said["en", "Africa/Lagos"]
    assert "zondag 22 november om 12.00 uur (Nederlandse tijd)" in said["nl", "Europe/Amsterdam"]
    assert "北京时间11月22日（星期日）19:00" in said["zh-hans", "Asia/Shanghai"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"effect": "delayed"}, "delayed, new time not known yet"),
        ({"effect": "lost", "expected_at": "2026-11-24T16:00+00:00"}, "lost"),
        ({"effect": "damaged"}, "damaged"),
        ({"effect": "delayed", "expected_at": "2027-01-04T09:30+00:00"},
         "delayed, now expected Monday 4 January 2027 at 09:30"),
        ({"effect": "delayed", "expected_from": "2026-11-23T08:00+00:00", "expected_at": "2026-11-25T18:00+00:00"},
         "delayed, now expected between Monday 23 November and Wednesday 25 November"),
        ({"effect": "delayed", "expected_from": "2026-11-23T08:00+00:00", "expected_at": "2026-11-23T18:00+00:00"},
         "delayed, now expected Monday 23 November at 18:00"),
        ({"effect": "held", "held_by": "customs", "must_do": "send_documents", "do_by": "2026-11-24T16:00+00:00"},
         "held by customs, new time not known yet. To do: send us the documents that are missing before Tuesday 24 November at 16:00"),
        ({"effect": "damaged", "pieces": ["B1", "B2", "B3", "B4", "B5", "B6"]}, "damaged (B1, B2, B3, B4 and 2 more)"),
        ({"effect": "a_code_of_the_firms_own"}, "affected, new time not known yet"),
    ],
)  # fmt: skip
def test_a_row_says_effect_and_time_in_words(line: dict[str, Any], said: str) -> None:
    reader = Reader(texts.words("en"), "UTC", 2026)
    assert row_values({"waybill": "1", **line}, reader)["outcome"] == said


def test_the_seven_gravest_shipments_are_listed_and_the_rest_is_counted() -> None:
    reader = Reader(texts.words("en"), "UTC", 2026)
    values = reader_values(reader, "", [LINES[0]] * 120, {}, "")
    assert values["your_shipments"] == "Your 120 shipments"
    assert values["more"].startswith("And 113 more shipments. Reply")
    assert reader_values(reader, "", [LINES[0]] * 7, {}, "")["more"] == ""
    assert values["name"] == "customer"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rest_is_said_to_stand_on_the_readers_own_page_where_they_have_one(language: str) -> None:
    reader, link = Reader(texts.words(language), "UTC", 2026), "https://tidings.example.org/m/abc"
    values = reader_values(reader, "", [LINES[0]] * 400, {}, "", link)
    assert "393" in values["more"] and values["more"].endswith(f"{link} ")
    assert values["link"] == link
    assert "400" in values["shipment_short"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("phase", TOLD)
def test_every_message_leads_to_the_readers_own_page_once_there_is_an_address(
    phase: str, language: str
) -> None:
    words = texts.words(language)
    voice = {"firm": "Example Express", "event": words.say("kind.general")}
    text = shipped("general", phase, language)
    without = freeze_words(text, words, LISTED, voice, drill=False)
    there = freeze_words(text, words, LISTED, {**voice, "link": "https://x.example.org"}, drill=False)
    assert "your_page" not in [paragraph.block for paragraph in without.paragraphs]
    [page] = [paragraph for paragraph in there.paragraphs if paragraph.block == "your_page"]
    assert Slot("link") in page.pieces


def test_the_zone_is_named_only_beside_a_time() -> None:
    reader = Reader(texts.words("en"), "Europe/London", 2026)
    due = {"waybill": "1", "effect": "delayed", "expected_at": "2026-11-24T09:00:00+00:00"}
    assert reader_values(reader, "", [due], {}, "")["zone"] == "Times are in UK time."
    for line in ({**due, "expected_at": None}, {**due, "effect": "stolen"}):
        assert reader_values(reader, "", [line], {}, "")["zone"] == ""
    unknown = reader_values(reader, "", [{"effect": "delayed"}] * 120, {}, "")
    assert unknown["more"].endswith("list.") and unknown["zone"] == ""


def test_an_unknown_time_zone_is_read_as_utc_and_says_so() -> None:
    reader = Reader(texts.words("nl"), "Mars/Olympus", 2026)
    at = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
    values = reader_values(reader, "x", [], {"next_by": at}, "")
    assert values["next_by"] == "zondag 22 november om 11.00 uur (UTC)"


def test_after_an_address_comes_a_blank_or_an_end_so_that_it_can_be_pressed() -> None:
    """Chinese has no blanks, and a link would go on into the sentence."""
    for path in sorted(FOLDER.glob("[!_]*/*.*")):
        for after in re.findall(r"\{(?:link|check_page)\}(.?)", path.read_text("utf-8")):
            assert after in ("", " ", ",", "."), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_reader_is_told_until_when_they_may_choose_for_which_shipments(language: str) -> None:
    reader, link = Reader(texts.words(language), "Asia/Shanghai", 2026), "https://tidings.example.org/m/abc"
    early, late = "2026-11-24T09:00:00+00:00", "2026-11-25T09:00:00+00:00"
    one, two = {"waybill": "WB1", "choose_by": early}, {"waybill": "WB2", "choose_by": late}
    none = {"waybill": "WB3"}
    alone = say_choice([one, {**two, "choose_by": early}], reader, link)
    assert "17" in alone and "WB1" not in alone and alone.endswith(link)
    several = say_choice([two, none, one], reader, link)
    assert several.index("WB1") < several.index("24") < several.index("WB2") < several.index("25")
    assert "WB3" not in several and several.endswith(link)
    assert "WB1" in say_choice([one, none], reader, link), "not all of them may be chosen for"
    many = say_choice([one] * 9 + [none], reader, link)
    assert many.count("WB1") == 4 and "5" in many
    assert say_choice([none], reader, link) == say_choice([one], reader, "") == ""
    assert reader_values(reader, "", [one], {}, "", link)["choice"] == say_choice([one], reader, link)
