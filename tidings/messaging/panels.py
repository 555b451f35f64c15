"""What messaging hangs on every page: the alarm while nothing leaves; and its lines in the rail."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.panels import panel
from tidings.messaging import queries
from tidings.people.queries import names_of
from tidings.ui.rail import Counting, RailEntry
from tidings.ui.settings_index import SettingsEntry


@panel("banner", "messaging/_no_relay.html", order=10)
def no_relay(actor: Actor, _thing: UUID) -> Mapping[str, object] | None:
    """Red on every page while this firm's mail goes into the catcher and reaches nobody."""
    return {"may_change": actor.may("relay.change")} if queries.nothing_leaves() else None


@panel("banner", "messaging/_paused.html", order=5)
def what_is_paused(actor: Actor, _thing: UUID) -> Mapping[str, object] | None:
    """Red on every page while something waits for a person to let it go; what ends by itself is not shown."""
    if not actor.may("message.read") or not queries.open_pauses().filter(until=None).exists():
        return None
    waiting = [one for one in queries.paused(actor) if one.until is None]
    return {
        "everything": waiting[0].scope == "everything",
        "reason": waiting[0].reason,
        "waiting": max(one.waiting for one in waiting),
        "may_resume": actor.may("message.send") and actor.units is None,
    }


def _waiting(counting: Counting) -> tuple[int, int]:
    return counting.once(queries.waiting_for_approval, counting.actor), 0


@panel("worklist", "messaging/_call_worklist.html", order=30)
def calls_that_wait(actor: Actor, _thing: UUID) -> Mapping[str, object] | None:
    """The call list as long as somebody stands on it, and how many people it needs to be done in time."""
    if not queries.calls_left(actor, now())[0]:
        return None
    return {"outlook": queries.call_outlook(actor, now())}


@panel("worklist", "messaging/_texts_to_approve.html", order=32)
def texts_that_wait(actor: Actor, _thing: UUID) -> Mapping[str, object] | None:
    """The texts of which somebody asks an approval beforehand that this reader may give."""
    waiting = queries.texts_to_approve(actor)
    names = names_of([queries.ref_of(asked.asked_by) for asked, _text in waiting])
    lines = [
        {
            "text": text,
            "asked": asked,
            "asker": names[queries.ref_of(asked.asked_by)],
            "event": queries.event_word(text.kind),
        }
        for asked, text in waiting
    ]
    return {"texts": lines} if lines else None


def _to_call(counting: Counting) -> tuple[int, int]:
    return queries.calls_left(counting.actor, counting.at)


RAIL = [
    RailEntry(
        "messaging:messages",
        _("Messages"),
        order=50,
        icon="messages",
        ability="message.read",
        count=_waiting,
        key="m",
    ),
    RailEntry(
        "messaging:calls",
        _("Call list"),
        order=45,
        icon="calls",
        ability="call.take",
        count=_to_call,
        key="l",
    ),
    RailEntry("messaging:texts", _("Texts"), order=51, icon="texts", ability="text.change"),
    RailEntry("messaging:caught", _("Caught mail"), order=80, icon="catcher", ability="catcher.read"),
]
SETTINGS = [
    SettingsEntry(
        "messaging:relays",
        _("Mail relays"),
        _("Which servers take our mail, how fast, and under which name it goes out."),
        order=40,
        ability="relay.change",
    ),
    SettingsEntry(
        "messaging:services",
        _("SMS, voice and messengers"),
        _("Which services send what is not mail, and whether each takes a test message."),
        order=41,
        ability="relay.change",
    ),
    SettingsEntry(
        "messaging:texts",
        _("Texts"),
        _("What messages say, per kind, phase and language."),
        order=50,
        ability="text.change",
    ),
    SettingsEntry(
        "messaging:answers",
        _("Questions and answers"),
        _("What customers ask, per kind of incident, and what we answer."),
        order=51,
        ability="text.change",
    ),
]
