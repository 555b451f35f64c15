"""Who may be told what: a table of role, fact and channel. Pure.

A message says in one text, to all who get it, only what each of them may hear; what only some may hear stands in the
lines of their own shipments.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import NamedTuple

from tidings.incidents.rules.effects import Effect


class Fact(StrEnum):
    """What not everybody may be told."""

    GOODS = "goods"
    VALUE = "value"
    OTHER_PARTY = "other_party"
    STOLEN = "stolen"


IN_FULL = frozenset({"email", "call", "whatsapp", "wechat", "telegram", "webhook", "fax", "letter"})
IN_SHORT = frozenset({"sms", "voice", "wecom", "other"})
"""What anybody nearby may read or hear: these facts are off there, whoever it is for."""

MAY_HEAR: Mapping[str, Mapping[Fact, frozenset[str]]] = {
    "account": dict.fromkeys(Fact, IN_FULL),
    "shipper": dict.fromkeys(Fact, IN_FULL),
    "agent": dict.fromkeys(Fact, IN_FULL),
    "seller": dict.fromkeys(Fact, IN_FULL),
    "consignee": dict.fromkeys(Fact, frozenset()),
    "notify": dict.fromkeys(Fact, frozenset()),
}
"""Role on the shipment, fact, and the channels on which that role may be told it. A role that is not here hears nothing."""


class Cell(NamedTuple):
    """One cell of the table: whether this role is told this fact on this channel."""

    role: str
    fact: Fact
    channel: str

    @property
    def code(self) -> str:
        """The cell in one word, for a line of history."""
        return f"{self.role}.{self.fact}.{self.channel}"


CHANNELS_TOLD = (
    "email",
    "letter",
    "fax",
    "whatsapp",
    "wechat",
    "telegram",
    "webhook",
    "call",
    "sms",
    "voice",
    "wecom",
    "other",
)
CELLS = tuple(Cell(role, fact, channel) for fact in Fact for role in MAY_HEAR for channel in CHANNELS_TOLD)
"""The whole table, in the order in which people read it."""

Opened = Collection[tuple[str, Fact, str]]
"""The cells that the firm has opened."""

_SAID_INSTEAD: Mapping[Effect, Effect] = {Effect.STOLEN: Effect.MISSING}
_TOLD_INSTEAD: Mapping[str, str] = {"theft": "loss"}


def may_hear(fact: Fact, roles: Collection[str], channel: str, opened: Opened = ()) -> bool:
    """Whether somebody in these roles on a shipment may be told this fact of it; of several roles the one that hears most."""
    return any(
        channel in MAY_HEAR.get(role, {}).get(fact, frozenset()) or (role, fact, channel) in opened
        for role in roles
    )


def may_be_opened(cell: Cell) -> bool:
    """Whether the firm may open this cell: it is one of the table's, and shipped closed."""
    return cell in CELLS and not may_hear(cell.fact, (cell.role,), cell.channel)


def roles_hearing(fact: Fact, channel: str, opened: Opened = ()) -> list[str]:
    """The roles that may be told a fact on a channel: what a statement over many shipments compares with."""
    return [role for role in MAY_HEAR if may_hear(fact, (role,), channel, opened)]


def effect_told(effect: Effect, roles: Collection[str], channel: str, opened: Opened = ()) -> Effect:
    """What somebody in these roles hears that happened: of stolen goods, that they are missing."""
    if effect is Effect.STOLEN and not may_hear(Fact.STOLEN, roles, channel, opened):
        return _SAID_INSTEAD[effect]
    return effect


def tells_of_theft(kind: str) -> bool:
    """Whether the texts of this kind say by themselves that goods were stolen."""
    return kind in _TOLD_INSTEAD


def kind_told(kind: str, *, all_may_hear: bool) -> str:
    """The kind whose text is sent: a theft is told as a loss as soon as one reader may not hear of it."""
    return kind if all_may_hear else _TOLD_INSTEAD.get(kind, kind)
