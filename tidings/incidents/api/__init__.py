"""Incidents for programs: the same queries and actions as the pages, one route each. `shapes` is what goes in and comes out."""

from tidings.incidents.api import changing, reading, scope, tasks, telling
from tidings.incidents.api.routes import router

__all__ = ["changing", "reading", "router", "scope", "tasks", "telling"]
