"""What was done, and the names of who did it."""

from collections.abc import Sequence

from django.db.models import QuerySet

from tidings.incidents import queries as incidents
from tidings.kernel.actor import Actor
from tidings.kernel.models import AuditLine
from tidings.people import queries as people


def audit_lines(actor: Actor, *, who: str = "", verb: str = "", thing_id: str = "") -> QuerySet[AuditLine]:
    """What was done, newest first; for those who may read it."""
    actor.require("audit.read")
    found = AuditLine.objects.order_by("-id")
    if who:
        found = found.filter(actor_ref=who)
    if verb:
        found = found.filter(verb__startswith=verb)
    if thing_id:
        found = found.filter(thing_id=thing_id)
    return found


def names_behind(actor: Actor, lines: Sequence[AuditLine]) -> dict[str, str]:
    """The names of the people on a page of audit lines and the numbers of its incidents, by reference: a query each."""
    refs = {line.actor_ref for line in lines} | {line.thing_id for line in lines if line.thing == "person"}
    told = people.ids_among({line.thing_id for line in lines if line.thing == "incident"})
    return people.names_of(sorted(refs)) | incidents.numbers_of(actor, told)
