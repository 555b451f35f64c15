"""The languages are the folders of `locale/`. Compiles their words when they are newer than what was compiled."""

import os
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogues(folder: Path) -> list[Path]:
    """Writes each .mo that is missing or older than its .po, and gives those written.

    A folder that may not be written to keeps what its package brought. Several processes may do this at once.
    """
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        if os.access(source.parent, os.W_OK):
            _compile(source, target)
            written.append(target)
    return written


def own_name(folder: str) -> str:
    """A language as its readers write it: "Nederlands", "中文（简体）"."""
    name = Locale.parse(folder).get_display_name(folder) or folder
    return name.replace(" (", "（").replace(")", "）") if folder.startswith("zh") else name


def _compile(source: Path, target: Path) -> None:
    with source.open("rb") as opened:
        catalogue = read_po(opened, locale=source.parts[-3], domain="django")
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    with unfinished.open("wb") as opened:
        write_mo(opened, catalogue)
    unfinished.replace(target)
