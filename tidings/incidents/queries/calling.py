"""What whoever calls a customer must not say: of the table role × fact × channel, by that customer's roles on its shipments."""

from uuid import UUID

from tidings.customers.queries import living_customer_of
from tidings.incidents import rules, sql
from tidings.incidents.models import Affected, Incident, Sending
from tidings.messaging import queries as messaging


def not_to_say(recipient_id: UUID) -> tuple[rules.Fact, ...]:
    """The facts that this recipient may not be told on the telephone, of any of their shipments; none where it is no incident's."""
    found = messaging.contact_behind(recipient_id)
    sending = Sending.objects.filter(message_id=found[0]).first() if found else None
    if found is None or sending is None:
        return ()
    theirs = Affected.objects.filter(
        incident_id=sending.incident_id, customer_id=living_customer_of(found[1])
    )
    held = [set(roles) for roles in theirs.values_list("roles", flat=True).distinct()] or [set()]
    opened = sql.opened_cells()
    return tuple(
        fact for fact in rules.Fact if not all(rules.may_hear(fact, roles, "call", opened) for roles in held)
    )


def told_at(recipient_id: UUID) -> tuple[Incident, str, str] | None:
    """The incident that a recipient is told of, with the kind whose text they were told and their language; None where it is none's."""
    found = messaging.told_in(recipient_id)
    sending = (
        Sending.objects.select_related("incident").filter(message_id=found[0]).first() if found else None
    )
    return (sending.incident, found[1], found[2]) if found and sending else None
