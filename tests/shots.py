"""`make shots`: every page as a picture, at 360 and 1440 px, light and dark, in every language, and axe over each.

Walks the links from the worklist as the demo's people, so that each address pattern gets a real example. Writes
`shots/<page>.png`, one contact sheet per page, and `shots/index.html`; prints what axe, the console and the widths
showed, and names every page without a picture. Exit code 1 when there is anything to mend.
"""

import argparse
import html
import itertools
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from tests.browser import CHROMIUM, WITHOUT_CHROMIUM, browser
from tests.house import House, house

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "shots"
WIDTHS = {360: 740, 1440: 900}
SCHEMES = ("light", "dark")
LANGUAGES = ("en", "nl", "zh-hans")
READERS = ("dispatcher", "administrator", "manager", "auditor")
CAREFUL = "auditor"  # has a second factor
HALFWAY = "halfway"  # gave the password, not yet the code
_BROWSER = {"en": "en-GB", "nl": "nl-NL", "zh-hans": "zh-CN"}
_HEIGHT = "() => document.documentElement.scrollHeight"
NO_PICTURE = {
    "account_logout", "account_inactive", "mfa_index", "mfa_reauthenticate",
    "mfa_download_recovery_codes", "health", "shipments:import_rejected",
    "incidents:reach", "messaging:caught_html", "messaging:relay",
}  # fmt: skip
"""Redirects, files, pages that stand only between two others, parts of a page that has its picture, and a relay's own
page, which a demo may not have: `messaging:new_relay` shows the same form."""
MOST_SECONDS = 1500


@dataclass
class Findings:
    """What is to be mended, each said once."""

    said: dict[str, int] = field(default_factory=dict)

    def add(self, what: str) -> None:
        self.said[what] = self.said.get(what, 0) + 1


@dataclass(frozen=True)
class Spot:
    """One page to take: its pattern's name, an example address, and who reads it."""

    name: str
    path: str
    reader: str


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="only pages whose name holds this")
    parser.add_argument("--languages", default=",".join(LANGUAGES))
    parser.add_argument("--no-demo", action="store_true", help="leave the firm empty")
    chosen = parser.parse_args()
    if CHROMIUM is None:
        sys.stdout.write(f"Skipped: {WITHOUT_CHROMIUM}\n")
        return 0
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
        "1"  # Playwright's synchronous form runs an event loop in this thread
    )
    findings, started = Findings(), time.monotonic()
    with house() as home, browser() as opened:
        if not chosen.no_demo:
            _fill(findings)
        _give_second_factor()
        spots = list(_found(opened, home, findings))
        wanted = [spot for spot in spots if chosen.only in spot.name]
        for language in chosen.languages.split(","):
            _speak(language)
            for width, scheme in itertools.product(WIDTHS, SCHEMES):
                if time.monotonic() - started > MOST_SECONDS:
                    findings.add(f"no time left for {language} at {width}, {scheme}")
                    continue
                _take(opened, home, wanted, (language, width, scheme), findings)
        for spot in wanted:
            _sheet(opened, spot, _folder(spot))
        _name_the_missing({spot.name for spot in spots}, findings)
    _index(sorted(path.stem for path in TARGET.glob("*.png")))
    for what, times in sorted(findings.said.items()):
        sys.stdout.write(f"- {what}{f' ({times} times)' if times > 1 else ''}\n")
    sys.stdout.write(
        f"{len(spots)} pages, {len(findings.said)} findings, {time.monotonic() - started:.0f} s: {TARGET}/index.html\n"
    )
    return 1 if findings.said else 0


