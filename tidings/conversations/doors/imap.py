"""A mailbox that is read over IMAP: takes what is in a folder, keeps it, and then moves it away or marks it as read.

RFC 3501 (IMAP4rev1), 2971 (ID), 6851 (MOVE), 4315 (UIDPLUS), 7628 and Google's XOAUTH2 page, read 2026-12-01. ID goes before
SELECT: 163, 126 and yeah.net refuse who does not name itself ("SELECT Unsafe Login", seen 2021 to 2026 in many programs' issues).
Mail that a person reads meanwhile is not lost: a mail is known by its UID, never by its flag.
"""

import asyncio
import imaplib
import json
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from imap_tools import BaseMailBox, ImapToolsError

from tidings.conversations.doors.base import Keep, Looked, Way, secret
from tidings.kernel import outbound
from tidings.kernel.errors import Refused, TryLater

_SECONDS = 30.0
_AT_ONCE = 200
_AWAY = (OSError, EOFError, imaplib.IMAP4.abort, TimeoutError)
_SAID_NO = (ImapToolsError, imaplib.IMAP4.error)
_ID = '("name" "Tidings" "version" "1" "vendor" "Tidings" "support-email" "postmaster@localhost")'


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """`moves_to` empty leaves mails where they are, marked as read. With `token_url` XOAUTH2 signs in, by a refresh token."""

    host: str
    port: int = 993
    security: str = "tls"
    user: str = ""
    password: str = secret()
    folder: str = "INBOX"
    moves_to: str = ""
    token_url: str = ""
    client_id: str = ""
    client_secret: str = secret()
    refresh_token: str = secret()


class Imap(Way):
    """Signs in, names itself, takes what is new. Each turn is a connection of its own, so that no broken one is kept."""

    code = "imap"
    polls = True
    Settings = ImapSettings

    def look(self) -> Looked:
        with self._folder() as box:
            return Looked(waiting=len(box.uids("ALL", charset=None)))

    def bring(self, keep: Keep, position: Mapping[str, Any]) -> Looked:
        with self._folder() as box:
            validity = _validity(box)
            read_to = int(position.get("uid", 0)) if position.get("validity") == validity else 0
            waiting = self._waiting(box, read_to)
            taken = waiting[:_AT_ONCE]
            for uid in taken:
                raw = _raw(box, uid)
                if raw:
                    keep(raw, ())
                self._put_away(box, uid)
                read_to = max(read_to, uid)
            return Looked(len(taken), len(waiting) - len(taken), {"validity": validity, "uid": read_to})

    def _waiting(self, box: BaseMailBox, read_to: int) -> list[int]:
        """Where mails are moved away, all that is there; else what is newer than what was read."""
        wanted = "UNDELETED" if self.settings.moves_to else f"UID {read_to + 1}:*"
        found = sorted(int(uid) for uid in box.uids(wanted, charset=None))
        return found if self.settings.moves_to else [uid for uid in found if uid > read_to]

    def _put_away(self, box: BaseMailBox, uid: int) -> None:
        """Never expunges: what others marked as deleted is theirs."""
        if not self.settings.moves_to:
            _said(box.client.uid("STORE", str(uid), "+FLAGS", r"(\Seen)"))
            return
        target = box.client._quote(self.settings.moves_to)
        if "MOVE" in box.client.capabilities:
            _said(box.client.uid("MOVE", str(uid), target))
            return
        _said(box.client.uid("COPY", str(uid), target))
        _said(box.client.uid("STORE", str(uid), "+FLAGS", r"(\Seen \Deleted)"))
        if "UIDPLUS" in box.client.capabilities:
            _said(box.client.uid("EXPUNGE", str(uid)))

    # Signing in.

    @contextmanager
    def _folder(self) -> Iterator[BaseMailBox]:
        """The folder, open for writing. Raises TryLater and Refused in our words."""
        token = self._token() if self.settings.token_url else ""
        try:
            box = _Box(self.settings)
        except ssl.SSLCertVerificationError:
            raise Refused("door.certificate", host=self.settings.host) from None
        except (*_AWAY, *_SAID_NO):
            raise TryLater("door.no_answer", host=self.settings.host) from None
        try:
            self._sign_in(box, token)
            if self.settings.moves_to and not box.folder.exists(self.settings.moves_to):
                _said(box.client._simple_command("CREATE", box.client._quote(self.settings.moves_to)))
            self._select(box)
            yield box
        except _AWAY as away:
            raise TryLater("door.no_answer", host=self.settings.host) from away
        except _SAID_NO as no:
            raise TryLater("door.said_no", host=self.settings.host) from no
        finally:
            _leave(box)

    def _sign_in(self, box: BaseMailBox, token: str) -> None:
        try:
            if token:
                box.xoauth2(self.settings.user, token, initial_folder=None)
            elif self.settings.user.isascii() and self.settings.password.isascii():
                box.login(self.settings.user, self.settings.password, initial_folder=None)
            else:
                box.login_utf8(self.settings.user, self.settings.password, initial_folder=None)
        except imaplib.IMAP4.abort:
            raise
        except _SAID_NO:
            raise Refused("door.sign_in", host=self.settings.host) from None
        box.client._get_capabilities()  # many servers offer more to who is signed in
        if "ID" in box.client.capabilities:
            imaplib.Commands.setdefault("ID", ("NONAUTH", "AUTH", "SELECTED"))
            box.client._simple_command("ID", _ID)

    def _select(self, box: BaseMailBox) -> None:
        try:
            box.folder.set(self.settings.folder)
        except imaplib.IMAP4.abort:
            raise
        except _SAID_NO:
            raise Refused("door.no_folder", folder=self.settings.folder) from None

    def _token(self) -> str:
        """An access token for this turn, for the refresh token (RFC 6749, section 6)."""
        form = {
            "grant_type": "refresh_token",
            "client_id": self.settings.client_id,
            "refresh_token": self.settings.refresh_token,
        }
        if self.settings.client_secret:
            form["client_secret"] = self.settings.client_secret
        kind = {"content-type": "application/x-www-form-urlencoded"}
        answer = outbound.fetch(
            "POST", self.settings.token_url, headers=kind, content=urlencode(form).encode()
        )
        try:
            token = str(json.loads(answer.body)["access_token"])
        except (ValueError, KeyError, TypeError):
            token = ""
        if answer.status != 200 or not token:
            raise Refused("door.token", status=answer.status)
        return token


