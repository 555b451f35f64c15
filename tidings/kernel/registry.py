"""Finds plug-ins: the subclasses of a base that are defined in the files of one folder. No list to edit."""

import importlib
import importlib.util
import pkgutil
from types import ModuleType
from typing import TypeVar

Base = TypeVar("Base")


def modules_in(package: str) -> list[ModuleType]:
    """Every module directly in `package`, imported, in order of name; tests are left out."""
    folder = importlib.import_module(package)
    names = sorted(found.name for found in pkgutil.iter_modules(folder.__path__) if found.name != "tests")
    return [importlib.import_module(f"{package}.{name}") for name in names]


def plugins(package: str, base: type[Base]) -> dict[str, type[Base]]:
    """Code → class for each subclass of `base` written in `package`. Raises ValueError when two claim one code."""
    found: dict[str, type[Base]] = {}
    for module in modules_in(package):
        for thing in vars(module).values():
            if isinstance(thing, type) and issubclass(thing, base) and thing.__module__ == module.__name__:
                code = getattr(thing, "code", "")
                if not code:
                    continue
                if code in found:
                    raise ValueError(f"{thing.__module__} and {found[code].__module__} both claim {code!r}")
                found[code] = thing
    return found


def domain_modules(name: str, package: str = "tidings") -> list[ModuleType]:
    """The file `name` of every domain above the kernel that has one (`jobs`, `panels`, `duties`), imported, by name."""
    folder = importlib.import_module(package)
    domains = sorted(
        found.name
        for found in pkgutil.iter_modules(folder.__path__)
        if found.ispkg and found.name != "kernel"
    )
    paths = [f"{package}.{domain}.{name}" for domain in domains]
    return [importlib.import_module(path) for path in paths if importlib.util.find_spec(path)]
