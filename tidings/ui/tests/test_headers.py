"""What every answer carries, and what the frame shows."""

import re

import pytest
from django.test import Client

from tests.cast import make_dispatcher, signed_in

pytestmark = pytest.mark.django_db


def test_a_page_forbids_inline_code_and_holds_none() -> None:
    answer = signed_in(make_dispatcher()).get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status_code == 200
    assert "unsafe" not in policy and "script-src 'self'" in policy and "frame-ancestors 'none'" in policy
    page = answer.content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=", page)


def test_nobody_reads_a_page_without_signing_in() -> None:
    answer = Client().get("/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/account/login/")


def test_the_sign_in_page_speaks_the_browsers_language() -> None:
    answer = Client(headers={"accept-language": "zh-CN"}).get("/account/login/")
    assert answer.status_code == 200
    assert 'lang="zh-hans"' in answer.content.decode()


def test_a_page_that_is_not_there_says_so_in_words() -> None:
    answer = signed_in(make_dispatcher()).get("/no/such/page/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()
