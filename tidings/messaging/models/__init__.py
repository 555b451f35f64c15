"""Tables of texts, messages, recipients and results."""

from tidings.messaging.models.answers import FirmAnswer
from tidings.messaging.models.approval import ApprovalAsk, KindApproval, SentBack
from tidings.messaging.models.calls import Call
from tidings.messaging.models.delivery import (
    Broadcast,
    Chunk,
    Epoch,
    FrozenText,
    MailDomain,
    Pause,
    Recipient,
    RefusedAddress,
    Relay,
    RelaySlot,
    Result,
)
from tidings.messaging.models.links import RevokedLinks
from tidings.messaging.models.registered import RegisteredForm
from tidings.messaging.models.services import CameIn, Reference, Spoken
from tidings.messaging.models.texts import (
    Approval,
    CaughtMail,
    FirmText,
    Freeze,
    Message,
    MessageText,
    TextApproval,
    TextAsked,
    Voice,
)
from tidings.messaging.models.together import ToldTogether
from tidings.messaging.models.unsaved import Unsaved

__all__ = [
    "Approval",
    "ApprovalAsk",
    "Broadcast",
    "Call",
    "CameIn",
    "CaughtMail",
    "Chunk",
    "Epoch",
    "FirmAnswer",
    "FirmText",
    "Freeze",
    "FrozenText",
    "KindApproval",
    "MailDomain",
    "Message",
    "MessageText",
    "Pause",
    "Recipient",
    "Reference",
    "RefusedAddress",
    "RegisteredForm",
    "Relay",
    "RelaySlot",
    "Result",
    "RevokedLinks",
    "SentBack",
    "Spoken",
    "TextApproval",
    "TextAsked",
    "ToldTogether",
    "Unsaved",
    "Voice",
]
