""" "Is this really from us?": yes with day and kind, no with what to do, and nothing about anybody."""

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from tests.cast import make_dispatcher, signed_in
from tidings.incidents.tests.cast import make_hub_of_shipments, make_opened
from tidings.incidents.tests.test_own_page import tell
from tidings.kernel.ids import new_id
from tidings.messaging.models import Recipient, Result
from tidings.messaging.rules.wording import bits_of_code, code_of


def asked(code: str, **headers: str):
    return Client(headers=headers).get(reverse("own:check"), {"code": code})


@pytest.fixture
def sent(db):
    make_hub_of_shipments()
    actor, incident = make_opened(kind="theft")
    tell(actor, incident)
    return Recipient.objects.get(name="Reader C-nl")


def test_a_code_is_understood_however_it_is_typed():
    recipient = new_id()
    code = code_of(recipient)
    for typed in (code, code.lower(), code.replace("-", " "), code.replace("0", "o").replace("1", "L")):
        assert bits_of_code(typed) == recipient.bytes[-5:]
    for typed in ("", "K7F4", "K7F4-9QXU", "K7F4-9QXDD", "é" * 8, "K7F4;9QX"):
        assert bits_of_code(typed) is None


def test_a_message_of_ours_is_known_and_nothing_else_is_told(sent):
    answer = asked(code_of(sent.pk).lower())
    assert answer.status_code == 200
    assert "<b>Yes.</b>" in answer.text and "the loss of goods" in answer.text
    for kept in (sent.name, sent.address, "WB3", "theft", "Venlo", "INC-"):
        assert kept not in answer.text
    dutch = asked(code_of(sent.pk), accept_language="nl")
    assert "<b>Ja.</b>" in dutch.text and "verlies van goederen" in dutch.text
    assert "<b>是。</b>" in asked(code_of(sent.pk), accept_language="zh-CN").text


def test_a_code_of_nobody_and_a_message_that_never_left_get_a_no_and_what_to_do(sent):
    for code in (code_of(new_id()), "<script>"):
        answer = asked(code)
        assert "<b>No.</b>" in answer.text and "pay nothing" in answer.text
        assert "<script>" not in answer.text
    Result.objects.all().delete()
    assert "<b>No.</b>" in asked(code_of(sent.pk)).text
    assert "Type it here" in Client().get(reverse("own:check")).text


@override_settings(PUBLIC_RATE_LIMITS={"check": 2})
def test_nobody_tries_codes_one_after_the_other(db):
    assert 429 in {asked("K7F4-9QXD").status_code for _ in range(6)}


def test_the_search_leads_from_the_code_to_the_recipient(sent):
    code = code_of(sent.pk)
    found = signed_in(make_dispatcher()).get(reverse("home:search"), {"q": code.lower()})
    assert found.status_code == 302
    assert found.url == reverse("messaging:recipient", args=[sent.pk])
