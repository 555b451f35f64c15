"""The one router of messages and calls."""

from ninja import Router

router = Router(tags=["messages"])
