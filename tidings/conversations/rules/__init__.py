"""The rules of what comes in: what it is called, what an answer asks for, and what of it is quoted. Pure."""

from tidings.conversations.rules.arrivals import APPLIES_TO_ONE, Outcome, State, is_open
from tidings.conversations.rules.asking import Ask, asked_in

__all__ = ["APPLIES_TO_ONE", "Ask", "Outcome", "State", "asked_in", "is_open"]
