"""The people behind the numbers of reach, within the actor's units, and whom a message would go to again."""

from datetime import datetime

from tidings.customers.queries import contacts_of_customers
from tidings.incidents import sql
from tidings.incidents.models import Affected, Incident, Sending
from tidings.kernel.actor import Actor
from tidings.messaging import queries as messaging


def people_of_phase(
    actor: Actor,
    incident: Incident,
    phase: str,
    now: datetime,
    *,
    part: str = "",
    language: str = "",
    text: str = "",
    sort: str = "name",
    first: int = 0,
    most: int = 50,
) -> list[messaging.Told]:
    """Who stands behind the numbers of one phase; `text` is part of a name or an address, `sort` as in a message's recipients. Who does not see every unit sees the customers of their own units' shipments."""
    contacts = None
    if actor.units is not None:
        theirs = Affected.objects.filter(incident=incident, units__overlap=list(actor.units))
        contacts = contacts_of_customers(
            [one for one in theirs.values_list("customer_id", flat=True).distinct() if one]
        )
    return messaging.people_of_phase(
        incident.number,
        phase,
        now,
        part=part,
        language=language,
        text=text,
        sort=sort,
        contacts=contacts,
        first=first,
        most=most,
    )


def sent_of_phase(incident: Incident, phase: str) -> list[Sending]:
    """The messages of one phase that went out, newest first."""
    return list(incident.sendings.filter(phase=phase, sent_at__isnull=False).order_by("-sent_at"))


def not_reached(sending: Sending, now: datetime) -> messaging.NotReached:
    """Whom a message would go to again now, by the channel that is next."""
    return messaging.not_reached(sending.message_id, sql.ladders(now), now)
