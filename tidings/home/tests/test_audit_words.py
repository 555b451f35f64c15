"""Whatever is done and written down has a word in every language on the audit page."""

import ast
from collections.abc import Iterator

import pytest

from tidings.config.environment import CHECKOUT
from tidings.home.words import LABELS

_FORMED = {"f'incident.{verb}'": "incident."}
"""A verb made of another call's: its text, and what stands before that call's word."""


def _calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a function with this name, with its place."""
    for path in sorted((CHECKOUT / "tidings").rglob("*.py")):
        if "tests" in path.parts or "engine" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "attr", getattr(node.func, "id", "")) == name
            ):
                yield f"{path.relative_to(CHECKOUT)}:{node.lineno}", node


def _written() -> Iterator[tuple[str, str]]:
    """(kind and code, place) of every verb and thing that an action writes down."""
    for place, call in _calls("record"):
        if len(call.args) < 4:
            continue
        verb, thing = call.args[1], call.args[2]
        if ast.unparse(verb) not in _FORMED:
            assert isinstance(verb, ast.Constant), f"{place}: write the verb out, so that it can have a word"
            yield f"verb.{verb.value}", place
        assert isinstance(thing, ast.Constant), place
        yield f"thing.{thing.value}", place
    for place, call in _calls("told"):
        if len(call.args) < 4:
            continue
        assert isinstance(call.args[3], ast.Constant), place
        yield f"verb.incident.{call.args[3].value}", place


def test_every_verb_and_thing_that_is_written_down_has_a_word() -> None:
    written = list(_written())
    assert len(written) > 50
    lacking = {f"{code} ({place})" for code, place in written if f"audit.{code}" not in LABELS}
    assert not lacking


@pytest.mark.parametrize("call", ["record", "told"])
def test_every_fact_that_is_written_out_beside_a_verb_has_a_word(call: str) -> None:
    lacking = {
        f"{key.value} ({place})"
        for place, made in _calls(call)
        for facts in made.args[4:5]
        if isinstance(facts, ast.Dict)
        for key in facts.keys
        if isinstance(key, ast.Constant) and f"audit.fact.{key.value}" not in LABELS
    }
    assert not lacking
