"""Errors in words: with and without a database, for people and for programs."""

import json
import os
import subprocess
import sys

import pytest
from django.db import connections
from django.test import Client

from tests.cast import make_dispatcher, signed_in
from tidings.kernel.errors import Refused
from tidings.ui.words import say


def test_without_a_database_a_page_says_so_in_the_readers_language(own_database: str) -> None:
    default = connections["default"]
    default.close()
    default.settings_dict["NAME"] = "tidings_is_away"
    answer = Client(headers={"accept-language": "en"}).get("/")
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    assert "The database does not answer" in answer.content.decode()
    program = Client(headers={"accept": "application/json"}).get("/")
    assert program.status_code == 503 and program.json()["code"] == "server.503"


@pytest.mark.django_db
def test_an_expired_form_is_explained() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/account/login/", {"login": "a@example.org", "password": "x"})
    assert answer.status_code == 403
    assert "This form has expired" in answer.content.decode()


@pytest.mark.django_db
def test_a_refusal_names_what_is_missing_and_is_a_403() -> None:
    answer = signed_in(make_dispatcher()).get("/audit/")
    assert answer.status_code == 403
    assert "You may not do this" in answer.content.decode()


def test_an_error_without_a_sentence_still_says_its_code() -> None:
    assert "no.such_code" in say(Refused("no.such_code"))


@pytest.mark.parametrize(("https", "secure"), [("1", True), ("", False)])
def test_over_https_cookies_are_secure_and_hsts_is_sent(https: str, secure: bool) -> None:
    asked = (
        "import json\nfrom tidings.config import settings as s\n"
        "print(json.dumps([s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0,"
        " s.SESSION_COOKIE_HTTPONLY]))"
    )
    environment = {**os.environ, "TIDINGS_HTTPS": https or "0"}
    said = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, check=True)
    assert json.loads(said.stdout) == [secure, secure, secure, True]
