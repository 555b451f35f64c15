"""How large a request may be. Stands before Django, which would first write the whole of it to disk."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection
from django.http.cookie import parse_cookie
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

from tidings.kernel import disk
from tidings.ui.words import say

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_BYTES = 10 << 20
"""Every form and message of ours is far smaller."""

MOST_FILE_BYTES = (1 << 30) + (1 << 20)
"""A file to import, and the form around it."""

FILE_PATHS = ("/shipments/import/",)


class _TooLarge(Exception):
    """More came than was announced or allowed."""


def limited(application: Application, is_signed_in: Callable[[Scope], Awaitable[bool]]) -> Application:
    """Answers 413 with one sentence to a request that announces or turns out to be more than its page may take.

    A stranger may send no file: what comes is on our disk before Django asks who they are.
    """

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        takes_files = scope["path"] in FILE_PATHS and scope["method"] == "POST"
        most = MOST_FILE_BYTES if takes_files and await is_signed_in(scope) else MOST_BYTES
        if _announced(scope) > most:
            await _refuse(scope, send, most)
            return
        answered = False

        async def answering(message: Mapping[str, Any]) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await application(scope, _counted(receive, most), answering)
        except _TooLarge:
            if not answered:
                await _refuse(scope, send, most)
        except OSError as wrong:
            full = disk.told(wrong)
            if full is None or answered:
                raise
            await _say(
                scope, send, 503, lambda: say(full)
            )  # Django writes what comes to a disk before it looks at it

    return guarded


async def has_session(scope: Scope) -> bool:
    """Whether somebody is signed in under the request's cookie. What they may do is asked later."""
    cookies = parse_cookie(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1"))
    key = cookies.get(settings.SESSION_COOKIE_NAME)
    return key is not None and await sync_to_async(is_of_somebody)(key)


def is_of_somebody(key: str) -> bool:
    """Whether this session is somebody's still: one that ended with a password or with roles may stand in its table for days.

    Read only: Django's own question would give the session another key, which nobody would tell the browser.
    """
    people = get_user_model()
    try:
        session = SessionStore(key).load()
        person = people._default_manager.filter(pk=str(session.get(SESSION_KEY)), is_active=True).first()
    except (DatabaseError, ValidationError, ValueError):
        return False
    finally:
        connection.close()
    held = str(session.get(HASH_SESSION_KEY, ""))
    good = [person.get_session_auth_hash(), *person.get_session_auth_fallback_hash()] if person else []
    return any(constant_time_compare(held, one) for one in good)


def _counted(receive: Receive, most: int) -> Receive:
    size = 0

    async def counting() -> MutableMapping[str, Any]:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise _TooLarge
        return message

    return counting


def _announced(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


async def _refuse(scope: Scope, send: Send, most: int) -> None:
    said = {"megabytes": most >> 20}
    await _say(
        scope,
        send,
        413,
        lambda: _("This is more than the %(megabytes)s MB that may be sent here. Nothing was taken.") % said,
    )


async def _say(scope: Scope, send: Send, status: int, words: Callable[[], str]) -> None:
    with translation.override(_language(scope)):
        sentence, language = escape(words()), translation.get_language() or "en"
    body = (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{status}</title><p>{sentence}'
    ).encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"content-security-policy", b"default-src 'none'"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _language(scope: Scope) -> str:
    accepted = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
    for code, _weight in parse_accept_lang_header(accepted.lower()):
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return "en"
