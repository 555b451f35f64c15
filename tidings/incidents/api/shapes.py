"""What the incident routes take and give."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import StringConstraints

from tidings.incidents.rules import TermKind
from tidings.ui.shapes import Moment, Prose, Word

VERSION = Field(
    None, ge=0, le=2_000_000_000, description="the `version` that you read; 409 when it has moved on"
)


class FactsIn(Schema):
    """What is known; a fact left out stays as it stands, an empty one is emptied."""

    title: Word | None = None
    what: Prose | None = None
    cause: Prose | None = None
    effect: Prose | None = None
    first_response: Prose | None = None
    measures: Prose | None = None


class ReportIn(Schema):
    """A report: kind, place and the start of the window are enough; no end means still going on."""

    kind: Word
    place: Word = Field(description="code of a hub, a UN/LOCODE or a country")
    window_from: Moment
    window_until: Moment | None = None
    severity: Word = Field("", description="low, medium, high or critical; without it, as the table proposes")
    detected_at: Moment | None = Field(None, description="when somebody first noticed it; without it, now")
    effect: Word = ""
    safety: bool = Field(False, description="people are in danger")
    legal: bool = Field(False, description="the law is touched")
    facts: FactsIn = FactsIn()
    drill: bool = False
    unit: UUID | None = None


class ChangedFactsIn(FactsIn):
    """What is known, against the version that was read."""

    version: int | None = VERSION


class GradeIn(Schema):
    """Another severity, with the reason where it differs from what the table proposes. `safety` and `legal` say whether people are
    in danger and whether the law is touched; left out, they stay."""

    severity: Word
    reason: Prose = ""
    safety: bool | None = None
    legal: bool | None = None
    version: int | None = VERSION


class EffectIn(Schema):
    """What it means for shipments: the new time of arrival, who holds them, what the customer must do and by when.

    With `shipments` (ids of affected ones) it is said of those alone, with `pieces` of some pieces of a single one; an empty effect
    takes that back. Otherwise it is said of one reason, or without `why` of all that have none of their own.
    """

    effect: Word
    why: Word = ""
    shipments: list[UUID] | None = Field(None, min_length=1, max_length=5_000)
    pieces: list[Word] = Field(default_factory=list, max_length=500)
    from_at: Moment | None = None
    until_at: Moment | None = None
    held_by: Word = ""
    must_do: Word = ""
    do_by: Moment | None = None
    version: int | None = VERSION


class TermIn(Schema):
    """One condition; any of its values fulfils it. A place's are codes or a country's two letters; a lane goes from `values` to `to`; a
    transport's are numbers of vehicles, voyages, flights or trains, on a `day` where given; a client's are customers' numbers, in
    any of `roles`; of a container, number or service its own."""

    kind: TermKind
    values: list[Word] = Field(min_length=1, max_length=5_000)
    to: list[Word] = Field(default_factory=list, max_length=500)
    day: date | None = None
    roles: list[Word] = Field(default_factory=list, max_length=10)


class GroupIn(Schema):
    """Terms that must all be fulfilled within one window; no end means until further notice."""

    terms: list[TermIn] = Field(min_length=1, max_length=10)
    from_at: Moment
    until_at: Moment | None = None


class AskingIn(Schema):
    """A question: those that fulfil any of the groups are affected."""

    groups: list[GroupIn] = Field(min_length=1, max_length=10)


class QuestionIn(AskingIn):
    """Another question. With `most_told_to_go` it is 409 when more customers who were told already would go than this."""

    most_told_to_go: int | None = Field(None, ge=0, le=2_000_000_000)
    version: int | None = VERSION


class PickIn(Schema):
    """A person's or system's own word on shipments, whatever the question says: in, out, or with an empty verdict as it says."""

    shipments: list[UUID] = Field(min_length=1, max_length=5_000)
    verdict: Literal["in", "out", ""]
    reason: Prose = ""
    version: int | None = VERSION


class PickedOut(Schema):
    """How many shipments this was said of."""

    shipments: int


class TermOut(Schema):
    """One condition of the question."""

    kind: str
    values: list[str]
    to: list[str]
    day: date | None
    roles: list[str]


class GroupOut(Schema):
    """Terms that must all be fulfilled within one window."""

    terms: list[TermOut]
    from_at: datetime
    until_at: datetime | None


class QuestionOut(Schema):
    """The question as it stands."""

    groups: list[GroupOut]


class MoveIn(Schema):
    """The next state of its life. Merging names the number of the `other` incident."""

    target: Word
    reason: Prose = ""
    other: Word = ""
    version: int | None = VERSION


class NoteIn(Schema):
    """A sentence for the timeline."""

    text: Prose


class WordsIn(Schema):
    """People's own sentences: language code to the fact of the contract to its sentence. A correction names the message that it
    puts right."""

    facts: dict[Word, dict[Word, Prose]] = Field(default_factory=dict)
    corrects: UUID | None = None


class TellIn(Schema):
    """Without `facts` what is written already goes, or the prepared text as it stands."""

    facts: dict[Word, dict[Word, Prose]] | None = None
    most_contacts: int | None = Field(
        None, ge=0, le=2_000_000_000, description="409 when it would go to more contacts than this"
    )


class IncidentOut(Schema):
    """An incident as a list shows it. Moments are in UTC."""

    id: UUID
    number: str
    title: str
    kind: str
    severity: str
    state: str
    place: str
    detected_at: datetime
    window_from: datetime
    window_until: datetime | None
    first_notice_by: datetime
    first_notice_at: datetime | None
    next_update_by: datetime | None
    drill: bool
    version: int


class ReasonOut(Schema):
    """How many are affected for one reason, and what it means for them."""

    why: str
    certainty: str
    shipments: int
    customers: int
    effect: str
    from_at: datetime | None
    until_at: datetime | None


class WholeOut(IncidentOut):
    """One incident whole: its facts, who is affected and why, and what may follow."""

    what: str
    cause: str
    effect: str
    first_response: str
    measures: str
    unit_id: UUID | None
    opened_at: datetime
    changed_at: datetime
    affected: list[ReasonOut]
    untold: int = Field(description="came in after the first notice went, and were not told")
    next_phase: str


class AffectedOut(Schema):
    """One affected shipment, with the customer who is told of it and why it is in."""

    shipment_id: UUID
    waybill: str
    customer: str
    why: str
    certainty: str
    seen_at: datetime | None
    expected_at: datetime | None
    effect: str
    held_by: str
    must_do: str
    do_by: datetime | None
    pieces: list[str] | None = Field(description="barcodes of those concerned; null means the whole shipment")
    told_at: datetime | None


class FoundOut(Schema):
    """How many are affected now, and how many came and went."""

    shipments: int
    customers: int
    came: int
    went: int


class ChangeOut(Schema):
    """What a question would find, and how many shipments and customers would come and go; `told_went` had been told already."""

    shipments: int
    customers: int
    came: int
    went: int
    came_customers: int
    went_customers: int
    told_went: int


class LineOut(Schema):
    """One line of the story; `text` is a person's own sentence, `facts` belong to the code."""

    at: datetime
    code: str
    facts: dict[str, Any]
    text: str
    by: str
    by_kind: str


