"""What comes in, on other domains' pages: an incident's answers, what nobody has read, and its lines in rail and settings."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tidings.conversations import queries
from tidings.conversations.queries.beside import beside
from tidings.incidents.queries import numbers_with
from tidings.kernel.actor import Actor
from tidings.kernel.panels import panel
from tidings.ui.rail import Counting, RailEntry
from tidings.ui.settings_index import SettingsEntry

SHOWN = 10


@panel("incident", "conversations/_incident_panel.html", order=10)
def answers_of_incident(actor: Actor, incident_id: UUID) -> Mapping[str, object] | None:
    """What customers answered, with the customer and the shipments beside each."""
    found = queries.talks_about(actor, numbers_with(incident_id), SHOWN + 1)
    if not found:
        return None
    rows = [(talk, beside(talk.conversation)) for talk in found[:SHOWN]]
    unread = sum(talk.unread for talk, _beside in rows)
    return {
        "rows": rows,
        "unread": unread,
        "more": len(found) > SHOWN,
        "may_handle": actor.may("arrival.handle"),
    }


@panel("worklist", "conversations/_worklist.html", order=20)
def answers_that_wait(actor: Actor, _thing: UUID) -> Mapping[str, object] | None:
    """Answers that nobody has read, and doors by which nothing comes in."""
    unread, since = queries.unread_answers(actor) if actor.may("arrival.handle") else (0, None)
    broken = queries.broken_doors() if actor.may("door.change") else []
    return {"unread": unread, "since": since, "broken": broken} if unread or broken else None


def _waiting(counting: Counting) -> tuple[int, int]:
    return counting.once(queries.unread_answers, counting.actor)[0], 0


RAIL = [
    RailEntry(
        "conversations:arrivals",
        _("Incoming"),
        order=48,
        icon="incoming",
        ability="arrival.read",
        count=_waiting,
        key="b",
    )
]
SETTINGS = [
    SettingsEntry(
        "conversations:doors",
        _("Doors for incoming mail"),
        _("By which mailboxes and servers bounces and answers come in, and how each stands."),
        order=41,
        ability="door.change",
    )
]
