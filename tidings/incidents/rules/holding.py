"""When a holding notice may go: a text approved beforehand that a dispatcher sends while no approver answers. Pure."""

from datetime import datetime

from tidings.kernel.actor import ActorKind


def may_hold(kind: ActorKind) -> bool:
    """Whether this kind of actor may send a holding notice: it goes without an approver's yes, and that is a person's own decision.

    As with an approval, a program or the command line asks, and never decides.
    """
    return kind is ActorKind.PERSON


def holding_from(
    *, second_person: bool, answer_by: datetime | None, first_by: datetime, detected_at: datetime
) -> datetime:
    """The moment from which a holding notice may go.

    At once where the grade asks for no second person. Otherwise whoever is asked for the first notice has until `answer_by`,
    which moves on as the next is asked and stays where it was when nobody is left; where nobody was asked, only what is late
    already may be held.
    """
    if not second_person:
        return detected_at
    return first_by if answer_by is None else min(first_by, answer_by)
