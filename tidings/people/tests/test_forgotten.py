"""A forgotten password: asked for on the pages, answered by a mail that the sender sends and the catcher keeps."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from tests.cast import PASSWORD, make_person, signed_in
from tests.processes import free_port, running, wait_for_port
from tidings.kernel.clock import now
from tidings.kernel.installation import start_demo
from tidings.kernel.jobs import run_waiting
from tidings.kernel.models import AuditLine
from tidings.kernel.registry import domain_modules
from tidings.messaging.models import CaughtMail, FrozenText, Recipient
from tidings.messaging.rules.reading import read_mail
from tidings.people.models import User
from tidings.people.rules import Role

ASK, SENT, SIGN_IN = "/people/password/", "/people/password/sent/", "/account/login/"
NEW = "another long enough password"


@pytest.fixture(autouse=True)
def our_road(settings: Any) -> None:
    """The worker's jobs, and our own mail backend: test runners put another in its place."""
    domain_modules("jobs")
    settings.EMAIL_BACKEND = "tidings.messaging.account_mail.AccountMail"


def ask(address: str, client: Client | None = None) -> tuple[int, str]:
    """What somebody is answered: status, and the words of the page they come to."""
    client = client or Client()
    answer = client.post(ASK, {"email": address}, follow=True)
    return answer.status_code, answer.content.decode()


def mailed_link() -> str:
    """The path of the link in the newest mail that waits for the sender."""
    source = FrozenText.objects.latest("broadcast__created_at").source
    found = re.search(r"http://testserver(/people/password/[^\"\s]+)", str(source))
    assert found
    return found[1]


def caught(address: str, log: Path, count: int) -> list[tuple[str, str, str]]:
    """Language, subject and text of the mails to one address, oldest first, once there are `count`."""
    give_up = time.monotonic() + 60
    while (mails := CaughtMail.objects.filter(recipients=address).order_by("caught_at")).count() < count:
        assert time.monotonic() < give_up, log.read_text()
        time.sleep(0.1)
    return [(mail.language, mail.subject, read_mail(bytes(mail.raw)).text) for mail in mails]


@pytest.fixture
def post_office(own_database: str, tmp_path: Path) -> Iterator[Path]:
    """A demo with a sender and a catcher."""
    start_demo("test", "Noordster Express")
    port, log, home = str(free_port()), tmp_path / "log", tmp_path / "home"
    home.mkdir()
    own = {
        "TIDINGS_HOME": str(home),
        "TIDINGS_CATCHER_PORT": port,
        "TIDINGS_KEY_FILE": str(tmp_path / "master.key"),
    }
    log.touch()
    with running("catcher", log=log, **own) as catcher, running("sender", log=log, **own):
        wait_for_port(int(port), catcher, log)
        yield log


def test_a_forgotten_password_is_set_anew_with_a_mail_in_the_persons_language(post_office: Path) -> None:
    user = make_person(Role.DISPATCHER, name="Wei Chen", email="wei@example.org", language="zh-hans")
    elsewhere = signed_in(user)
    assert elsewhere.get("/").status_code == 200
    browser = Client(headers={"host": "localhost", "Accept-Language": "nl"})
    assert "Wachtwoord vergeten?" in browser.get(SIGN_IN).content.decode()
    _status, page = ask("Wei@Example.org", browser)
    assert "Kijk in uw mailbox" in page and "Opgevangen mail" in page
    run_waiting()
    [(language, subject, text)] = caught("wei@example.org", post_office, 1)
    assert (language, subject) == ("zh-hans", "Noordster Express：设置新密码")
    assert "Wei Chen，您好" in text
    link = re.search(r"http://localhost(/people/password/\S+)", text)
    assert link
    assert browser.get(link[1]).status_code == 200
    assert browser.post(link[1], {"password": NEW}).headers["Location"] == SIGN_IN
    assert elsewhere.get("/").status_code == 302, "every session has ended"
    assert browser.post(SIGN_IN, {"login": user.email, "password": NEW}).status_code == 302
    assert browser.get("/").status_code == 200
    assert caught("wei@example.org", post_office, 2)[1][1] == "Noordster Express：您的密码已更改"


@pytest.mark.django_db
def test_a_mailed_link_works_once_and_leaves_its_lines_in_the_audit() -> None:
    user = make_person(Role.AGENT)
    ask(user.email)
    run_waiting()
    link, browser = mailed_link(), Client()
    assert browser.post(link, {"password": "short"}).status_code == 200
    assert browser.post(link, {"password": NEW}).status_code == 302
    answer = browser.get(link)
    assert answer.status_code == 404 and ASK in answer.content.decode()
    assert browser.post(link, {"password": PASSWORD}).status_code == 404
    user.refresh_from_db()
    assert user.check_password(NEW)
    lines = AuditLine.objects.filter(verb__startswith="password.").order_by("id")
    assert list(lines.values_list("verb", flat=True)) == ["password.ask", "password.own"]


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "status"), [(59, 200), (61, 404)])
def test_a_mailed_link_is_good_for_an_hour(minutes: int, status: int) -> None:
    ask(make_person(Role.AGENT).email)
    run_waiting()
    link = mailed_link()
    with time_machine.travel(now() + timedelta(minutes=minutes)):
        assert Client().get(link).status_code == status


@pytest.mark.django_db
def test_a_password_set_meanwhile_kills_the_mailed_link() -> None:
    user = make_person(Role.AGENT)
    ask(user.email)
    run_waiting()
    link = mailed_link()
    user.set_password(NEW)
    user.save(update_fields=["password"])
    assert Client().get(link).status_code == 404


@pytest.mark.django_db
def test_known_unknown_and_ended_addresses_are_answered_alike_and_only_the_known_one_is_mailed() -> None:
    known, ended = make_person(Role.AGENT), make_person(Role.AGENT)
    User.objects.filter(pk=ended.pk).update(is_active=False, ended_at=now())
    answers = {
        re.sub(r'value="[^"]*"', "", ask(one)[1]) for one in (known.email, ended.email, "no@example.org")
    }
    assert len(answers) == 1
    run_waiting()
    assert list(Recipient.objects.values_list("address", flat=True)) == [known.email]


@pytest.mark.django_db
def test_a_mailbox_is_not_filled_by_asking_again_and_again() -> None:
    cache.clear()
    statuses = [ask("ilse@example.org")[0] for _time in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert ask("jan@example.org")[0] == 200


@pytest.mark.django_db
def test_what_is_no_address_is_said_beside_the_field() -> None:
    answer = Client().post(ASK, {"email": "ilse"})
    assert answer.status_code == 200 and "error" in answer.content.decode()
    assert not Recipient.objects.exists()
