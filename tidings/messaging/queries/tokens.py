"""Whose delivery an address or Message-ID of ours names: the tokens that mails carry, read back."""

from tidings.kernel import secrets
from tidings.messaging.engine.tokens import Tokens

PURPOSE = "messaging.tokens"


def tokens() -> Tokens:
    """What reads, and makes, the tokens of deliveries; keys from before a change of keys are still read."""
    newest, *older = secrets.subkeys(PURPOSE)
    return Tokens(newest, tuple(older))
