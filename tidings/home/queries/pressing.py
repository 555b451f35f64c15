"""How much of the worklist cannot wait: one count per kind of line, for the rail of every page."""

from tidings.incidents import queries as incidents
from tidings.messaging import queries as messaging
from tidings.ui.rail import Counting


def pressing(counting: Counting) -> tuple[int, int]:
    """What is late, and what waits for somebody to decide (approvals, large changes), and how much of that is late: from what
    the rail's other entries count, where they count it.
    """
    actor, at = counting.actor, counting.at
    waiting = counting.once(messaging.waiting_for_approval, actor)
    if not actor.may("incident.read"):
        return waiting, 0
    if actor.may("incident.scope"):
        waiting += incidents.waiting_held(actor)
    late = counting.once(incidents.open_and_late, actor, at)[1]
    late += incidents.late_tasks(actor, at) + incidents.late_promises(actor, at)
    late += incidents.late_checks(actor, at)
    late += sum(one.late for one in incidents.waiting_law(actor, at))
    late += incidents.late_newcomers(actor, at)
    return waiting + late, late
