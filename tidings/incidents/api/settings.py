"""What each severity demands, the grading table and the kinds: read, and asked for otherwise. An administrator says yes on a page."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema, Status
from pydantic import StringConstraints

from tidings.customers.rules import CHANNELS
from tidings.incidents import actions, queries, rules
from tidings.incidents.api.routes import router
from tidings.incidents.models import GradingAsk, PolicyAsk
from tidings.incidents.rules.grading import GradingRow
from tidings.kernel.errors import Missing, Refused
from tidings.messaging.rules.delivery import CALL
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Count, Prose, Word, example

Grade = Literal["low", "medium", "high", "critical"]
Minutes = Annotated[int, Field(ge=1, le=rules.LIMIT // timedelta(minutes=1))]


class PolicyFields(Schema):
    """What one severity demands. `required` phases guard closing; `overrides_quiet` are channels that do not wait for quiet hours."""

    first_notice_minutes: Minutes = Field(description="from detection; never more than 24 hours")
    update_minutes: Minutes = Field(description="news at least so often while it lasts")
    second_person: bool = Field(description="own sentences need another person's approval")
    special: bool = Field(description="run by a command group of headquarters")
    required: list[rules.Phase] = Field(max_length=20)
    overrides_quiet: list[
        Literal[
            "email", "sms", "voice", "whatsapp", "wechat", "telegram", "wecom", "webhook", "other", "call"
        ]
    ] = Field(max_length=10)
    channels: list[Word] | None = Field(
        None, max_length=20, description="the only rungs that are sent by; none: whatever a customer has"
    )
    confirm: bool | None = Field(None, description="only a confirmed contact counts, whatever happened")
    brake_customers: int | None = Field(
        None,
        ge=1,
        le=1_000_000,
        description="more customers than this coming or going at once wait for a person",
    )
    brake_share: int | None = Field(
        None, ge=1, le=100, description="so does more than this percentage of those affected"
    )
    brake_few: int | None = Field(None, ge=0, le=1_000_000, description="but never so many or fewer")
    brake_minutes: int | None = Field(None, ge=1, le=60, description="for how long changes are gathered")


class PolicyOut(PolicyFields):
    """The policy in force; version 0 is the shipped one."""

    severity: str
    version: int


class PolicyIn(PolicyFields):
    """Another policy, with the reason."""

    reason: Prose = ""
    version: Count | None = Field(None, description="the `version` that you read; 409 when it has moved on")

    model_config = example(
        first_notice_minutes=120,
        update_minutes=240,
        second_person=True,
        special=False,
        required=["first_notice", "closing"],
        overrides_quiet=["sms"],
        reason="Medicines since June.",
        version=0,
    )


class PolicyAskOut(PolicyFields):
    """A policy that was asked for and waits for an administrator."""

    id: UUID
    severity: str
    reason: str
    asked_by: str
    asked_at: datetime


class RowFields(Schema):
    """When everything that the row names is so, at least this severity. Empty, 0 and false name nothing."""

    severity: Grade
    kind: Word = ""
    customers: Count = 0
    value_cents: Annotated[int, Field(ge=0, le=10**15)] = 0
    currency: Annotated[str, StringConstraints(pattern=r"^([A-Z]{3})?$")] = ""
    safety: bool = False
    legal: bool = False

    model_config = example(severity="high", kind="delay", customers=500)


class KindOut(Schema):
    """A kind that may be reported: a firm's own has names by language; no incident of it is graded below `floor`."""

    code: str
    names: dict[str, str]
    floor: str


class KindIn(Schema):
    """A kind of the firm's own: its name per language, and the lowest severity that it may have."""

    names: dict[Word, Word] = Field(min_length=1, max_length=50)
    floor: Grade

    model_config = example(names={"en": "Flooded hub", "nl": "Ondergelopen sorteercentrum"}, floor="medium")


class GradingAskOut(RowFields):
    """What was asked about the grading and waits: add_row, end_row, or save_kind with the severity as its floor and `names`."""

    id: UUID
    what: str
    names: dict[str, str]
    asked_by: str
    asked_at: datetime


class AskedOut(Schema):
    """The wish that waits for an administrator; null where nothing would change."""

    waits: UUID | None


@router.get("/policies", response=list[PolicyOut], summary="What each severity demands")
def policies(request: StaffRequest) -> list[PolicyOut]:
    """The policies in force. Needs incident.read."""
    request.actor.require("incident.read")
    return [
        PolicyOut(
            severity=one.severity.code, version=queries.policy_version(one.severity.code), **_fields(one)
        )
        for one in queries.policies().values()
    ]


@router.get("/policies/asked", response=list[PolicyAskOut], summary="Policies that wait")
def policies_asked(request: StaffRequest) -> list[PolicyAskOut]:
    """What was asked for and waits for an administrator. Needs incident.read."""
    return [
        PolicyAskOut(
            id=one.pk,
            severity=one.severity,
            reason=one.reason,
            asked_by=one.asked_by,
            asked_at=one.asked_at,
            **_fields(one.terms()),
        )
        for one in queries.policies_asked(request.actor)
    ]


