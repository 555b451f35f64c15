"""Signing in as the demo's people, once each, and the language they read."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from tests.house import House

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

CAREFUL = "auditor"  # has a second factor
HALFWAY = "halfway"  # gave the password, not yet the code
_sessions: dict[str, Any] = {}
_secrets: list[str] = []


def signed_in(context: "BrowserContext", home: House, reader: str) -> "Page":
    """A page of somebody who signed in; the sign-in itself is done once per reader. No reader is nobody."""
    page = context.new_page()
    if not reader:
        return page
    if reader in _sessions:
        context.add_cookies(_sessions[reader])
        return page
    email, password = home.passwords[CAREFUL if reader == HALFWAY else reader]
    page.goto(urljoin(home.address, "account/login/"))
    page.fill("[name=login]", email)
    page.fill("[name=password]", password)
    page.click("main button.primary")
    if reader == HALFWAY:
        page.wait_for_selector("[name=code]")
    elif reader == CAREFUL:
        page.fill("[name=code]", _code())
        page.click("main button.primary")
    if reader != HALFWAY:
        page.wait_for_selector("nav.rail")
    remember(context, reader)
    return page


def remember(context: "BrowserContext", reader: str) -> None:
    """Keeps the session as it is now: proving oneself again gives it another key."""
    _sessions[reader] = context.cookies()


def speak(language: str) -> None:
    """Everybody reads this language from now on."""
    from tidings.people.models import User

    User.objects.update(language=language)


def give_second_factor() -> None:
    """The careful reader's, with recovery codes."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from tidings.people.models import User

    user = User.objects.get(roles_held__role=CAREFUL)
    _secrets.append(generate_totp_secret())
    TOTP.activate(user, _secrets[0])
    RecoveryCodes.activate(user)


def _code() -> str:
    from tests.cast import code_now  # here: the models need Django

    return code_now(_secrets[0])
