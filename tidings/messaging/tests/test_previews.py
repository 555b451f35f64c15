"""Previews: a text with the values of a real reader, in each way that it may be read."""

import re

import pytest
from django.urls import reverse

from tests.cast import make_dispatcher, make_unit, signed_in
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.clock import now
from tidings.kernel.ids import new_id
from tidings.messaging import actions, queries
from tidings.messaging.models import Message
from tidings.messaging.rules.segments import short_message
from tidings.messaging.tests.cast import make_sent

pytestmark = pytest.mark.django_db

READER = Actor(ActorKind.PERSON, str(new_id()), frozenset({"message.read"}))
LANGUAGES = ("en", "nl", "zh-hans")


def shown(language: str, phase: str = "first_notice", client: object = None) -> str:
    client = client or signed_in(make_dispatcher())
    page = client.get(reverse("messaging:text", args=("fire", phase, language)))  # type: ignore[attr-defined]
    return str(page.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_anybody_is_affected_the_example_says_that_it_is_one(language: str) -> None:
    page = shown(language)
    assert "made up here" in page and "Rotterdam" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_afterwards_a_text_is_read_as_a_real_reader_would_with_the_incidents_own_facts(language: str) -> None:
    make_sent(9)
    page = shown(language, "update")
    assert "made up here" not in page and "INC-2026-11-0001" in page
    assert "Venlo" in page and "Rotterdam" not in page
    like = queries.reader_like(READER, "fire", language)
    assert like is not None and like.language == language and like.name in page


def test_nobodys_values_are_lent_to_who_does_not_see_all_readers_nor_taken_from_an_exercise() -> None:
    message = make_sent(9)
    branch = Actor(ActorKind.PERSON, str(new_id()), frozenset({"message.read"}), units=frozenset({new_id()}))
    assert queries.reader_like(branch, "fire", "en") is None
    assert queries.reader_like(READER, "theft", "en") is None
    page = shown("en", client=signed_in(make_dispatcher(unit=make_unit("Branch Delft", "branch"))))
    assert "made up here" in page
    Message.objects.filter(pk=message).update(drill=True)
    assert queries.reader_like(READER, "fire", "en") is None


@pytest.mark.parametrize(("language", "said"), [
    ("en", "characters in the GSM alphabet"), ("nl", "characters in the GSM alphabet"), ("zh-hans", "in Unicode"),
])  # fmt: skip
def test_it_shows_mail_plain_text_sms_by_segments_and_the_headline(language: str, said: str) -> None:
    make_sent(9)
    source = queries.texts_for("fire", "first_notice")[language].source
    like = queries.reader_like(READER, "fire", language)
    preview = queries.preview_of_text("fire", "first_notice", language, source, now(), like)
    page = shown(language)
    assert said in page
    counted = short_message(preview.short)
    for segment in counted.segments:
        assert f'<li class="mail">{segment}</li>' in page
    assert f'<p class="mail as-headline" lang="{language}">{preview.headline}</p>' in page
    plain = re.search(r'<pre class="mail as-plain"[^>]*>(.*?)</pre>', page, re.S)
    assert plain is not None and preview.paragraphs[0] in plain[1] and "<p>" not in plain[1]


def test_a_character_outside_the_alphabet_is_named_with_what_it_costs() -> None:
    text = queries.texts_for("fire", "first_notice")["en"]
    source = re.sub(r"short: (.*)", r"short: “\1” – at once", text.source)
    writer = Actor(ActorKind.PERSON, str(new_id()), frozenset({"text.change"}))
    actions.set_text(writer, "fire", "first_notice", "en", source, seen_digest=text.digest)
    assert "Because of “ ” – a segment holds less than half." in shown("en")


def test_after_an_error_one_sees_what_one_wrote() -> None:
    client = signed_in(make_dispatcher())
    where = reverse("messaging:text", args=("fire", "first_notice", "en"))
    sent = {"source": "subject: x\nshort: y\n\n[a]\nMy own words, {nonsense}", "seen_digest": "0" * 64}
    answer = client.post(where, sent)
    assert answer.status_code == 422 and answer.text.count("My own words") == 1
    sent["source"] = "subject: x\nshort: y\n\n[a]\nMy own words"
    answer = client.post(where, sent)
    assert answer.status_code == 422 and "in the meantime" in answer.text
    assert answer.text.count("My own words") == 3, "in the form, in the mail and in the plain text"