@router.put("/policies/{severity}", response={202: AskedOut}, summary="Ask for another policy")
def ask_policy(request: StaffRequest, severity: Word, given: PolicyIn) -> Status[AskedOut]:
    """Nothing changes before an administrator, other than who made the key, has said yes on the page of the policies. What this does
    not name, and figures of the brake that are left out, stay as they are. It takes the place of a wish that waits. Only a key of headquarters. Needs policy.ask."""
    if severity not in rules.SEVERITIES:
        raise Missing("incident.severity_unknown", severity=severity)
    stands = queries.policies()[rules.SEVERITIES[severity]]
    wanted = replace(
        stands,
        first_notice_within=timedelta(minutes=given.first_notice_minutes),
        update_every=timedelta(minutes=given.update_minutes),
        second_person=given.second_person,
        special=given.special,
        required=frozenset(given.required),
        overrides_quiet=frozenset(given.overrides_quiet),
        brake=_brake(given, stands.brake),
        channels=stands.channels if given.channels is None else _rungs(given.channels),
        confirm=stands.confirm if given.confirm is None else given.confirm,
    )
    asked = actions.change_policy(request.actor, wanted, given.reason, seen_version=given.version)
    return _asked(asked)


@router.get("/grading", response=list[RowFields], summary="The grading table")
def grading(request: StaffRequest) -> list[dict[str, Any]]:
    """Of the rows that apply the gravest severity is proposed, never below a kind's floor. Needs incident.read."""
    request.actor.require("incident.read")
    return [{"severity": one.severity.code, **_named(one)} for one in queries.grading_rows()]


@router.post("/grading/rows", response={202: AskedOut}, summary="Ask for a row")
def ask_row(request: StaffRequest, given: RowFields) -> Status[AskedOut]:
    """Of the same conditions it takes the other's place. As with policies an administrator says yes. Needs policy.ask."""
    return _asked(actions.add_grading_row(request.actor, _row(given)))


@router.post("/grading/rows/end", response={202: AskedOut}, summary="Ask to take a row out")
def ask_end(request: StaffRequest, given: RowFields) -> Status[AskedOut]:
    """Named by what it says. Needs policy.ask."""
    return _asked(actions.end_grading_row(request.actor, _row(given)))


@router.get("/grading/asked", response=list[GradingAskOut], summary="Grading that waits")
def grading_asked(request: StaffRequest) -> list[GradingAskOut]:
    """What was asked about rows and kinds and waits for an administrator. Needs incident.read."""
    return [GradingAskOut.from_orm(one) for one in queries.grading_asked(request.actor)]


@router.get("/kinds", response=list[KindOut], summary="Kinds of incident")
def kinds(request: StaffRequest) -> list[KindOut]:
    """Those that may be reported, each with its floor. Needs incident.read."""
    request.actor.require("incident.read")
    floors = queries.floors()
    return [
        KindOut(code=code, names=names, floor=floors[code].code) for code, names in queries.kinds().items()
    ]


@router.put("/kinds/{code}", response={202: AskedOut}, summary="Ask for a kind of your own")
def ask_kind(request: StaffRequest, code: Word, given: KindIn) -> Status[AskedOut]:
    """A new one, or other names and another floor. As with policies an administrator says yes. Needs policy.ask."""
    return _asked(actions.save_kind(request.actor, code, given.names, given.floor))


def _asked(one: PolicyAsk | GradingAsk | None) -> Status[AskedOut]:
    return Status(202, AskedOut(waits=one.pk if one else None))


def _fields(one: rules.Policy) -> dict[str, Any]:
    minute = timedelta(minutes=1)
    return {
        "first_notice_minutes": one.first_notice_within // minute,
        "update_minutes": one.update_every // minute,
        "second_person": one.second_person,
        "special": one.special,
        "required": sorted(one.required),
        "overrides_quiet": sorted(one.overrides_quiet),
        "channels": sorted(one.channels),
        "confirm": one.confirm,
        "brake_customers": one.brake.customers,
        "brake_share": one.brake.share,
        "brake_few": one.brake.few,
        "brake_minutes": one.brake.gathered // minute,
    }


def _rungs(given: list[str]) -> frozenset[str]:
    """Raises Refused for a channel that no ladder has."""
    unknown = sorted(set(given) - set(CHANNELS) | {CALL} & set(given))
    if unknown:
        raise Refused("incident.no_such_channel", channel=unknown[0])
    return frozenset(given)


def _brake(given: PolicyIn, stands: rules.Brake) -> rules.Brake:
    return rules.Brake(
        stands.customers if given.brake_customers is None else given.brake_customers,
        stands.share if given.brake_share is None else given.brake_share,
        stands.few if given.brake_few is None else given.brake_few,
        stands.gathered if given.brake_minutes is None else timedelta(minutes=given.brake_minutes),
    )


def _named(one: GradingRow) -> dict[str, Any]:
    names = ("kind", "customers", "value_cents", "currency", "safety", "legal")
    return {name: getattr(one, name) for name in names}


def _row(given: RowFields) -> GradingRow:
    return GradingRow(
        rules.SEVERITIES[given.severity],
        given.kind,
        given.customers,
        given.value_cents,
        given.currency,
        given.safety,
        given.legal,
    )
