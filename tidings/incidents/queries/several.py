"""Reads across incidents for one message per rhythm. Not narrowed to anybody's units: a customer hears once whatever a
dispatcher sees. What a page may show of it, `named_to` tells.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from tidings.incidents import rules, sql
from tidings.incidents.models import Affected, Incident, Sending
from tidings.incidents.queries.known import kind_told, place_name, promised_for, visible
from tidings.incidents.queries.policies import policies
from tidings.kernel.actor import Actor
from tidings.messaging import queries as messaging
from tidings.messaging.rules.content import FREE_FACTS


@dataclass(frozen=True, slots=True)
class Together:
    """The other incidents that an update tells of, and whom one of their updates told the same."""

    others: tuple[sql.Other, ...] = ()
    already_told: tuple[sql.AlreadyTold, ...] = ()


def others_of(incident: Incident, now: datetime, next_by: datetime | None) -> tuple[sql.Other, ...]:
    """The other open incidents of which customers of this one were told, as its lines name them; a drill's are drills. Each
    carries its promise where that is stricter than `next_by` and its own update still keeps it.
    """
    here = Affected.objects.filter(incident=incident, gone_at__isnull=True).values("customer_id")
    there = Affected.objects.filter(
        incident=OuterRef("pk"), gone_at__isnull=True, told_at__isnull=False, customer_id__in=here
    )
    found = Incident.objects.filter(state__in=sorted(rules.OPEN_STATES), drill=incident.drill)
    found = found.filter(Exists(there), first_notice_at__isnull=False).exclude(pk=incident.pk)
    return tuple(_as_other(incident, other, now, next_by) for other in found.order_by("number"))


def _as_other(incident: Incident, other: Incident, now: datetime, next_by: datetime | None) -> sql.Other:
    own, theirs = (policies()[rules.SEVERITIES[one.severity]].update_every for one in (incident, other))
    promised = rules.stricter_promise(own, theirs, promised_for(other), now)
    return sql.Other(
        other.pk,
        other.number,
        kind_told(other, rules.Phase.UPDATE),
        place_name(other.place) if other.place else "",
        promised if promised and next_by and promised < next_by else None,
    )


def standing_for(others: Sequence[sql.Other], now: datetime, next_by: datetime | None) -> list[UUID]:
    """The sent updates of the others that may stand for one that promises `next_by`."""
    sent = Sending.objects.filter(
        incident__in=[other.incident_id for other in others],
        phase=rules.Phase.UPDATE,
        sent_at__isnull=False,
        completes__isnull=True,
        promised_by__gt=now,
    ).select_related("incident")
    return [
        one.message_id
        for one in sent
        if rules.stands_for(
            one.promised_by,
            state=one.incident.state,
            update_by=promised_for(one.incident),
            next_by=next_by,
            now=now,
        )
    ]


def may_leave_out(written: UUID | None) -> bool:
    """Whether a written message says nothing that a customer would miss; before it is written there is nothing to miss."""
    texts = messaging.newest_texts(written).values() if written else ()
    return rules.leaves_out(fact for text in texts for fact in text.facts if fact in FREE_FACTS)


def already_told_with(together: Together) -> dict[str, int]:
    """How many contacts are left out, by the number of the incident whose message told them."""
    numbers = dict(
        Sending.objects.filter(message_id__in={one.message_id for one in together.already_told}).values_list(
            "message_id", "incident__number"
        )
    )
    return dict(sorted(Counter(numbers[one.message_id] for one in together.already_told).items()))


def named_to(actor: Actor, by_number: Mapping[str, int]) -> tuple[dict[str, int], int]:
    """Such counts as this actor may read them: by number for the incidents that they see, and how many more without a name."""
    seen = set(visible(actor).filter(number__in=list(by_number)).values_list("number", flat=True))
    named = {number: size for number, size in by_number.items() if number in seen}
    return named, sum(by_number.values()) - sum(named.values())
