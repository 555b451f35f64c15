"""What messaging does, one file per verb. Each is one transaction; nothing is sent here, only planned."""

from tidings.messaging.actions.approve import approve_message, approve_text
from tidings.messaging.actions.freeze import freeze_message
from tidings.messaging.actions.send import send_message
from tidings.messaging.actions.write import change_message, write_message

__all__ = [
    "approve_message",
    "approve_text",
    "change_message",
    "freeze_message",
    "send_message",
    "write_message",
]
