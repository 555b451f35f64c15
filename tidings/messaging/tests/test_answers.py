"""Questions and answers: how they are written, the shipped ones, and the firm's own over them."""

import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from tests.cast import make_agent, make_auditor, make_dispatcher, signed_in
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.models import AuditLine
from tidings.messaging import actions, faq, queries, texts
from tidings.messaging.models import FirmAnswer
from tidings.messaging.rules.answers import (
    PHASES,
    SLOTS,
    Answer,
    NotAnswers,
    Said,
    counts_in,
    fault_of,
    over,
    paragraphs,
    read_answers,
    unknown_slots,
)
from tidings.people.queries import actor_of

LANGUAGES = ("en", "nl", "zh-hans")
KINDS = ("general", "accident", "damage", "delay", "hub_closed", "loss", "system_outage", "theft")
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


def made(answer: str = "Soon.", question: str = "When?", **more: object) -> Answer:
    return Answer(
        **{"code": "when", "phases": (), "public": True, "said": {"en": Said(question, answer)}, **more}
    )


def test_a_file_holds_questions_with_their_phases_and_readers() -> None:
    source = (
        "[when] public\nWhen?\n\nSoon.\n\nBy {next_by}.\n\n[why] restored closing\nWhy?\n\nWe do not know."
    )
    assert read_answers(source) == [
        ("when", (), True, Said("When?", "Soon.\n\nBy {next_by}.")),
        ("why", ("restored", "closing"), False, Said("Why?", "We do not know.")),
    ]


@pytest.mark.parametrize("source", ["", "When?\n\nSoon.", "[when]\nWhen?", "[When]\nWhen?\n\nSoon."])
def test_a_file_that_breaks_the_form_is_refused(source: str) -> None:
    with pytest.raises(NotAnswers):
        read_answers(source)


@pytest.mark.parametrize(
    ("phases", "phase", "counts"),
    [
        ((), "update", True),
        (("closing",), "update", False),
        (("closing",), "closing", True),
        (("closing",), "", True),
    ],
)
def test_an_answer_counts_in_its_phases_or_in_all(phases: tuple[str, ...], phase: str, counts: bool) -> None:
    assert counts_in(made(phases=phases), phase) is counts


def test_a_kind_answers_first_and_the_general_ones_follow() -> None:
    own, general = made("Own."), [made("General."), made("More.", code="more")]
    assert [(one.code, one.said["en"].answer) for one in over([own], general)] == [
        ("when", "Own."),
        ("more", "More."),
    ]


def test_a_paragraph_with_a_fact_that_is_not_known_is_left_out() -> None:
    text = "At {place}.\n\nBy {next_by}.\n\nWe write."
    assert paragraphs(text, {"place": "Venlo", "next_by": ""}) == ("At Venlo.", "We write.")


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (made(), ""),
        (made(said={}), "answer_empty"),
        (made(""), "answer_half"),
        (made("By {next_by}."), "answer_only_slots"),
        (made(question="When at {place}?"), "answer_only_slots"),
    ],
)
def test_what_is_wrong_with_an_answer_is_named(answer: Answer, fault: str) -> None:
    assert fault_of(answer) == fault


def test_every_kind_has_six_questions_and_more_in_each_language() -> None:
    assert faq.kinds() == KINDS
    for kind in KINDS:
        shipped = faq.shipped(kind)
        assert len(shipped) >= 7, kind
        assert any(not one.public for one in shipped), f"{kind}: something for our own people"
        for one in shipped:
            assert tuple(one.said) == LANGUAGES, f"{kind}/{one.code}"
            assert fault_of(one) == "" and not unknown_slots(one), f"{kind}/{one.code}"
            assert set(one.phases) <= set(PHASES)


