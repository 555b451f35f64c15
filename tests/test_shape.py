"""The shape of the house: sizes, names, and where writing may stand. `make check` runs it; it reads source, nothing runs."""

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = ROOT / "tidings"
DOMAINS = ("people", "customers", "shipments", "messaging", "incidents", "conversations", "home")
LONGEST_FILE, LONGEST_FUNCTION = 400, 40
BANNED_FILES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "manager",
    "managers",
    "data",
    "info",
    "misc",
    "common",
    "part2",
}
# One set of names for every domain, so that a place found in one is found in all. What a domain has beyond these is
# named with what it is for.
SAME_EVERYWHERE = {
    *(
        "rules",
        "models",
        "sql",
        "queries",
        "actions",
        "forms",
        "pages",
        "api",
        "jobs",
        "panels",
        "duties",
        "urls",
        "public_urls",
    ),
    *("words", "commands", "apps", "migrations", "templates", "templatetags", "static", "tests"),
}
OF_ONE_DOMAIN = {
    "people": {"account_forms", "account_urls", "adapter", "middleware"},  # the sign-in library's hooks
    "shipments": {"audience", "importers", "sample"},  # sample: the made-up courier, as files
    "messaging": {
        "engine",
        "channels",
        "texts",
        "faq",
        "ledger",
        "account_mail",
    },  # Django asks for a mail backend
    "incidents": {"detectors", "composer"},
    "conversations": {"doors"},
    "customers": set[str](),
    "home": {"demo"},
}
WRITING = {"save", "create", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
MAY_WRITE = {"actions", "sql", "ledger", "models"}  # models: a manager's own methods, called by actions
# Whole packages below or above the domains: the kernel's functions are what actions are made of.
FREE_TO_WRITE = {"kernel"}


def _sources() -> list[Path]:
    return sorted(path for path in CODE.rglob("*.py") if "migrations" not in path.parts)


def _own_sources() -> list[Path]:
    return [path for path in _sources() if "tests" not in path.parts]


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    read = [
        *_sources(),
        *CODE.rglob("*.html"),
        *CODE.rglob("*.css"),
        *CODE.rglob("*.js"),
        *(ROOT / "tests").rglob("*.py"),
    ]
    long = {
        _shown(path): lines for path in read if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert not long, "split by verb or by ability"


def test_no_function_is_longer_than_forty_lines() -> None:
    long = [
        f"{_shown(path)}:{function.lineno} {function.name}: {length}"
        for path in _own_sources()
        for function in ast.walk(_parsed(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := _length(function)) > LONGEST_FUNCTION
    ]
    assert not long


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, without the docstring."""
    first = function.body[0]
    told = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(function) else 0
    return (function.end_lineno or 0) - function.lineno + 1 - told


def test_only_actions_write() -> None:
    found = []
    for path in _own_sources():
        inside = path.relative_to(CODE)
        if inside.parts[0] in FREE_TO_WRITE or MAY_WRITE & {
            part.removesuffix(".py") for part in inside.parts
        }:
            continue
        found += [f"{_shown(path)}:{line} {what}" for line, what in _writes(_parsed(path))]
    assert not found, "move it into actions, or into sql"


def _writes(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        is_query = isinstance(call.func, ast.Attribute) and ".objects" in ast.unparse(call.func.value)
        if (
            name == "atomic"
            or (name in WRITING and isinstance(call.func, ast.Attribute))
            or (name == "update" and is_query)
        ):
            yield call.lineno, name


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("row.save(update_fields=['a'])", ["save"]),
        ("with transaction.atomic(): pass", ["atomic"]),
        ("Row.objects.filter(pk=1).update(a=2)", ["update"]),
        ("facts.update(a=2)", []),
        ("Row.objects.filter(pk=1).first()", []),
    ],
)
def test_writing_is_recognised(source: str, found: list[str]) -> None:
    assert [what for _, what in _writes(ast.parse(source))] == found


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    said_nothing = [_shown(path) for path in CODE.rglob("*") if path.stem in BANNED_FILES]
    assert not said_nothing


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_has_the_same_files_as_every_other(domain: str) -> None:
    names = {path.stem for path in (CODE / domain).iterdir() if not path.name.startswith("__")}
    assert names - SAME_EVERYWHERE - OF_ONE_DOMAIN[domain] == set()


def test_a_package_takes_every_file_of_ours_along() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    taken = {
        pattern.rpartition("*")[2] for pattern in project["tool"]["setuptools"]["package-data"]["tidings"]
    }
    kept = subprocess.run(
        ["git", "ls-files", "tidings"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert {Path(name).suffix for name in kept.stdout.split()} - {".py"} == taken


def test_every_module_says_what_belongs_in_it() -> None:
    silent = [
        _shown(path)
        for path in _sources()
        if path.read_text().strip() and not ast.get_docstring(_parsed(path))
    ]
    assert not silent
