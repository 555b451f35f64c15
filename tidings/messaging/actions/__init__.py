"""What messaging does, one file per verb. Each is one transaction; nothing is sent here, only planned."""

from tidings.messaging.actions.again import send_again
from tidings.messaging.actions.answers import (
    set_answer,
    take_back_answer,
    take_out_answer,
)
from tidings.messaging.actions.approve import approve_message, approve_text, send_back
from tidings.messaging.actions.ask import move_approval_on, move_approvals_on
from tidings.messaging.actions.calls import end_call, give_back_call, take_call
from tidings.messaging.actions.confirm import confirm
from tidings.messaging.actions.freeze import freeze_message
from tidings.messaging.actions.hold import hold_after_restore
from tidings.messaging.actions.late import overtake
from tidings.messaging.actions.links import revoke_links
from tidings.messaging.actions.pause import pause_sending
from tidings.messaging.actions.refused import take_refused_addresses
from tidings.messaging.actions.relays import (
    RelaySettings,
    VoiceSettings,
    end_relay,
    keep_catcher,
    set_relay,
    set_voice,
    unsealed,
)
from tidings.messaging.actions.resume import resume_sending
from tidings.messaging.actions.returned import note_returned
from tidings.messaging.actions.send import send_message
from tidings.messaging.actions.texts import ask_for_text, set_text, take_back_text
from tidings.messaging.actions.together import count_as_told
from tidings.messaging.actions.unsaved import forget_unsaved, keep_unsaved, throw_away
from tidings.messaging.actions.write import change_message, write_message

__all__ = [
    "RelaySettings",
    "VoiceSettings",
    "approve_message",
    "approve_text",
    "ask_for_text",
    "change_message",
    "confirm",
    "count_as_told",
    "end_call",
    "end_relay",
    "forget_unsaved",
    "freeze_message",
    "give_back_call",
    "hold_after_restore",
    "keep_catcher",
    "keep_unsaved",
    "move_approval_on",
    "move_approvals_on",
    "note_returned",
    "overtake",
    "pause_sending",
    "resume_sending",
    "revoke_links",
    "send_again",
    "send_back",
    "send_message",
    "set_answer",
    "set_relay",
    "set_text",
    "set_voice",
    "take_back_answer",
    "take_back_text",
    "take_call",
    "take_out_answer",
    "take_refused_addresses",
    "throw_away",
    "unsealed",
    "write_message",
]
