"""What changes here: mail is kept as it comes, decided once, and read by a person; doors are opened and ended."""

from tidings.conversations.actions.bring import keep_arrival, look_in
from tidings.conversations.actions.decide import decide, decide_waiting
from tidings.conversations.actions.doors import DoorSettings, ask_to_look, end_door, note_door, set_door
from tidings.conversations.actions.handle import end_conversation, mark_read, mark_seen
from tidings.conversations.actions.said import take_answers

__all__ = [
    "DoorSettings",
    "ask_to_look",
    "decide",
    "decide_waiting",
    "end_conversation",
    "end_door",
    "keep_arrival",
    "look_in",
    "mark_read",
    "mark_seen",
    "note_door",
    "set_door",
    "take_answers",
]