class ReachOut(Schema):
    """The five numbers that always add up to `total`, and on what evidence somebody counts as reached."""

    in_time: int
    late: int
    under_way: int
    overdue: int
    unreachable: int
    total: int
    presumed: int
    delivered: int
    confirmed: int


class PhaseReachOut(ReachOut):
    """Whom one phase has reached, whole and per language."""

    phase: str
    due_by: datetime | None
    by_language: dict[str, ReachOut]


class DraftOut(Schema):
    """One language as one of its readers will see it; `missing` are facts of the contract that it does not tell yet."""

    language: str
    subject: str
    short: str
    paragraphs: list[str]
    said: list[str]
    missing: list[str]
    contacts: int


class PhaseOut(Schema):
    """A phase about to be told: its words, its size, and what still stands before it."""

    phase: str
    complete: bool
    waits: bool = Field(description="a person must approve it first")
    approved: bool
    contacts: int
    by_channel: dict[str, int]
    next_by: datetime | None
    message_id: UUID | None
    drafts: list[DraftOut]


class WrittenOut(Schema):
    """The message that was written."""

    message: UUID


class ToldOut(Schema):
    """What became of telling: how many contacts it goes to, or that it waits for a person's approval."""

    message: UUID
    sent_to: int | None
    waits_for_approval: bool


class TaskIn(Schema):
    """Something for a department to do by a moment; the owner is one of the staff who sees the incident."""

    department: Annotated[Word, StringConstraints(max_length=40)]
    text: Prose
    due_by: Moment
    owner: UUID | None = None


class TaskEndIn(Schema):
    """How it ended: done, or not_done with the reason why."""

    end: Literal["done", "not_done"] = "done"
    reason: Prose = ""


class TaskOut(Schema):
    """A task: whose it is, by when, and what came of it. Open while `end` is empty."""

    id: UUID
    department: str
    text: str
    due_by: datetime
    owner_id: UUID | None
    shipment_id: UUID | None
    end: str
    ended_at: datetime | None
    reason: str


class AgainOut(Schema):
    """Whom a message would go to again; `broadcast` and `people` are what the request to do so must carry."""

    broadcast: str
    people: int
    by_channel: dict[str, int]
    without: int = Field(description="without any usable address")


class AgainIn(Schema):
    """What was seen: 409 when it was sent again since, or would go to more people."""

    broadcast: Word
    people: int = Field(ge=0, le=2_000_000_000)


class SentAgainOut(Schema):
    """To how many it is on its way again."""

    sent_to: int
