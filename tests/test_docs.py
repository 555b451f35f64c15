"""What a user may set, type or meet stands in `docs/`."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from tests.reference import FOLDER, PAGES, error_codes_raised
from tidings.config.environment import CHECKOUT
from tidings.kernel.registry import plugins
from tidings.messaging.channels.base import Channel
from tidings.ui.words import sentences

CHANNELS = plugins("tidings.messaging.channels", Channel)


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_is_what_the_code_says(name: str) -> None:
    written = FOLDER / name
    assert written.exists(), "run bin/reference"
    assert written.read_text() == PAGES[name](), "run bin/reference"


def test_every_error_that_is_raised_has_a_sentence() -> None:
    assert error_codes_raised() - set(sentences()) == set()


def test_every_link_between_our_pages_leads_somewhere() -> None:
    dead = [
        f"{page.relative_to(CHECKOUT)}: {target}"
        for page in [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")]
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert not dead


@pytest.mark.parametrize("code", CHANNELS)
def test_every_channel_has_a_page_that_names_its_settings(code: str) -> None:
    page = FOLDER / "channels" / f"{code}.md"
    assert page.exists(), "say which account it needs, its settings, its limits, and how it was tested"
    written = page.read_text()
    assert page.name in (FOLDER / "channels" / "README.md").read_text()
    missing = [
        f"`{field.name}`" for field in fields(CHANNELS[code].Settings) if f"`{field.name}`" not in written
    ]
    parts = ("## What you need", "## Settings", "## Limits", "## How it was tested")
    assert not missing + [part for part in parts if part not in written]


def test_the_docs_have_their_four_parts() -> None:
    missing = [part for part in ("install", "guides", "reference", "decisions") if not _pages(part)]
    assert not missing


def _pages(part: str) -> list[Path]:
    return sorted((CHECKOUT / "docs" / part).glob("*.md"))
