"""Incidents for programs: the same queries and actions as the pages, one route each. `shapes` is what goes in and comes out;
a file of one ability holds its own.
"""

from tidings.incidents.api import (
    changing,
    choices,
    contract,
    ending,
    opened,
    owed,
    reading,
    scope,
    settings,
    tasks,
    telling,
)
from tidings.incidents.api.routes import router

__all__ = [
    "changing",
    "choices",
    "contract",
    "ending",
    "opened",
    "owed",
    "reading",
    "router",
    "scope",
    "settings",
    "tasks",
    "telling",
]