def _fill(findings: Findings) -> None:
    """The demo's own story, through its command: shipments, an incident, what was sent."""
    command = [sys.executable, "-m", "tidings", "demo", "--shipments", "600", "--json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        findings.add("`tidings demo` took longer than five minutes")
        return
    if done.returncode:
        findings.add(f"`tidings demo` failed: {done.stderr.strip()[-300:]}")
    _send_a_file()


def _send_a_file() -> None:
    """A file as a dispatcher sends it, so that the pages between sending and importing have something to show."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client

    from tidings.people.models import User

    desk = Client(headers={"host": "127.0.0.1"})
    desk.force_login(User.objects.filter(roles_held__role="dispatcher").first())
    rows = "Waybill;Customer name;E-mail;Promised delivery\n774-1;Tulpen BV;a@example.org;22-11-2026 18:00\n"
    sent = desk.post("/shipments/import/", {"file": SimpleUploadedFile("week 47.csv", rows.encode())})
    desk.post(sent["Location"], {"profile": "scms", "do": "check"})


def _found(opened: "Browser", home: House, findings: Findings) -> Iterator[Spot]:
    """Follows the links of the pages, breadth first, until each address pattern has one example."""
    seen = set(NO_PICTURE)
    for spot in _off_the_path():
        seen.add(spot.name)
        yield spot
    for reader in READERS:
        with opened.new_context() as context:
            page = _signed_in(context, home, reader)
            waiting, known = ["/", *_plain_addresses()], set()
            while waiting:
                path = waiting.pop(0)
                name = _name_of(path)
                if path in known or not name or name in seen:
                    continue
                known.add(path)
                answer = page.goto(urljoin(home.address, path))
                if (
                    answer is None
                    or answer.status != 200
                    or "text/html" not in answer.headers.get("content-type", "")
                ):
                    if answer is not None and answer.status >= 500:
                        findings.add(f"{name}: answers {answer.status}")
                    continue
                seen.add(name)
                yield Spot(name, path, reader)
                links: list[str] = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
                waiting += [urlsplit(link).path for link in links if link.startswith(home.address)]


def _off_the_path() -> Iterator[Spot]:
    """Pages that no link of a working day leads to."""
    from tidings.people.actions import password_link
    from tidings.people.models import User
    from tidings.people.queries import command_actor

    yield Spot("account_login", _address_of("account_login"), "")
    yield Spot("mfa_authenticate", _address_of("mfa_authenticate"), HALFWAY)
    newcomer = User.objects.get(email="agent@example.org")
    link = password_link(command_actor("shots"), newcomer.pk)
    yield Spot("people:new_password", _address_of("people:new_password", *link), "")
    yield Spot("error:403", "/audit/", "dispatcher")
    yield Spot("error:404", "/no/such/page/", "dispatcher")
    yield Spot("account_reauthenticate", _address_of("account_reauthenticate"), CAREFUL)
    for name in ("mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_deactivate_totp"):
        yield Spot(name, _address_of(name), CAREFUL)


def _take(
    opened: "Browser", home: House, spots: list[Spot], way: tuple[str, int, str], findings: Findings
) -> None:
    """Every page in one language, width and scheme. Axe looks at the first language only: words change no structure."""
    language, width, scheme = way
    height = WIDTHS[width]
    size: Any = {"width": width, "height": height}
    for reader, of_reader in itertools.groupby(sorted(spots, key=_reader), _reader):
        with opened.new_context(viewport=size, color_scheme=scheme, locale=_BROWSER[language]) as context:  # type: ignore[arg-type]
            page = _signed_in(context, home, reader) if reader else context.new_page()
            for spot in of_reader:
                heard: list[str] = []
                page.on("console", lambda said, heard=heard: said.type == "error" and heard.append(said.text))  # type: ignore[misc]
                page.set_viewport_size(size)
                _open(page, home, spot)
                _judge(page, spot, width, findings, with_axe=language == LANGUAGES[0])
                page.set_viewport_size({"width": width, "height": max(height, page.evaluate(_HEIGHT))})
                page.screenshot(path=str(_folder(spot) / f"{language}-{width}-{scheme}.png"), full_page=True)
                for text in heard if not spot.name.startswith("error:") else ():
                    findings.add(f"{spot.name}: the console says: {text[:160]}")


def _open(page: "Page", home: House, spot: Spot) -> None:
    """Goes there; where the page first wants to know that it is still them, says so."""
    page.goto(urljoin(home.address, spot.path))
    if "/reauthenticate/" in page.url and spot.name != "account_reauthenticate":
        page.fill("main [name=password]", home.passwords[spot.reader][1])
        page.click("main button.primary")
        page.wait_for_selector("nav.rail")


def _reader(spot: Spot) -> str:
    return spot.reader


def _folder(spot: Spot) -> Path:
    folder = TARGET / spot.name.replace(":", "-")
    folder.mkdir(exist_ok=True)
    return folder


def _judge(page: "Page", spot: Spot, width: int, findings: Findings, *, with_axe: bool) -> None:
    overflow = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    if overflow > 0:
        findings.add(f"{spot.name}: {overflow} px too wide at {width}")
    if not with_axe:
        return
    from axe_playwright_python.sync_playwright import Axe

    for broken in Axe().run(page).response["violations"]:
        where = broken["nodes"][0]["target"][0]
        findings.add(f"{spot.name}: axe {broken['id']} at {where}")


_sessions: dict[str, Any] = {}
_secrets: list[str] = []


def _signed_in(context: "BrowserContext", home: House, reader: str) -> "Page":
    """A page of somebody who signed in; the sign-in itself is done once per reader."""
    page = context.new_page()
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
    _sessions[reader] = context.cookies()
    return page


def _give_second_factor() -> None:
    """The careful reader's, with recovery codes."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from tidings.people.models import User

    user = User.objects.get(roles_held__role=CAREFUL)
    _secrets.append(generate_totp_secret())
    TOTP.activate(user, _secrets[0])
    RecoveryCodes.activate(user)


def _code() -> str:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    return str(format_hotp_value(hotp_value(_secrets[0], next(iter(yield_hotp_counters_from_time())))))


def _speak(language: str) -> None:
    from tidings.people.models import User

    User.objects.update(language=language)


def _plain_addresses() -> list[str]:
    return [f"/{path}" for path, _name in _patterns() if "<" not in path]


def _patterns() -> list[tuple[str, str]]:
    """Every address that answers GET with a page: (pattern, name)."""
    from django.urls import get_resolver

    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list[Any], before: str, space: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            name = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, path, name)
        elif not _only_posts(pattern.callback):
            yield path, f"{space}{pattern.name or path}"


