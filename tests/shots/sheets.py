"""One contact sheet per page, drawn by Chromium itself, and an index of them."""

import html
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_STYLE = (
    "body{margin:16px;font:14px sans-serif;background:#888;display:flex;flex-wrap:wrap;gap:12px;align-items:start;"
    "align-content:start}figure{margin:0}.w360{width:240px}.w1440{width:620px}h1{width:100%;margin:0;overflow-wrap:anywhere}"
)


def draw(opened: "Browser", sheets: Iterable[tuple[str, str, Path]]) -> None:
    """Each sheet is a page's name, its address and the folder of its pictures; it lands beside the folder."""
    page = opened.new_page(viewport={"width": 1920, "height": 200})
    for name, path, folder in sheets:
        taken = sorted(folder.glob("*.jpg"), key=lambda one: (one.stem.split("-")[-2], one.stem))
        cells = "".join(
            f'<figure><figcaption>{one.stem}</figcaption><img src="{one.as_uri()}" class="w{one.stem.split("-")[-2]}"></figure>'
            for one in taken
        )
        sheet = folder.with_suffix(".html")
        sheet.write_text(
            f"<meta charset=utf-8><style>{_STYLE}</style><h1>{html.escape(name)} {html.escape(path)}</h1>{cells}"
        )
        page.goto(sheet.as_uri())
        page.screenshot(path=str(folder.with_suffix(".jpg")), full_page=True, type="jpeg", quality=80)
        sheet.unlink()
    page.close()


def index(target: Path) -> None:
    """A page that leads to every sheet."""
    names = sorted(path.stem for path in target.glob("*.jpg"))
    links = "".join(f'<li><a href="{name}.jpg">{name}</a></li>' for name in names)
    (target / "index.html").write_text(f"<meta charset=utf-8><title>Pages</title><ul>{links}</ul>")
