"""Resuming what was paused, by somebody who has seen how many will go."""

from uuid import UUID

from django.db import connection, transaction

from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing
from tidings.messaging import queries, sql
from tidings.messaging.actions.pause import require_every_unit
from tidings.messaging.models import Pause


def resume_sending(actor: Actor, pause_id: UUID, *, seen: int) -> queries.Paused:
    """Ends one pause: what waited for it may go, each under the Message-ID it has had. Gives what was let go.

    `seen` is the size that the person was shown. Raises Conflict when more wait by now, Missing when it has ended already,
    Refused for somebody outside headquarters. The patience with retries is given back the time that the pause took.
    """
    actor.require("message.send")
    require_every_unit(actor)
    with transaction.atomic():
        row = Pause.objects.select_for_update().filter(pk=pause_id, ended_at=None).first()
        if row is None:
            raise Missing("messaging.no_such_pause")
        held = queries.held_by(row)
        if held.waiting > seen:
            raise Conflict("messaging.more_wait_now", seen=seen, now=held.waiting)
        row.ended_at, row.ended_by = now(), queries.reference_of(actor)
        with connection.cursor() as cursor:
            spent = {**queries.extent(row), "since": row.paused_at, "now": row.ended_at}
            cursor.execute(sql.GIVE_PATIENCE_BACK, spent)
        row.save(update_fields=["ended_at", "ended_by"])
        told = {"scope": row.scope, "thing": row.thing, "reason": row.reason, "waiting": held.waiting}
        audit.record(actor, "message.send", "pause", row.pk, {**told, "uncertain": held.uncertain})
    return held