class _Box(BaseMailBox):
    """A mailbox on a connection to a checked address: the name is resolved once, by the outbound door."""

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        settings = self._settings
        address = asyncio.run(outbound.checked_addresses(settings.host, settings.port))[0]
        context = ssl.create_default_context()
        if settings.security == "tls":
            return _Tls(settings.host, settings.port, address, context)
        client = _Plain(settings.host, settings.port, address)
        if settings.security == "starttls":
            client.starttls(context)
        return client


class _Plain(imaplib.IMAP4):
    def __init__(self, host: str, port: int, address: str) -> None:
        self._address = address
        super().__init__(host, port, _SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return socket.create_connection((self._address, self.port), timeout)


class _Tls(imaplib.IMAP4_SSL):
    def __init__(self, host: str, port: int, address: str, context: ssl.SSLContext) -> None:
        self._address = address
        super().__init__(host, port, ssl_context=context, timeout=_SECONDS)

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        plain = socket.create_connection((self._address, self.port), timeout)
        return cast(ssl.SSLSocket, self.ssl_context.wrap_socket(plain, server_hostname=self.host))


def _validity(box: BaseMailBox) -> str:
    """UIDVALIDITY: where it changed, every UID means another mail."""
    found = box.client.response("UIDVALIDITY")[1]
    return found[0].decode() if found and found[0] else ""


def _raw(box: BaseMailBox, uid: int) -> bytes:
    """The mail as it is, without marking it; empty where somebody took it away meanwhile."""
    answer = _said(box.client.uid("FETCH", str(uid), "(BODY.PEEK[])"))
    return next((part[1] for part in answer if isinstance(part, tuple)), b"")


def _said(answer: tuple[str, list[Any]]) -> list[Any]:
    if answer[0] != "OK":
        raise imaplib.IMAP4.error("said no")
    return answer[1]


def _leave(box: BaseMailBox) -> None:
    try:
        box.client.logout()
    except (*_AWAY, *_SAID_NO):
        box.client.shutdown()
