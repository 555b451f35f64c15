"""More rights for somebody wait for a second administrator: the waiting row, and who could confirm it."""

from uuid import UUID

from tidings.kernel.actor import Actor
from tidings.kernel.audit import record
from tidings.kernel.clock import now
from tidings.kernel.installation import is_demo
from tidings.people.models import AccessAsk, Unit, User
from tidings.people.queries import others_who_confirm, units_of
from tidings.people.rules import needs_second_person, sees_more


def must_wait(actor: Actor, user: User, before: set[str], after: set[str], unit: Unit | None) -> bool:
    """Whether giving `after` instead of `before`, within `unit`, waits for a second person."""
    wider = sees_more(units_of(user.unit), units_of(unit))
    others = others_who_confirm(actor, user, unit)
    return needs_second_person(before, after, others=others, demo=is_demo(), wider=wider)


def ask(actor: Actor, user: User, roles: set[str], unit: Unit | None) -> AccessAsk:
    """Writes down, in the caller's transaction, what waits; an older wish for the same person ends."""
    end_open_ask(actor, user.pk, "replaced")
    made = AccessAsk(
        user=user,
        roles=sorted(roles),
        unit=unit,
        access_version=user.access_version,
        asked_by=actor.ref,
        asked_at=now(),
    )
    made.save(force_insert=True)
    record(actor, "staff.ask", "person", user.pk, {"asked": str(made.pk), "roles": made.roles})
    return made


def end_open_ask(actor: Actor, user_id: UUID, outcome: str) -> bool:
    """Ends what waits for somebody, if anything does."""
    waiting = AccessAsk.objects.filter(user_id=user_id, ended_at__isnull=True)
    return bool(waiting.update(ended_at=now(), ended_by=actor.ref, outcome=outcome))
