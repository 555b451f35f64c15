"""Whose page a link opens: the tokens of readers' own pages."""

from tidings.kernel import secrets
from tidings.messaging.engine.tokens import Links

PURPOSE = "messaging.links"


def links(address: str = "") -> Links:
    """What makes and reads the links to readers' own pages under `address`."""
    newest, *older = secrets.subkeys(PURPOSE)
    return Links(address, newest, tuple(older))
