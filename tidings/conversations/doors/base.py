"""What a way in is: one file in this folder with a subclass of `Way`; nothing else is edited for it.

A way in takes mails and hands each to `keep`, which returns once the mail is committed. Only then does it tell the other side.
It writes no row of its own and decides nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, ClassVar

from tidings.kernel.errors import Refused
from tidings.kernel.registry import plugins

Keep = Callable[[bytes, Sequence[str]], None]
"""Given a raw mail and the addresses that it was handed in for, returns when it is committed; twice is no error."""


def secret(default: str = "") -> str:
    """A field of `Settings` that is never shown again and never logged."""
    return field(default=default, repr=False, metadata={"secret": True})


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found when a door was looked at: how many mails came in, how many wait still, and how far it was read."""

    came: int = 0
    waiting: int = 0
    position: Mapping[str, Any] = field(default_factory=dict)


class Way:
    """Made with its `Settings`. `polls`: a job calls `bring` again and again; else a process of ours listens, or a page takes.

    `bring` raises TryLater("door.…") where the other side is away, and Refused("door.…") where it does not let us in.
    """

    code: ClassVar[str] = ""
    polls: ClassVar[bool] = False
    listens: ClassVar[bool] = False
    Settings: ClassVar[type[Any]]

    def __init__(self, settings: Any) -> None:
        self.settings = settings

    def bring(self, keep: Keep, position: Mapping[str, Any]) -> Looked:
        """Takes what waits. What was kept may come again after a failure; nothing is left behind."""
        raise NotImplementedError

    def look(self) -> Looked:
        """Whether mail could come in now, without taking any. Raises as `bring`."""
        return Looked()


@cache
def ways() -> dict[str, type[Way]]:
    """Code → way in, of every file in this folder."""
    return plugins("tidings.conversations.doors", Way)


def settings_of(way: type[Way], values: Mapping[str, Any]) -> Any:
    """Settings of a way in, of what is kept; names that it does not know are left out. Raises Refused("door.settings")."""
    known = {one.name: values[one.name] for one in fields(way.Settings) if one.name in values}
    try:
        return way.Settings(**known)
    except TypeError:
        raise Refused("door.settings") from None
