"""How a text is written down: a subject, a short form, a headline for all, and blocks with slots; one block repeats per
shipment. Pure.

    subject: {your_shipments}: {place} is closed
    short: {firm}: {place} is closed. {shipment_short}. {where_to_look}
    headline: {place} has been closed since {began_at}.

    [what_happened]
    Our sorting centre {place} has been closed since {began_at}.

    [shipment]
    {waybill}: {outcome}

There is nothing else in the language: no conditions, no loops. A block that stands there several times is a choice made
once, when the text is frozen: the first whose slots can be filled. So nothing depends on the person it goes to but the
values in its slots.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

ROW = "shipment"
NEEDED_HEADERS = ("subject", "short")
HEADERS = (*NEEDED_HEADERS, "headline")
READER_SLOTS = frozenset(
    {
        "name",
        "your_shipments",
        "shipment_short",
        "more",
        "began_at",
        "began_at_short",
        "next_by",
        "next_by_short",
        "choice",
        "on_behalf",
        "zone",
        "code",
        "link",
    }
)
"""Slots whose value differs from reader to reader; they stay open when a text is frozen."""
ROW_SLOTS = frozenset({"waybill", "effect", "expected", "outcome"})

_SLOT = re.compile(r"\{([a-z_]+)\}")
_BLOCK = re.compile(r"\[([a-z_]+)\]")


class NotATemplate(ValueError):
    """The source breaks the form; the message says at which line and how."""


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph or more under one name."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Template:
    """One text, read. `headers` holds subject, short and headline; blocks keep their order."""

    headers: Mapping[str, tuple[str, ...]]
    blocks: tuple[Block, ...]

    def names(self) -> list[str]:
        return list(dict.fromkeys(block.name for block in self.blocks))


def read_template(source: str) -> Template:
    """Reads a source. Raises NotATemplate for a line that is neither header, block nor text of a block."""
    headers: dict[str, tuple[str, ...]] = {}
    blocks: list[Block] = []
    for number, line in enumerate(source.strip().splitlines(), 1):
        opened = _BLOCK.fullmatch(line.strip())
        if opened:
            blocks.append(Block(opened[1], ""))
        elif blocks:
            blocks[-1] = replace(blocks[-1], text=f"{blocks[-1].text}\n{line.rstrip()}")
        elif line.strip() and not line.startswith("#"):
            name, colon, value = line.partition(":")
            if not colon or name.strip() not in HEADERS:
                raise NotATemplate(f"line {number}: expected one of {', '.join(HEADERS)}, or a [block]")
            headers[name.strip()] = (*headers.get(name.strip(), ()), value.strip())
    return Template(
        MappingProxyType(headers), tuple(replace(block, text=block.text.strip()) for block in blocks)
    )


def inherit(own: Template, general: Template) -> Template:
    """`own` over `general`: own headers and blocks replace those of the same name; the general order stays.

    Blocks that only `own` has come before the block that follows them there.
    """
    order = general.names()
    for position, name in enumerate(own.names()):
        if name not in order:
            following = [later for later in own.names()[position + 1 :] if later in order]
            order.insert(order.index(following[0]) if following else len(order), name)
    chosen = {name: own if name in own.names() else general for name in order}
    blocks = tuple(block for name in order for block in chosen[name].blocks if block.name == name)
    return Template(MappingProxyType({**general.headers, **own.headers}), blocks)


def write_template(template: Template) -> str:
    """The source of a template, in the one form that digests are taken of."""
    headers = [f"{name}: {value}" for name, values in template.headers.items() for value in values]
    blocks = [f"[{block.name}]\n{block.text}" for block in template.blocks]
    return "\n\n".join(["\n".join(headers), *blocks]) + "\n"


def slots_in(text: str) -> list[str]:
    """The names of the slots in a text, in order, each once."""
    return list(dict.fromkeys(_SLOT.findall(text)))


SHARED_SLOTS = frozenset({"firm", "phone", "where_to_look", "check_page", "event", "place", "reference"})
"""Slots that are the same for every reader; they are filled when a text is frozen."""
PUBLIC_SLOTS = SHARED_SLOTS | {"began_at", "began_at_short", "next_by", "next_by_short"}
"""Slots that may stand in a line that everybody can read."""


def unknown_slots(template: Template) -> list[str]:
    """The slots of a text that nothing fills, in the order they stand."""
    everywhere = READER_SLOTS | SHARED_SLOTS
    found = []
    for name, variants in template.headers.items():
        known = PUBLIC_SLOTS if name == "headline" else everywhere
        found += [slot for text in variants for slot in slots_in(text) if slot not in known]
    for block in template.blocks:
        known = everywhere | ROW_SLOTS if block.name == ROW else everywhere
        found += [slot for slot in slots_in(block.text) if slot not in known]
    return list(dict.fromkeys(found))


def unknown_slots_at(template: Template) -> dict[str, list[str]]:
    """Where they stand: a path such as `$.source.subject[1]` or `$.source.what_happened[0]`, counted from 0 among the variants of that
    header or block, and the slots there."""
    found: dict[str, list[str]] = {}
    variants = {name: list(one) for name, one in template.headers.items()}
    for block in template.blocks:
        variants.setdefault(block.name, []).append(block.text)
    for name, texts in variants.items():
        for place, text in enumerate(texts):
            one = {name: (text,)} if name in HEADERS else {}
            part = Template(one, () if one else (Block(name, text),))
            if unknown := unknown_slots(part):
                found[f"$.source.{name}[{place}]"] = unknown
    return found


def first_fillable(variants: Iterable[str], known: frozenset[str]) -> str | None:
    """The first variant of which every slot is known; None where there is none."""
    return next((text for text in variants if known.issuperset(slots_in(text))), None)


def chosen_blocks(template: Template, known: frozenset[str]) -> Iterator[Block]:
    """Per name the variant that is used, in order. A block with nothing to say, or that cannot be filled, is left out."""
    for name in template.names():
        variants = [block.text for block in template.blocks if block.name == name and block.text]
        text = first_fillable(variants, known | ROW_SLOTS if name == ROW else known)
        if text is not None:
            yield Block(name, text)