def test_the_languages_of_a_shipped_file_agree_and_keep_their_manners() -> None:
    for kind in KINDS:
        read = {code: read_answers((faq._FOLDER / f"{kind}.{code}").read_text("utf-8")) for code in LANGUAGES}
        plain = {code: [(one[0], one[1], one[2]) for one in rows] for code, rows in read.items()}
        assert plain["en"] == plain["nl"] == plain["zh-hans"], kind
        for code, rows in read.items():
            for name, _phases, _public, said in rows:
                where, text = f"{kind}.{code} {name}", f"{said.question} {said.answer}"
                assert "'" not in text and '"' not in text and "!" not in text and "！" not in text, where
                assert set(re.findall(r"\{(\w+)\}", text)) <= SLOTS, where
                if code == "nl":
                    assert not re.search(r"\b(je|jij|jouw)\b", text, re.IGNORECASE), where
                if code == "zh-hans":
                    assert not re.search(r"[一-鿿]\s*[,;:?]|[一-鿿]\.", text), f"{where}: half-width mark"
                    assert "你们的" not in text or "您" in text, where


def test_shipped_answers_promise_no_money_and_ask_for_none() -> None:
    for kind in KINDS:
        for one in faq.shipped(kind):
            for said in one.said.values():
                assert not re.search(r"[€$¥]|\bSDR\b", said.answer), f"{kind}/{one.code}"


pytestmark = pytest.mark.django_db


def writer() -> Actor:
    return actor_of(make_dispatcher())


def kept(kind: str = "delay", code: str = "how_long") -> queries.Kept:
    return next(one for one in queries.kept_answers(kind) if one.answer.code == code)


def change(answer: Answer, kind: str = "delay") -> str:
    seen = next((one.digest for one in queries.kept_answers(kind) if one.answer.code == answer.code), "")
    return actions.set_answer(writer(), kind, answer, seen_digest=seen)


def test_an_answer_is_said_in_the_readers_language_with_the_facts_of_the_incident() -> None:
    facts = {"place": "Venlo", "began_at": "2026-11-22T05:55+01:00", "next_by": "2026-11-22T12:00+01:00"}
    found = queries.answers("delay", "update", only_public=True)
    [why, *_rest] = queries.answered(found, "nl", facts, "Europe/Amsterdam", NOW)
    assert why.language == "nl" and why.question == "Waarom is mijn zending later?"
    assert why.paragraphs[0].startswith("Bij Venlo is er sinds zondag 22 november om 05.55 uur vertraging")
    said = queries.answered(found, "nl", {}, "Europe/Amsterdam", NOW)
    assert not any("{" in text for one in said for text in one.paragraphs)
    assert all(one.paragraphs for one in said), "an answer is never empty"
    codes = [one.code for one in said]
    assert "when_next" in codes and "again" not in codes and "no_time_yet" not in codes
    assert "again" in [one.code for one in queries.answers("delay", "closing")]


def test_a_kind_without_questions_of_its_own_has_the_general_ones() -> None:
    assert [one.code for one in queries.answers("strike")] == [one.code for one in faq.shipped("general")]


def test_the_firms_own_words_count_and_every_version_stays() -> None:
    shipped = kept()
    own = Answer(
        "how_long",
        ("update",),
        False,
        {"en": Said("How long?", "A while."), "nl": Said("Hoe lang?", "Even.")},
    )
    change(own)
    assert kept().answer == own and not kept().shipped and not kept().older
    with pytest.raises(Conflict):
        actions.set_answer(writer(), "delay", own, seen_digest=shipped.digest)
    change(Answer("how_long", (), True, {"en": Said("How long?", "Two hours.")}))
    first = FirmAnswer.objects.order_by("id")[0]
    actions.take_back_answer(writer(), "delay", "how_long", first.pk, seen_digest=kept().digest)
    assert kept().answer == own
    with pytest.raises(Refused, match="text_in_force"):
        actions.take_back_answer(writer(), "delay", "how_long", first.pk, seen_digest=kept().digest)
    actions.take_back_answer(writer(), "delay", "how_long", None, seen_digest=kept().digest)
    assert kept().answer == shipped.answer and kept().shipped
    assert FirmAnswer.objects.count() == 4
    assert set(AuditLine.objects.values_list("verb", flat=True)) == {"answer.change"}


def test_a_question_that_is_taken_out_is_asked_no_more_until_it_is_brought_back() -> None:
    actions.take_out_answer(writer(), "delay", "how_long", seen_digest=kept().digest)
    assert "how_long" not in [one.code for one in queries.answers("delay")]
    assert kept().out and kept().answer.said["en"].question == "How long will the delay last?"
    actions.take_back_answer(writer(), "delay", "how_long", None, seen_digest=kept().digest)
    assert "how_long" in [one.code for one in queries.answers("delay")]
    assert AuditLine.objects.filter(verb="answer.out").count() == 1


