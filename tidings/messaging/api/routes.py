"""The one router of messages, calls and texts."""

from ninja import Router

router = Router(tags=["messages"])
