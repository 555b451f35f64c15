"""Makes a channel from what is kept of it: the code of its service and its settings as JSON."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from functools import cache
from typing import Any

from tidings.kernel.registry import plugins
from tidings.messaging.channels.base import Channel, Net
from tidings.messaging.rules.services import Setting

FOLDER = "tidings.messaging.channels"


@cache
def channel_kinds() -> Mapping[str, type[Channel]]:
    """Code → channel, of all there are: the folder is read once, not for every request of a service."""
    return plugins(FOLDER, Channel)


def channel_of(service: str, settings: str, net: Net | None) -> Channel:
    """The channel of this code; names in its settings that it does not know (any more) are left out. Raises KeyError."""
    kind = channel_kinds()[service]
    known = {one.name for one in fields(kind.Settings)}
    given = json.loads(settings or "{}")
    return kind(kind.Settings(**{name: value for name, value in given.items() if name in known}), net)


def settings_of(kind: type[Channel]) -> tuple[Setting, ...]:
    """What a channel's `Settings` hold, in order."""
    return tuple(_setting(one) for one in fields(kind.Settings))


_KINDS = {"str": str, "int": int, "float": float, "bool": bool}


def _setting(one: "Field[Any]") -> Setting:
    named = one.type if isinstance(one.type, str) else one.type.__name__
    return Setting(
        one.name,
        _KINDS[named],
        "" if one.default is MISSING else one.default,
        one.default is MISSING,
        bool(one.metadata.get("secret")),
        bool(one.metadata.get("long")),
        tuple(one.metadata.get("choices", ())),
    )