def test_a_new_question_gets_a_code_and_a_kind_of_its_own() -> None:
    assert change(made(code=""), "strike") == "own_1"
    assert change(made("Later.", code=""), "strike") == "own_2"
    assert [one.code for one in queries.answers("strike")][:2] == ["own_1", "own_2"]
    assert "strike" in queries.kinds_with_answers()
    with pytest.raises(Missing):
        actions.set_answer(writer(), "strike", made(code="nothing"), seen_digest="")
    actions.take_out_answer(writer(), "strike", "own_1", seen_digest=kept("strike", "own_1").digest)
    assert kept("strike", "own_1").answer.said["en"].answer == "Soon.", "what it said is still there"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (made("By {next_by}.", code="how_long"), "answer_only_slots"),
        (made("{goods} soon.\n\nSoon.", code="how_long"), "unknown_slots"),
        (made(code="how_long", said={}), "answer_empty"),
        (made("", code="how_long"), "answer_half"),
        (made(code="how_long", phases=("holding",)), "no_such_phase"),
        (made(code="how_long", said={"xx": Said("a", "b")}), "answer_empty"),
    ],
)
def test_what_cannot_be_an_answer_is_refused_and_nothing_kept(answer: Answer, code: str) -> None:
    with pytest.raises(Refused, match=code):
        change(answer)
    assert not FirmAnswer.objects.exists()


def typed(client: object, kind: str, code: str, **changes: object) -> dict[str, object]:
    form = client.get(reverse("messaging:answer", args=[kind, code])).context["form"]  # type: ignore[attr-defined]
    return {**form.initial, **changes}


def test_the_page_changes_a_question_and_shows_what_differs() -> None:
    client, address = (
        signed_in(make_dispatcher(name="Robin")),
        reverse("messaging:answer", args=["delay", "how_long"]),
    )
    sent = typed(client, "delay", "how_long", question_en="How long does it take?")
    assert client.post(address, sent).status_code == 302
    page = client.get(address).text
    assert "<ins>" in page and "your own" in page and "Robin" in page
    assert kept().answer.said["en"].question == "How long does it take?"
    assert client.post(address, sent).status_code == 422, "somebody who saw the older words is told"
    answer = client.post(address, {**typed(client, "delay", "how_long"), "answer_en": ""})
    assert answer.status_code == 422 and "question or its answer is missing" in answer.text


def test_the_list_narrows_and_exports_and_only_some_may_write() -> None:
    client = signed_in(make_dispatcher())
    page = client.get(reverse("messaging:answers"), {"kind": "theft", "q": "insurer"}).text
    assert "What does my insurer need?" in page and "When do I hear from you again?" not in page
    exported = b"".join(client.get(reverse("messaging:answers"), {"export": "csv"})).decode()
    assert "保险公司需要什么？" in exported and "delay" in exported
    reader = signed_in(make_agent())
    address = reverse("messaging:answer", args=["delay", "how_long"])
    assert "How long will the delay last?" in reader.get(address).text
    assert "Save the question" not in reader.get(address).text
    assert reader.post(address, typed(client, "delay", "how_long", question_en="X")).status_code == 403
    assert signed_in(make_auditor()).get(reverse("messaging:new_answer", args=["delay"])).status_code == 403
    assert client.get(reverse("messaging:answer", args=["delay", "nothing"])).status_code == 404


def test_a_new_question_is_written_on_a_page_and_taken_out_there() -> None:
    client = signed_in(make_dispatcher())
    address = reverse("messaging:new_answer", args=["strike"])
    sent = {"question_en": "Until when?", "answer_en": "We do not know.", "public": "on"}
    client.post(address, sent)
    assert [one.answer.said["en"].question for one in queries.kept_answers("strike")] == ["Until when?"]
    digest = kept("strike", "own_1").digest
    client.post(reverse("messaging:take_out_answer", args=["strike", "own_1"]), {"digest": digest})
    assert kept("strike", "own_1").out
    assert "taken out" in client.get(reverse("messaging:answers"), {"kind": "strike"}).text


def test_every_language_of_messages_has_the_shipped_questions() -> None:
    assert set(texts.languages()) == set(LANGUAGES)
