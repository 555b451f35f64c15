"""The shipped texts: every fact of the contract, in every language, in the manners of that language."""

import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from tidings.messaging import texts
from tidings.messaging.rules.content import CONTRACTS, Phase
from tidings.messaging.rules.freezing import FrozenWords, Slot, freeze_words, is_row
from tidings.messaging.rules.template import Template, inherit, slots_in
from tidings.messaging.rules.wording import Reader, code_of, reader_values, row_values

FOLDER = Path(texts.__file__).parent
LANGUAGES = ("en", "nl", "zh-hans")
WITH_THEIR_OWN = (
    "hub_closed",
    "service_interruption",
    "delay",
    "accident",
    "fire",
    "theft",
    "damage",
    "system_outage",
    "weather",
)
PLACES = {"en": "Venlo hub", "nl": "Hub Venlo", "zh-hans": "芬洛分拨中心"}
LISTED = {"began_at": "2026-11-22T05:55+01:00", "next_by": "2026-11-22T12:00+01:00"}
LINES = [
    {"waybill": "1234567890", "effect": "delayed", "expected_at": "2026-11-24T16:00:00+00:00"},
    {"waybill": "1234567891", "effect": "stolen"},
]
EVERY = [(kind, language) for kind in ("general", *WITH_THEIR_OWN) for language in LANGUAGES]


def shipped(kind: str, phase: str, language: str) -> Template:
    general, own = texts.layer("general", phase, language), texts.layer(kind, phase, language)
    assert general is not None
    return inherit(own, general) if own is not None and kind != "general" else general


def frozen(kind: str, phase: str, language: str, drill: bool = False, **facts: str) -> FrozenWords:
    words = texts.words(language)
    voice = {"firm": "Example Express", "event": words.entries.get(f"kind.{kind}", words.say("kind.general"))}
    told = {"place": PLACES[language], **LISTED, **facts}
    return freeze_words(shipped(kind, phase, language), words, told, voice, drill=drill)


def spoken(words: FrozenWords, time_zone: str = "Europe/Amsterdam") -> tuple[str, str, str]:
    """Subject, short form and text, as one reader gets them."""
    reader = Reader(texts.words(words.language), time_zone, 2026)
    times = {name: datetime.fromisoformat(at) for name, at in LISTED.items()}
    values = reader_values(reader, "Anna", LINES, times, code_of(UUID(int=0x1234567890)))

    def say(pieces: tuple[object, ...], found: dict[str, str]) -> str:
        return "".join(piece if isinstance(piece, str) else found[piece.name] for piece in pieces)  # type: ignore[attr-defined]

    body = [
        "\n".join(say(p.pieces, row_values(line, reader)) for line in LINES)
        if is_row(p)
        else say(p.pieces, values)
        for p in words.paragraphs
    ]
    return say(words.subject, values), say(words.short, values), "\n\n".join(body)


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_a_first_notice_is_whole_with_nothing_but_the_listed_facts(kind: str, language: str) -> None:
    words = frozen(kind, "first_notice", language)
    assert set(CONTRACTS[Phase.FIRST_NOTICE].required) <= set(words.said)
    assert words.subject and words.short and not words.open_slots
    subject, short, text = spoken(words)
    for said in (short, text):
        assert "1234567890" in said
    assert "{" not in subject + short + text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("phase", list(Phase))
def test_every_phase_is_whole_once_a_person_told_its_facts(phase: Phase, language: str) -> None:
    told = {fact: f"«{fact}»" for fact in CONTRACTS[phase].facts}
    words = frozen("general", phase, language, **told)
    assert set(CONTRACTS[phase].facts) <= set(words.said)
    text = spoken(words)[2]
    assert all(sentence in text for sentence in told.values())


@pytest.mark.parametrize("phase", [Phase.UPDATE, Phase.CLOSING, Phase.RESTORED])
def test_what_only_a_person_can_know_is_never_filled_in_for_them(phase: Phase) -> None:
    assert not {"status", "what_changed", "cause", "measures", "what_works"} & set(
        frozen("general", phase, "en").said
    )


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_the_short_form_fits_two_segments_and_says_nothing_of_theft(kind: str, language: str) -> None:
    words = frozen(kind, "first_notice", language)
    short = spoken(words)[1]
    assert len(short) <= (2 * 67 if language == "zh-hans" else 2 * 153)
    assert not re.search("theft|stolen|diefstal|gestolen|盗", short) or kind == "general"


FILES = sorted(path for path in FOLDER.glob("*/*.*") if path.suffix != ".pyc")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_text_keeps_the_manners_of_its_language(path: Path) -> None:
    source = re.sub(r"\[[a-z_]+\]|\{[a-z_]+\}|^(subject|short):", "", path.read_text("utf-8"), flags=re.M)
    assert not re.search("[!！]|please note|let op|请注意", source, re.I)
    language = path.name.partition(".")[2]
    if language == "nl":
        assert not re.search(r"\b(je|jij|jou|jouw|jullie)\b", source, re.I)
    if language == "zh-hans":
        assert not re.search(r"[,;:?()]|[一-鿿]\.|你", source)
        assert not re.search(r"[一-鿿] +[一-鿿，。]", source)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_words_and_slots(language: str) -> None:
    english, own = texts.words("en").entries, texts.words(language).entries
    everywhere = {code for code in english if not code.startswith("zone.")}
    assert everywhere <= set(own)
    for code in everywhere - {"locale", "customer"}:
        assert set(slots_in(own[code])) <= set(slots_in(english[code])) | {"zone", "moment"}, code
    kinds = {path.parent.name for path in FILES} - {"general"}
    assert kinds == set(WITH_THEIR_OWN)
    assert {f"kind.{kind}" for kind in kinds} <= set(own)


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
        ({"effect": "a_code_of_the_firms_own"}, "affected, new time not known yet"),
    ],
)  # fmt: skip
def test_a_row_says_effect_and_time_in_words(line: dict[str, str], said: str) -> None:
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
@pytest.mark.parametrize("phase", list(CONTRACTS))
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
