"""The pages of `docs/reference/` that are made from the code: settings, commands, error codes, plug-ins, API."""

import ast
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from django.utils import translation

import tidings
from tidings.config.api import openapi
from tidings.config.command import gathered
from tidings.config.environment import CHECKOUT, Environment
from tidings.ui.words import sentences

FOLDER = CHECKOUT / "docs" / "reference"
# The folders in which one file adds one plug-in, and what a plug-in there is.
PLUGIN_FOLDERS = {
    "tidings.messaging.channels": "Channels",
    "tidings.shipments.importers": "Importers",
    "tidings.incidents.detectors": "Detectors",
    "tidings.conversations.doors": "Doors",
}
_MADE = "<!-- Made by bin/reference from the code: change it there. -->\n"


def settings_page() -> str:
    rows = [
        f"| `{name}` | {'' if field.default in ('', None) else f'`{_plain(field.default)}`'} | {field.description} |"
        for name, field in Environment.model_fields.items()
    ]
    return f"""# Settings

{_MADE}
How an installation runs is set in the environment; how the firm works is set on pages. `NAME_FILE=/path` reads any of them
from a file. A value that cannot be used stops the start and names itself.

| name | default | meaning |
| --- | --- | --- |
{chr(10).join(rows)}
"""


def _plain(default: object) -> str:
    """A default without the folder in which somebody happens to have the checkout."""
    return str(default).replace(str(CHECKOUT), ".")


def commands_page() -> str:
    parts = "\n".join(_command_part(path, command) for path, command in _commands(gathered()))
    return f"""# Commands

{_MADE}
`bin/tidings COMMAND`, or `.venv/bin/tidings`; the guides leave the folder out. Exit code 0: done; 1: not done, with one sentence on standard error; 2: wrong usage.
A command that needs the embedded database starts it for as long as it runs.

{parts}"""


def _commands(group: click.Group, path: str = "tidings") -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        here = f"{path} {name}"
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield here, command
        if isinstance(command, click.Group):
            yield from _commands(command, here)


def _command_part(path: str, command: click.Command) -> str:
    arguments = [
        p.make_metavar(click.Context(command)) for p in command.params if isinstance(p, click.Argument)
    ]
    options = [
        f"- `{', '.join(p.opts)}`{' (required)' if p.required else ''}: {p.help or 'as its name says'}"
        for p in command.params
        if isinstance(p, click.Option)
    ]
    text = " ".join((command.help or "").split())
    return "\n".join([f"## `{' '.join([path, *arguments])}`", "", text, "", *options, ""])


def errors_page() -> str:
    with translation.override("en"):
        rows = [
            f"| `{code}` | {str(sentence).replace('|', '/')} |"
            for code, sentence in sorted(sentences().items())
        ]
    return f"""# Error codes

{_MADE}
What stands between `%(` and `)s` is filled in. The API gives the code, the pages and commands the sentence in the reader's
language.

| code | sentence |
| --- | --- |
{chr(10).join(rows)}
"""


def plugins_page() -> str:
    parts = []
    for package, title in PLUGIN_FOLDERS.items():
        folder = importlib.import_module(package)
        names = sorted(m.name for m in pkgutil.iter_modules(folder.__path__) if m.name != "tests")
        rows = [f"| `{name}` | {_first_sentence(Path(folder.__path__[0]), name)} |" for name in names]
        empty = "None yet; the folder is where they go."
        table = "\n".join(["| file | what |", "| --- | --- |", *rows]) if rows else empty
        parts.append(f"## {title}: `{package.replace('.', '/')}/`\n\n{table}\n")
    return f"# Plug-ins\n\n{_MADE}\nOne file each; adding one edits nothing else.\n\n" + "\n".join(parts)


def _first_sentence(folder: Path, name: str) -> str:
    path = folder / f"{name}.py" if (folder / f"{name}.py").exists() else folder / name / "__init__.py"
    told = ast.get_docstring(ast.parse(path.read_text())) or ""
    return " ".join(told.split("\n\n")[0].split()).replace("|", "/")


def error_codes_raised() -> set[str]:
    """Every code that our source hands to one of the four kinds of error."""
    codes = set()
    for path in Path(tidings.__path__[0]).rglob("*.py"):
        if "tests" in path.parts:
            continue
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in {
                "Refused",
                "Conflict",
                "Missing",
                "TryLater",
            }:
                codes |= {
                    a.value for a in call.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str)
                }
    return codes


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "commands.md": commands_page,
    "errors.md": errors_page,
    "plugins.md": plugins_page,
    "openapi.json": openapi,
}


def write(name: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / name).write_text(PAGES[name]())
