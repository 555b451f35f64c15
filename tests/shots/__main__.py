"""Takes the pictures: `shots/<page>/…` and `shots/<page>.jpg`, one contact sheet per page, and `shots/index.html`.

Prints what axe, the console and the widths showed, and names every page without a picture. Exit code 1 when there is
anything to mend.
"""

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

from tests.browser import WITHOUT_BROWSER, browser
from tests.house import house
from tests.shots import camera, people, sheets, spots, story

TARGET = Path(__file__).resolve().parent.parent.parent / "shots"


def main() -> int:
    parser = argparse.ArgumentParser(prog="shots", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="only pages whose name holds one of these, with commas")
    parser.add_argument("--languages", default=",".join(camera.LANGUAGES))
    parser.add_argument(
        "--no-demo", action="store_true", help="leave the firm empty: the pages before the first shipment"
    )
    chosen = parser.parse_args()
    if WITHOUT_BROWSER:
        sys.stdout.write(f"Skipped: {WITHOUT_BROWSER}\n")
        return 0
    # Playwright's synchronous form runs an event loop in this thread.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir()
    findings: dict[str, int] = {}
    started = time.monotonic()
    taken = _take(chosen, findings)
    for what, times in sorted(findings.items()):
        sys.stdout.write(f"- {what}{f' ({times} times)' if times > 1 else ''}\n")
    sys.stdout.write(
        f"{taken} pages, {len(list(TARGET.glob('*/*.jpg')))} pictures, {len(findings)} findings, "
        f"{time.monotonic() - started:.0f} s: {TARGET}/index.html\n"
    )
    return 1 if findings else 0


def _take(chosen: argparse.Namespace, findings: dict[str, int]) -> int:
    def say(what: str) -> None:
        findings[what] = findings.get(what, 0) + 1

    with house() as home, browser() as opened:
        if not chosen.no_demo:
            story.tell(say)
        people.give_second_factor()
        known = spots.found(opened, home, say)
        parts = chosen.only.split(",")
        wanted = [spot for spot in known if any(part in spot.name for part in parts)]
        eye = camera.Camera(opened, home, TARGET, say)
        for language in chosen.languages.split(","):
            people.speak(language)
            eye.take(wanted, language, thorough=language == camera.LANGUAGES[0])
        drawn = [(spot.name, spot.path, camera.folder_of(TARGET, spot)) for spot in wanted]
        sheets.draw(opened, [one for one in drawn if one[2].exists()])
        for what in spots.missing({spot.name for spot in known}) if not chosen.no_demo else ():
            say(what)
    sheets.index(TARGET)
    return len(wanted)


if __name__ == "__main__":
    sys.exit(main())
