"""The system Chromium for browser tests and pictures. Whoever uses it skips, and says so, where there is none."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def _what_is_missing() -> str:
    if CHROMIUM is None:
        return "no system Chromium: install the package `chromium` to run the browser tests"
    from playwright._impl._driver import compute_driver_executable  # here: see `browser`

    driver, _ = compute_driver_executable()
    started = subprocess.run([driver, "--version"], capture_output=True, text=True)
    if started.returncode:  # a bare Debian has Chromium's libraries, not the driver's
        reason = started.stderr.strip().splitlines()[-1:]
        return f"the browser's driver does not start: install the package `libatomic1` {reason}"
    return ""


WITHOUT_BROWSER = _what_is_missing()
"""Why there is no browser to test with; empty where there is one."""
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--font-render-hinting=none",
)


@contextmanager
def browser() -> Iterator["Browser"]:
    """A headless Chromium that ends with the block."""
    from playwright.sync_api import (
        sync_playwright,  # here: a machine without the developers' packages imports this too
    )

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(FLAGS))
        try:
            yield opened
        finally:
            opened.close()
