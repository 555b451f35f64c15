"""The thin road with the real processes: planned here, sent by the sender, read again from the catcher."""

import base64
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation

from tests.processes import free_port, running, wait_for_port
from tidings.kernel.clock import now
from tidings.kernel.installation import start_demo
from tidings.messaging import actions, queries
from tidings.messaging.account_mail import AccountMail
from tidings.messaging.models import CaughtMail, Recipient
from tidings.messaging.rules.reading import read_mail
from tidings.messaging.rules.wording import code_of
from tidings.messaging.tests.cast import ABOUT, WRITER, make_audience, make_message, make_sent
from tidings.worker.sender import hello


@pytest.fixture
def demo(own_database: str) -> None:
    start_demo("test", "Example Express")


@pytest.fixture
def post_office(own_database: str, tmp_path: Path) -> Iterator[Path]:
    """A sender and a catcher on the test's own database and home."""
    port, log = str(free_port()), tmp_path / "log"
    log.touch()
    home = {"TIDINGS_HOME": str(tmp_path / "home"), "TIDINGS_CATCHER_PORT": port}
    (tmp_path / "home").mkdir()
    key = {"TIDINGS_KEY_FILE": str(tmp_path / "master.key")}
    with running("catcher", log=log, **home, **key) as catcher, running("sender", log=log, **home, **key):
        wait_for_port(int(port), catcher, log)
        wait_until((tmp_path / "home" / "epoch").exists, log)
        yield log


def wait_until(done: Callable[[], bool], log: Path, seconds: float = 60) -> None:
    give_up = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < give_up, log.read_text()
        time.sleep(0.1)


def signed(recipient: Recipient) -> str:
    """The part of a link's token that the key does not change."""
    return base64.urlsafe_b64encode(recipient.pk.bytes)[:21].decode()


def test_each_contact_gets_one_mail_in_their_language_and_the_page_adds_up(
    demo: None, post_office: Path
) -> None:
    message = make_message()
    later = now().replace(year=2030)
    assert actions.send_message(WRITER, message, make_audience(30, due_by=later)) == 30
    wait_until(lambda: CaughtMail.objects.count() == 27, post_office)
    wait_until(lambda: queries.reach(ABOUT, now())[0].in_time == 27, post_office)
    [reach] = queries.reach(ABOUT, now())
    assert (reach.total, reach.unreachable, reach.presumed) == (30, 3, 27)
    told = {"en": [], "nl": [], "zh-hans": []}
    for mail in CaughtMail.objects.all():
        told[mail.language].append(mail)
    assert [len(mails) for mails in told.values()] == [9, 9, 9]
    expected = {
        "en": ("Your shipment 1234567890: fire at Venlo", "by Sunday 22 November at 11:00 (UK time)"),
        "nl": ("Uw zending 1234567890: brand in Venlo", "uiterlijk zondag 22 november om 12.00 uur"),
        "zh-hans": ("您的快件（运单号1234567890）：Venlo发生火灾", "最迟将于北京时间11月22日（星期日）19:00"),
    }
    for language, (subject, promise) in expected.items():
        mail = told[language][0]
        reading = read_mail(bytes(mail.raw))
        recipient = Recipient.objects.get(address=mail.recipients)
        assert mail.subject == subject == dict(reading.headers)["Subject"]
        for part in (reading.text, reading.html):
            said = part.replace("\r\n", "\n")
            assert promise in said and recipient.name in said and code_of(recipient.pk) in said
            assert f"http://127.0.0.1:{settings.TIDINGS_PORT}/m/{signed(recipient)}" in said
        assert f'lang="{language}"' in reading.html


def test_outside_demo_and_drill_what_the_catcher_took_reached_nobody_and_account_mail_takes_the_same_road(
    post_office: Path,
) -> None:
    _send_account_mail()
    make_sent(10)
    make_sent(10, about="DRILL-1", drill=True)
    wait_until(lambda: CaughtMail.objects.count() == 19, post_office)
    wait_until(lambda: queries.reach("DRILL-1", now())[0].reached == 9, post_office)
    [real] = queries.reach(ABOUT, now())
    assert real.reached == 0
    assert real.under_way + real.overdue == 9
    exercise = CaughtMail.objects.filter(subject__startswith="EXERCISE").first()
    assert exercise is not None
    assert "This is an exercise." in read_mail(bytes(exercise.raw)).text
    account = CaughtMail.objects.get(recipients="anna@example.org")
    assert account.subject == "Uw wachtwoord"
    assert "https://example.org/{x}/" in read_mail(bytes(account.raw)).text


def _send_account_mail() -> None:
    with translation.override("nl"):
        mail = EmailMessage(
            "Uw wachtwoord", "Beste Anna,\n\nvolg https://example.org/{x}/", to=["anna@example.org"]
        )
        assert AccountMail().send_messages([mail]) == 1


@pytest.mark.parametrize(
    ("host", "greets"), [("mail1.example.org", "mail1.example.org"), ("mail1", "firm.example.org")]
)
def test_the_sender_greets_by_a_whole_name(host: str, greets: str) -> None:
    assert hello(host, "firm.example.org") == greets
