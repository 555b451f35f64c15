"""Messages, calls and texts for programs: the same queries and actions as the pages, one route each."""

from tidings.messaging.api import calls, messages, texts
from tidings.messaging.api.routes import router

__all__ = ["calls", "messages", "router", "texts"]
