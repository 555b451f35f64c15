"""Takes a page in every way and judges it: axe, its width, its title, what the console said."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from tests.house import House
from tests.shots.people import remember, signed_in
from tests.shots.spots import Spot

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDTHS = {360: 740, 1440: 900}
SCHEMES = ("light", "dark")
LANGUAGES = ("en", "nl", "zh-hans")
_BROWSER = {"en": "en-GB", "nl": "nl-NL", "zh-hans": "zh-CN"}
_HEIGHT = "() => document.documentElement.scrollHeight"
_TOO_WIDE = "() => document.documentElement.scrollWidth - window.innerWidth"
# Half a sentence of HTML that came out as text, or a value nobody formatted.
_RAW = r"""() => [...document.body.innerText.matchAll(
  /&(?:amp|lt|gt|quot|#\d+);|\{\{|\{%|%\(\w+\)s|\bNone\b|\bundefined\b|\d{4}-\d\d-\d\dT\d\d:\d\d|[\u4e00-\u9fff] [，。：；、（）！？]|[，。：；、（）！？] [\u4e00-\u9fff]/g
)].map(found => found[0])"""
Say = Callable[[str], None]


class Camera:
    """One browser, one house, one folder. `say` hears what is to be mended."""

    def __init__(self, opened: "Browser", home: House, target: Path, say: Say) -> None:
        from axe_playwright_python.sync_playwright import Axe

        self.opened, self.home, self.target, self.say = opened, home, target, say
        self._axe = Axe()
        self._titles: dict[tuple[str, str], Spot] = {}

    def take(self, spots: list[Spot], language: str, *, thorough: bool) -> None:
        """Every page in one language, loaded once and turned to each width and scheme.

        A thorough look has axe in every way, another only once per page: words change little that axe sees. A mail, which
        has one language, lies in a sandbox where no script of axe's runs.
        """
        for reader in dict.fromkeys(spot.reader for spot in spots):
            with self.opened.new_context(locale=_BROWSER[language]) as context:
                page = signed_in(context, self.home, reader)
                heard: list[str] = []
                page.on("console", lambda said: heard.append(said.text) if said.type == "error" else None)  # noqa: B023
                for spot in spots:
                    if spot.reader == reader and spot.language in ("", language):
                        heard.clear()
                        self._take(page, spot, language, thorough=thorough)
                        for text in heard if not spot.name.startswith("error:") else ():
                            self.say(f"{spot.name}: the console says: {text[:160]}")
                if reader:
                    remember(context, reader)

    def _take(self, page: "Page", spot: Spot, language: str, *, thorough: bool) -> None:
        self._open(page, spot)
        folder = folder_of(self.target, spot)
        folder.mkdir(exist_ok=True)
        if not spot.language:
            other = self._titles.setdefault((language, page.title()), spot)
            if urlsplit(other.path).path != urlsplit(spot.path).path:
                self.say(f"{spot.name}: the same title as {other.name} in {language}: {page.title()!r}")
        for found in sorted(set(page.evaluate(_RAW))):
            if (found, language) == ("None", "en"):  # there it is a word: no encryption
                continue
            self.say(f"{spot.name}: raw {found!r} in {language}")
        for width, scheme in _ways():
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.set_viewport_size({"width": width, "height": WIDTHS[width]})
            too_wide = page.evaluate(_TOO_WIDE)
            if too_wide > 0:
                self.say(f"{spot.name}: {too_wide} px too wide at {width} in {language}")
            if not spot.language and (thorough or (width, scheme) == (1440, "light")):
                self._judge(page, spot, f"{width} {scheme} {language}")
            for _turn in range(2):  # what is as tall as the window lets the page grow once more
                tall = max(WIDTHS[width], page.evaluate(_HEIGHT))
                page.set_viewport_size({"width": width, "height": tall})
            page.screenshot(
                path=str(folder / f"{language}-{width}-{scheme}.jpg"), full_page=True, type="jpeg", quality=80
            )

    def _open(self, page: "Page", spot: Spot) -> None:
        """Goes there; where the page first wants to know that it is still them, says so."""
        if spot.path.startswith("/fault/"):
            _fault(page, int(spot.path.strip("/").rpartition("/")[2]))
        page.goto(urljoin(self.home.address, spot.path))
        if "/reauthenticate/" in page.url and spot.name != "account_reauthenticate":
            page.fill("main [name=password]", self.home.passwords[spot.reader][1])
            page.click("main button.primary")
            page.wait_for_selector("nav.rail")

    def _judge(self, page: "Page", spot: Spot, way: str) -> None:
        for broken in self._axe.run(page).response["violations"]:
            where = broken["nodes"][0]["target"][0]
            self.say(f"{spot.name}: axe {broken['id']} at {where} ({way})")


def folder_of(target: Path, spot: Spot) -> Path:
    return target / spot.name.replace(":", "-")


def _ways() -> Iterator[tuple[int, str]]:
    for width in WIDTHS:
        for scheme in SCHEMES:
            yield width, scheme


def _fault(page: "Page", status: int) -> None:
    """The page of an error that cannot be brought about at will: made here, in the reader's language, answered at its address."""
    from django.test import RequestFactory
    from django.utils import translation

    from tidings.people.models import User
    from tidings.ui import errors

    request: Any = RequestFactory().get(f"/fault/{status}/", headers={"accept": "text/html"})
    makers = {400: errors.bad_request, 403: errors.forbidden, 500: errors.broken, 503: errors.unavailable}
    with translation.override(User.objects.values_list("language", flat=True)[0]):
        make = makers.get(status, errors.csrf_failure)
        body = make(request).content.decode()
    page.route(
        f"**/fault/{status}/",
        lambda route: route.fulfill(status=200, body=body, content_type="text/html; charset=utf-8"),
    )
