"""The people behind the numbers of reach, within the actor's units, and whom a message would go to again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from tidings.customers.queries import contacts_of_customers
from tidings.incidents import sql
from tidings.incidents.models import Affected, Incident, Sending
from tidings.incidents.queries.corrected import kind_since
from tidings.kernel.actor import Actor
from tidings.messaging import queries as messaging


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom to do something for: those whom a list shows or, of these, `who`; and `how`, one of `messaging.queries.HOW`."""

    how: str
    shown: messaging.Shown
    who: Sequence[UUID] | None = None


@dataclass(frozen=True, slots=True)
class Acting:
    """The size of doing it. `parts` are the messages it is done by, each with its recipients; `without` have no address it could go
    to, `outdated` were told by a message that may not go again as it is, `left` are being sent to, called or waited for now.
    """

    seen: messaging.SeenAgain
    by_channel: Mapping[str, int]
    without: int
    outdated: int
    left: int
    parts: Sequence[tuple[UUID, messaging.Onward, messaging.NotReached]]


def people_of_phase(
    actor: Actor,
    incident: Incident,
    phase: str,
    now: datetime,
    shown: messaging.Shown | None = None,
    *,
    sort: str = "name",
    first: int = 0,
    most: int = 50,
) -> list[messaging.Told]:
    """Who stands behind the numbers of one phase, sorted as a message's recipients are. Who does not see every unit sees the
    customers of their own units' shipments."""
    seen = _within(actor, incident, shown)
    return messaging.people_of_phase(incident.number, phase, now, seen, sort=sort, first=first, most=most)


def everybody_of_phase(
    actor: Actor,
    incident: Incident,
    phase: str,
    now: datetime,
    shown: messaging.Shown | None = None,
    *,
    sort: str = "name",
) -> Iterator[messaging.Told]:
    """The same, all of them, read as they are asked for."""
    seen = _within(actor, incident, shown)
    return messaging.everybody_of_phase(incident.number, phase, now, seen, sort=sort)


def sent_of_phase(incident: Incident, phase: str) -> list[Sending]:
    """The messages of one phase that went out, newest first."""
    return list(incident.sendings.filter(phase=phase, sent_at__isnull=False).order_by("-sent_at"))


def not_reached(sending: Sending, now: datetime) -> messaging.NotReached:
    """Whom a message would go to again now, by the channel that is next."""
    return messaging.not_reached(sending.message_id, sql.ladders(now), now)


def why_not_again(incident: Incident, sending: Sending, now: datetime) -> str:
    """The code of why the words of a sent message may not go again as they are; empty where they may."""
    if sending.promised_by and sending.promised_by <= now:
        return "incident.promise_passed"
    if sql.told_choice_passed(sending.message_id, now):
        return "incident.choice_passed"
    since = kind_since(incident)
    return "incident.another_kind" if since and sending.sent_at and sending.sent_at < since else ""


def acting(actor: Actor, incident: Incident, phase: str, now: datetime, chosen: Chosen) -> Acting:
    """The size of doing something for many at once, before it is done. Only who is not reached is ever among them."""
    shown = _within(actor, incident, chosen.shown)
    found = messaging.unreached(incident.number, phase, now, shown, chosen.who)
    ladder = sql.ladders(now)
    channels: dict[str, int] = {}
    parts, outdated, without = [], 0, 0
    sent = sent_of_phase(incident, phase)
    for sending in sent:
        only = found.get(sending.message_id, [])
        if not only:
            continue
        if why_not_again(incident, sending, now):
            outdated += len(only)
            continue
        onward = messaging.Onward(chosen.how, only)
        freeze = messaging.current_freeze(sending.message_id)
        rungs = messaging.within_forms(ladder, freeze.words) if freeze else ladder
        size = messaging.not_reached(sending.message_id, rungs, now, onward)
        without += size.without
        for channel, number in size.by_channel.items():
            channels[channel] = channels.get(channel, 0) + number
        if size.people:
            parts.append((sending.message_id, onward, size))
    people = sum(channels.values())
    left = sum(map(len, found.values())) - people - without - outdated
    newest = max((messaging.newest_broadcast(one.message_id) for one in sent), default="")
    return Acting(messaging.SeenAgain(newest, people), channels, without, outdated, left, parts)


def _within(actor: Actor, incident: Incident, shown: messaging.Shown | None) -> messaging.Shown:
    shown = shown or messaging.Shown()
    if actor.units is None:
        return shown
    theirs = Affected.objects.filter(incident=incident, units__overlap=list(actor.units))
    customers = [one for one in theirs.values_list("customer_id", flat=True).distinct() if one]
    return replace(shown, contacts=contacts_of_customers(customers))
