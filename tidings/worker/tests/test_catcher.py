"""The catcher as a real process: what it answers 250 to is kept, and can be read again."""

import smtplib
import socket
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.processes import free_port, running, wait_for_port
from tidings.messaging.models import CaughtMail
from tidings.messaging.rules.reading import read_mail
from tidings.worker.catcher import Catcher


def test_a_mail_is_kept_as_it_came_before_it_is_answered(own_database: str, tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "notices@example.org", "wang@example.org"
    mail["Subject"] = "您的3票快件：芬洛分拨中心火灾最新进展"
    mail.set_content("您好。\n.一行以点开头\n")
    mail["Content-Language"] = "zh-hans"
    port, log = free_port(), tmp_path / "catcher.log"
    with running("catcher", log=log, TIDINGS_CATCHER_PORT=str(port)) as process:
        wait_for_port(port, process, log)
        with smtplib.SMTP("127.0.0.1", port) as client:
            assert client.ehlo()[0] == 250
            assert client.has_extn("pipelining")
            assert client.send_message(mail) == {}
            kept = CaughtMail.objects.get()
    assert (kept.subject, kept.language) == ("您的3票快件：芬洛分拨中心火灾最新进展", "zh-hans")
    assert kept.recipients == "wang@example.org"
    assert read_mail(bytes(kept.raw)).text.replace("\r\n", "\n") == "您好。\n.一行以点开头\n"


def test_a_taken_port_gets_one_sentence(own_database: str, tmp_path: Path) -> None:
    log = tmp_path / "catcher.log"
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        with running("catcher", log=log, TIDINGS_CATCHER_PORT=port) as process:
            assert process.wait(20) == 1
    assert log.read_text().count("\n") == 1
    assert port in log.read_text()


@pytest.mark.parametrize(
    "header",
    [
        b"Subject: =?utf-7?q?+2AA-?=",
        b"Subject: =?utf-8?b?a?=",
        b"Subject: a\0b",
        b"Content-Language: e\0n",
        b"Subject: \xff\xfe",
    ],
)
def test_no_header_is_more_than_the_database_can_keep(header: bytes) -> None:
    catcher = Catcher()
    catcher._take("a\0@example.org", ["b\udcff@example.org"], header + b"\r\n\r\nx\r\n", lambda: None)
    kept, _ = catcher._waiting.get_nowait()
    for text in (one for one in kept if isinstance(one, str)):
        assert "\0" not in text
        text.encode("utf-8")
