"""A client's contract on who hears, for programs."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import StringConstraints

from tidings.customers.actions import change_contract
from tidings.customers.queries import contract_of, contract_version, customer
from tidings.customers.rules import LATEST_AFTER, Hearing
from tidings.incidents import actions, queries
from tidings.incidents.api.routes import router
from tidings.incidents.forms.contract import EFFECTS, PHASES
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Number, example

Version = Annotated[str, StringConstraints(max_length=24, pattern=r"^[0-9a-f]*$")]
Code = Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z_]*$")]


class HearingFields(Schema):
    """Who hears of `effect` in messages of `phase`; empty means any. `after` counts minutes from the client's message, where it
    hears first; null waits for the client's word."""

    told: Literal["client", "client_first", "both", "consignee"]
    effect: Code = ""
    phase: Code = ""
    after: Annotated[int, Field(ge=1, le=LATEST_AFTER)] | None = None


class ContractOut(Schema):
    """The lines of a contract, the one for all first; the most specific holds: effect and phase, then effect, then phase."""

    lines: list[HearingFields]
    version: str


class ContractIn(Schema):
    """All its lines. What is not among them holds no more."""

    lines: list[HearingFields] = Field(min_length=1, max_length=60)
    version: Version | None = Field(None, description="the `version` that you read; 409 when it has moved on")

    model_config = example(
        lines=[
            {"told": "client"},
            {"told": "client_first", "effect": "delayed", "after": 30},
            {"told": "both", "effect": "lost"},
        ]
    )


@router.get(
    "/customers/{customer_id}/contract", response=ContractOut, summary="Who hears", tags=["customers"]
)
def contract(request: StaffRequest, customer_id: UUID) -> dict[str, Any]:
    """What the client's contract says on who hears of what. Needs customer.read."""
    return _shown(request, customer_id)


@router.put(
    "/customers/{customer_id}/contract", response=ContractOut, summary="Say who hears", tags=["customers"]
)
def put_contract(request: StaffRequest, customer_id: UUID, given: ContractIn) -> dict[str, Any]:
    """Replaces every line. Open incidents follow within the hour, or when somebody looks again. Needs contact.change."""
    lines = [Hearing(one.told, one.effect, one.phase, one.after) for one in given.lines]
    if any(one.effect not in ("", *EFFECTS) or one.phase not in ("", *PHASES) for one in lines):
        raise Refused("customer.contract_unknown")
    change_contract(request.actor, customer_id, lines, version=given.version, at=now())
    return _shown(request, customer_id)


class WaitsForOut(Schema):
    """A client that hears first, and how many customers wait for its word."""

    customer_id: UUID
    name: str
    customers: int


class ClientWordIn(Schema):
    """The client whose word it is."""

    customer_id: UUID

    model_config = example(customer_id="019400a0-0000-7000-8000-000000000001")


@router.get("/incidents/{number}/waits", response=list[WaitsForOut], summary="Who waits for a client")
def waits(request: StaffRequest, number: Number) -> list[WaitsForOut]:
    """At most 50 clients, those whom most wait for first. Needs incident.read."""
    incident = queries.incident(request.actor, number)
    return [WaitsForOut.from_orm(one) for one in queries.waited_for(request.actor, incident, now())]


@router.post("/incidents/{number}/client-word", response=list[WaitsForOut], summary="Note a client’s word")
def client_word(request: StaffRequest, number: Number, given: ClientWordIn) -> list[WaitsForOut]:
    """The client lets its consignees be told now: who waited for it hears at once, or with the first notice. Gives who is
    waited for still. Needs message.confirm."""
    incident = queries.incident(request.actor, number)
    actions.note_client_agrees(request.actor, incident.pk, given.customer_id)
    return [WaitsForOut.from_orm(one) for one in queries.waited_for(request.actor, incident, now())]


def _shown(request: StaffRequest, customer_id: UUID) -> dict[str, Any]:
    lines = contract_of(customer(request.actor, customer_id))
    return {
        "lines": [HearingFields.model_validate(one, from_attributes=True) for one in lines],
        "version": contract_version(lines),
    }