def _only_posts(view: Any) -> bool:
    """Whether `require_POST` stands around a view: its wrapper closes over the list of methods."""
    while view is not None:
        cells = [cell.cell_contents for cell in (getattr(view, "__closure__", None) or ())]
        if any(cell in (["POST"], ("POST",)) for cell in cells if isinstance(cell, list | tuple)):
            return True
        view = getattr(view, "__wrapped__", None)
    return False


def _name_of(path: str) -> str:
    from django.urls import Resolver404, resolve

    try:
        found = resolve(path)
    except Resolver404:
        return ""
    return "" if _only_posts(found.func) else found.view_name


def _address_of(name: str, *parts: str) -> str:
    from django.urls import reverse

    return reverse(name, args=parts)


def _name_the_missing(taken: set[str], findings: Findings) -> None:
    for path, name in _patterns():
        if name not in taken and name not in NO_PICTURE and not path.startswith("api/"):
            findings.add(f"no picture of {name} (/{path})")


def _sheet(opened: "Browser", spot: Spot, folder: Path) -> None:
    """All pictures of a page on one sheet, drawn by Chromium itself."""
    pictures = sorted(folder.glob("*.png"), key=lambda path: (path.stem.split("-")[-2], path.stem))
    cells = "".join(
        f'<figure><figcaption>{path.stem}</figcaption><img src="{path.as_uri()}" class="w{path.stem.split("-")[-2]}"></figure>'
        for path in pictures
    )
    style = "body{margin:16px;font:14px sans-serif;background:#888;display:flex;flex-wrap:wrap;gap:12px;align-items:start;align-content:start}figure{margin:0}.w360{width:240px}.w1440{width:620px}h1{width:100%;margin:0}"
    sheet = folder.with_suffix(".html")
    sheet.write_text(
        f"<meta charset=utf-8><style>{style}</style><h1>{html.escape(spot.name)} {html.escape(spot.path)}</h1>{cells}"
    )
    page = opened.new_page(viewport={"width": 1920, "height": 200})
    page.goto(sheet.as_uri())
    page.screenshot(path=str(folder.with_suffix(".png")), full_page=True)
    page.close()
    sheet.unlink()


def _index(names: list[str]) -> None:
    links = "".join(f'<li><a href="{name}.png">{name}</a></li>' for name in names)
    (TARGET / "index.html").write_text(f"<meta charset=utf-8><title>Pages</title><ul>{links}</ul>")


if __name__ == "__main__":
    sys.exit(main())
