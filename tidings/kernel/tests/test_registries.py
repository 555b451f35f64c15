"""The seams upwards find what a domain declares, by the file it lies in."""

import sys
import types
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tidings.kernel import duties, panels
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.registry import domain_modules

WRITTEN = {
    "panels.py": """
from tidings.kernel.panels import panel

@panel("shipment", "harbour/_berth.html", order=20)
def berth(actor, shipment):
    return {"berth": 7} if actor.may("berth.see") else None

@panel("shipment", "harbour/_crane.html", order=10)
def crane(actor, shipment):
    return {}

@panel("incident", "harbour/_tide.html")
def tide(actor, incident):
    return {}
""",
    "duties.py": """
from tidings.kernel.duties import Duty, Owned

class BerthDuty(Duty):
    code = "harbour"

    def owned_by(self, person):
        return [Owned("berth", person, "Berth 7")]
""",
}


@pytest.fixture
def harbour(tmp_path: Path) -> Iterator[str]:
    """A package with one domain beside the kernel's own name, as `tidings` is laid out."""
    root = tmp_path / "carrier"
    for domain in ("harbour", "kernel", "quiet"):
        (root / domain).mkdir(parents=True)
        (root / domain / "__init__.py").write_text("")
    (root / "__init__.py").write_text("")
    for name, text in WRITTEN.items():
        (root / "harbour" / name).write_text(text)
        (root / "kernel" / name).write_text("raise RuntimeError('the kernel hangs nothing on itself')")
    sys.path.insert(0, str(tmp_path))
    yield "carrier"
    sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.split(".")[0] == "carrier"]:
        del sys.modules[name]


def modules(package: str, name: str) -> list[types.ModuleType]:
    return domain_modules(name, package)


def test_panels_stand_in_order_on_their_place_only(harbour: str) -> None:
    found = panels.panels_in(modules(harbour, "panels"), "shipment")
    assert [panel.template for panel in found] == ["harbour/_crane.html", "harbour/_berth.html"]


def test_a_panel_stays_away_from_who_may_not_see_it(harbour: str) -> None:
    berth = panels.panels_in(modules(harbour, "panels"), "shipment")[1]
    seeing = Actor(ActorKind.PERSON, "p", frozenset({"berth.see"}))
    assert berth.build(seeing, uuid4()) == {"berth": 7}
    assert berth.build(Actor(ActorKind.PERSON, "p", frozenset()), uuid4()) is None


def test_a_duty_does_its_share_and_has_nothing_to_do_elsewhere(harbour: str) -> None:
    found = duties.duties_in(modules(harbour, "duties"))
    person = UUID(int=1)
    assert list(found) == ["harbour"]
    assert found["harbour"].owned_by(person) == [duties.Owned("berth", person, "Berth 7")]
    assert found["harbour"].known_of(person) == []


def test_two_duties_of_one_code_are_refused(harbour: str) -> None:
    module = modules(harbour, "duties")[0]
    with pytest.raises(ValueError, match="harbour"):
        duties.duties_in([module, module])


def test_the_real_domains_are_found_without_a_list() -> None:
    assert all(module.__name__.startswith("tidings.") for module in domain_modules("models"))
    assert "tidings.kernel.models" not in {module.__name__ for module in domain_modules("models")}
