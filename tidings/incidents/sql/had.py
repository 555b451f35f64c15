"""Who had a phase already: a second message that service is restored, or of the end, goes past them; and who lacks one that others had."""

from typing import Any
from uuid import UUID

from tidings.incidents import rules
from tidings.messaging.queries import PLANNED_FOR

ONCE = frozenset({rules.Phase.RESTORED, rules.Phase.CLOSING})
"""The phases that nobody gets twice, unless they were told since that it is not over."""

PER_PERSON = (rules.Phase.UPDATE, *sorted(ONCE))
"""The phases of which closing asks for each of the affected whether they had it."""

_SAID_SINCE = f"""
    SELECT FROM incidents_sending later
      JOIN ({PLANNED_FOR}) told ON told.message_id = later.message_id AND told.contact_id = had.contact_id
     WHERE later.incident_id = %(incident)s AND later.sent_at > had.sent_at AND later.completes IS NULL
       AND (later.phase = '{rules.Phase.FIRST_NOTICE}' OR (later.phase = '{rules.Phase.UPDATE}' AND (
            %(phase)s = '{rules.Phase.CLOSING}' OR EXISTS (
                SELECT FROM incidents_statechange back
                 WHERE back.incident_id = %(incident)s AND back.state = '{rules.State.RESPONDING}'
                   AND back.at > had.sent_at AND back.at <= later.sent_at))))"""  # noqa: S608 - only our own text is joined
"""Whether they were told afterwards of something that came in, or that it goes on: of the end any update says that, of service
that is restored one that went after the incident fell back."""

_HAD_ONCE = f"""
    SELECT had.contact_id FROM (
        SELECT told.contact_id, max(sending.sent_at) AS sent_at
          FROM incidents_sending sending JOIN ({PLANNED_FOR}) told ON told.message_id = sending.message_id
         WHERE sending.incident_id = %(incident)s AND sending.phase = %(phase)s AND sending.sent_at IS NOT NULL
         GROUP BY told.contact_id
    ) had WHERE NOT EXISTS ({_SAID_SINCE})"""  # noqa: S608 - only our own text is joined

_HAD_UPDATE = f"""
    SELECT told.contact_id
      FROM incidents_sending sending JOIN ({PLANNED_FOR}) told ON told.message_id = sending.message_id
     WHERE sending.incident_id = %(incident)s AND sending.phase = ANY(%(told_phases)s)
       AND sending.sent_at >= (SELECT min(sent_at) FROM incidents_sending
                                WHERE incident_id = %(incident)s AND phase = '{rules.Phase.UPDATE}')"""  # noqa: S608 - only our own text is joined
"""A first notice that went after an update tells its facts too; so do the messages after it."""

_NOTICED = f"""
    SELECT told.contact_id
      FROM incidents_sending sending JOIN ({PLANNED_FOR}) told ON told.message_id = sending.message_id
     WHERE sending.incident_id = %(incident)s AND sending.phase = '{rules.Phase.FIRST_NOTICE}' AND sending.sent_at IS NOT NULL"""  # noqa: S608 - only our own text is joined


def not_twice(phase: str) -> str:
    """The condition on a `contact` that leaves out who had this phase; empty for one that goes to everybody each time."""
    return f"AND contact.contact_id NOT IN ({_HAD_ONCE})" if phase in ONCE else ""


def lacks(phase: str) -> str:
    """The condition on a `contact` of a customer who was told: not had this phase, and either they heard the first notice
    themselves or nobody of their customer had it. Who was only written down since has missed nothing."""
    had = _HAD_ONCE if phase in ONCE else _HAD_UPDATE
    return f"""AND contact.contact_id NOT IN ({had})
       AND (contact.contact_id IN ({_NOTICED}) OR owed.customer_id NOT IN (
            SELECT knows.customer_id FROM customers_contact knows WHERE knows.id IN ({had})))"""  # noqa: S608 - only our own text is joined


def values_of_phase(incident_id: UUID, phase: str) -> dict[str, Any]:
    """The parameters of these conditions."""
    return {"incident": incident_id, "phase": phase, "told_phases": [one.value for one in rules.TOLD_PHASES]}
