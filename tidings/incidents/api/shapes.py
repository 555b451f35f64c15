"""What the incident routes take and give."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import StringConstraints

from tidings.ui.shapes import Moment, Prose, Word, example

VERSION = Field(
    None, ge=0, le=2_000_000_000, description="the `version` that you read; 409 when it has moved on"
)


class AnswerOut(Schema):
    """A question that customers ask, with our answer in one language; paragraphs are parted by an empty line."""

    code: str
    language: str
    question: str
    answer: str
    public: bool


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
    users: list[Word] = Field(
        default_factory=list,
        max_length=100,
        description="services whose users are affected too, with or without a shipment: portal, link, or one of your own",
    )
    pickups: list[Word] = Field(
        default_factory=list,
        max_length=100,
        description="places whose standing pick-ups within the window are affected too",
    )

    model_config = example(kind="delay", place="NLVEN-H1", window_from="2026-11-22T05:55:00+01:00")


class ChangedFactsIn(FactsIn):
    """What is known, against the version that was read."""

    version: int | None = VERSION

    model_config = example(cause="A belt broke.", version=3)


class WhatIn(Schema):
    """What it is after all, where its report was mistaken; what is left out stays. Where it is, its question says."""

    kind: Word | None = None
    detected_at: Moment | None = None
    reason: Prose
    version: int | None = VERSION

    model_config = example(kind="theft", reason="The seal was broken.", version=3)


class GradeIn(Schema):
    """Another severity, with the reason where it differs from what the table proposes. `safety` and `legal` say whether people are
    in danger and whether the law is touched; left out, they stay. `takes_back`: the grade before was a mistake of some minutes ago,
    of which nobody was told; it asks for nothing at the closing then."""

    severity: Word
    reason: Prose = ""
    safety: bool | None = None
    legal: bool | None = None
    takes_back: bool = False
    version: int | None = VERSION

    model_config = example(severity="high", reason="Medicines are among them.", version=3)


class ListedIn(Schema):
    """What a list of the affected is narrowed to."""

    why: Word = ""
    certainty: Word = ""
    effect: Word = ""
    text: Word = ""
    lacks: Literal["", "contact", "told"] = ""


class EffectIn(Schema):
    """What it means for shipments: the new time of arrival, who holds them, what the customer must do and by when.

    With `shipments` (ids of affected ones) it is said of those alone, with `pieces` of some pieces of a single one; with `listed`
    of each that the list of the affected shows for the same words; an empty effect takes that back. Otherwise it is said of one
    reason, or without `why` of all that have none of their own.
    """

    effect: Word
    why: Word = ""
    shipments: list[UUID] | None = Field(None, min_length=1, max_length=5_000)
    listed: ListedIn | None = None
    most_shipments: int | None = Field(
        None, ge=0, le=2_000_000_000, description="409 when the list holds more than this"
    )
    pieces: list[Word] = Field(default_factory=list, max_length=500)
    from_at: Moment | None = None
    until_at: Moment | None = None
    held_by: Word = ""
    must_do: Word = ""
    do_by: Moment | None = None
    version: int | None = VERSION

    model_config = example(
        effect="delayed", from_at="2026-11-23T08:00:00+01:00", until_at="2026-11-23T18:00:00+01:00"
    )


class ParentIn(Schema):
    """The number of the incident that this one is part of; empty takes it out."""

    parent: Annotated[str, StringConstraints(max_length=40, pattern=r"^[A-Za-z0-9-]*$")]
    version: int | None = VERSION

    model_config = example(parent="INC-2026-11-0002")


class MoveIn(Schema):
    """The next state of its life. Merging names the number of the `other` incident."""

    target: Word
    reason: Prose = ""
    other: Word = ""
    version: int | None = VERSION

    model_config = example(target="responding", version=3)


class NoteIn(Schema):
    """A sentence for the timeline."""

    text: Prose

    model_config = example(text="The fire brigade has left.")


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


class EffectOut(Schema):
    """What was said of one reason; without `why` of all others."""

    why: str
    effect: str
    from_at: datetime | None
    until_at: datetime | None
    held_by: str
    must_do: str
    do_by: datetime | None


class FamilyOut(Schema):
    """What belongs together, as far as this key sees; shipments and customers are counted once, noughts where nothing is below."""

    parent: str | None
    children: list[str]
    merged: list[str]
    shipments: int
    customers: int
    told: int


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
    shipments: int = Field(description="affected now, as far as you may see; each counts once")
    customers: int = Field(description="whose they are; each counts once")
    affected: list[ReasonOut]
    without_shipment: int = Field(description="customers who are affected without any shipment")
    without_contact: int = Field(description="affected customers that have no contact at all")
    untold: int = Field(
        description="shipments that came in after the first notice went, and were not told of"
    )
    untold_customers: int = Field(
        description="customers without a shipment who came in since, and were not told"
    )
    next_phase: str


class AffectedOut(Schema):
    """One affected shipment, with the customer who is told of it and why it is in; or a customer without a shipment, whose `term` is
    the service or the place of the pick-up."""

    shipment_id: UUID | None
    customer_id: UUID | None
    term: str
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
    unproved: int = Field(
        description="of those under way or overdue: handed over to a relay without any evidence since, and nothing more follows"
    )


class PhaseReachOut(ReachOut):
    """Whom one phase has reached, whole and per language."""

    phase: str
    due_by: datetime | None
    by_language: dict[str, ReachOut]
