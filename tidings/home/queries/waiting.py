"""One line of the worklist, whatever it is about."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the worklist: what is due, on which thing, by when (None: as soon as possible), and whose it is.

    Where the thing is an incident whose phase the line names, `kind` says which incident (a title, or the code of a kind)
    and `languages` in which the words are; `said_by` is who decided so, `reason` why, in their own words; `because` is the code of why it waits.
    While lines are gathered `owner` and `said_by` are who it is by reference; their names are looked up once, for all.
    """

    what: str
    thing: str
    thing_kind: str
    url: str
    place: str = ""
    severity: str = ""
    due_by: datetime | None = None
    late: bool = False
    owner: str = ""
    mine: bool = False
    kind: str = ""
    languages: tuple[str, ...] = ()
    said_by: str = ""
    reason: str = ""
    because: str = ""
