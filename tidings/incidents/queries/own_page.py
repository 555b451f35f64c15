"""What a customer's own link shows: their incident as it was told to them, and all their shipments. Nothing of anybody else.

It says again what messages said, and nothing that none has said yet; no member of the staff reads with these.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from tidings.customers.queries import living_customer_of
from tidings.incidents import sql
from tidings.incidents.models import Affected, ClientWord, Incident
from tidings.incidents.queries.answers import answers_to
from tidings.incidents.queries.choices import chosen, offers_that_stand
from tidings.incidents.queries.family import survivor
from tidings.incidents.rules.choice import is_offered, may_choose
from tidings.incidents.rules.own_page import line_told, link_opens, sentences_told
from tidings.messaging import queries as messaging
from tidings.messaging.rules.wording import (
    Reader,
    code_of,
    row_values,
    say_moment,
    say_moment_and_zone,
    say_zone,
)

SHIPMENTS_ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class OwnLink:
    """A link that opens: the incident, the contact's customer, the reader, and everything they heard, newest first; without
    the sentences that their role may not hear today."""

    incident: Incident
    recipient_id: UUID
    contact_id: UUID
    customer_id: UUID
    language: str
    reader: Reader
    heard: tuple[messaging.Heard, ...]

    @property
    def newest(self) -> messaging.Heard | None:
        return self.heard[0] if self.heard else None


@dataclass(frozen=True, slots=True)
class OwnOffer:
    """What they may choose, for which of their shipments (id to waybill), until when, and what holds without an answer."""

    id: UUID
    options: tuple[str, ...]
    default: str
    closes_at: datetime
    is_open: bool
    shipments: Mapping[UUID, str]

    @property
    def size(self) -> int:
        return len(self.shipments)


@dataclass(frozen=True, slots=True)
class OwnShipment:
    """One of their shipments in words."""

    shipment_id: UUID
    waybill: str
    outcome: str
    offer: OwnOffer | None = None
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class OwnShipments:
    """Some of them; `found` counts those that answer to what was looked for, `total` all."""

    rows: tuple[OwnShipment, ...]
    found: int
    total: int


def own_link(token: str, now: datetime) -> OwnLink | None:
    """What a token opens: the incident that its message was about, or the one that this was merged into. None for one that is not ours, was revoked, or whose time is over: which, is not told."""
    page = messaging.opened(token)
    if page is None:
        return None
    named = Incident.objects.filter(number=page.about).first()
    customer = living_customer_of(page.recipient.contact_id)
    if named is None or customer is None:
        return None
    incident = survivor(named)
    if not link_opens(state=incident.state, ended_at=_ended_at(incident), revoked=page.revoked, now=now):
        return None
    return OwnLink(
        incident,
        page.recipient.pk,
        page.recipient.contact_id,
        customer,
        page.recipient.language,
        messaging.reader_of(page.recipient, now.year),
        _may_read(messaging.heard(page, sql.merged_numbers(incident.pk)), incident, customer),
    )


def _may_read(
    heard: list[messaging.Heard], incident: Incident, customer_id: UUID
) -> tuple[messaging.Heard, ...]:
    roles, opened = _roles(incident, customer_id, list(_newest(heard))), sql.opened_cells()
    return tuple(
        one
        if sentences_told(
            one.kind, [(line, roles.get(shipment, ())) for shipment, line in one.shipments], opened
        )
        else replace(one, subject="", paragraphs=())
        for one in heard
    )


def own_offers(link: OwnLink, now: datetime) -> list[OwnOffer]:
    """What they may choose for which shipments; a shipment stands in one offer, the one for its own effect first."""
    standing = offers_that_stand(link.incident)
    if not standing:
        return []
    lines = _newest(link.heard)
    roles = _roles(link.incident, link.customer_id, list(lines))
    opened = sql.opened_cells()
    told = {one: line_told(line, roles.get(one, ()), opened) for one, line in lines.items()}
    found, taken = [], set[UUID]()
    for offer in standing:
        theirs = {
            one: str(line.get("waybill", ""))
            for one, line in told.items()
            if one not in taken and is_offered(line.get("effect", ""), offer.effect)
        }
        taken |= set(theirs)
        is_open = link.incident.is_open and may_choose(offer.closes_at, offer.ended_at, now)
        if theirs:
            options = tuple(offer.options)
            found.append(OwnOffer(offer.pk, options, offer.default, offer.closes_at, is_open, theirs))
    return found


def own_shipments(
    link: OwnLink, offers: Sequence[OwnOffer] = (), *, text: str = "", page: int = 1
) -> OwnShipments:
    """A page of all shipments they were told about, each as the newest message that names it said, gravest first."""
    lines = _newest(link.heard)
    wanted = text.strip().casefold()
    found = [one for one in lines if wanted in str(lines[one].get("waybill", "")).casefold()]
    first = (page - 1) * SHIPMENTS_ON_A_PAGE
    shown = found[first : first + SHIPMENTS_ON_A_PAGE]
    roles = _roles(link.incident, link.customer_id, shown)
    opened = sql.opened_cells()
    answered = chosen([each.id for each in offers], link.customer_id, shown) if offers else {}
    rows = []
    for one in shown:
        values = row_values(line_told(lines[one], roles.get(one, ()), opened), link.reader)
        offer = next((each for each in offers if one in each.shipments), None)
        option = answered[one].option if one in answered else ""
        rows.append(OwnShipment(one, values["waybill"], values["outcome"], offer, option))
    return OwnShipments(tuple(rows), len(found), len(lines))


def own_consignees(link: OwnLink, now: datetime) -> tuple[int, datetime | None]:
    """How many other parties wait for this reader's word, where their contract lets them hear first; and when it was given."""
    given = ClientWord.objects.filter(incident=link.incident, customer_id=link.customer_id).first()
    if given is not None or not link.incident.is_open:
        return 0, given.at if given else None
    waits = sql.waited_for(link.incident.pk, now, only=link.customer_id)
    return (waits[0].customers if waits else 0), None


def own_services(link: OwnLink) -> list[tuple[str, str]]:
    """What they were told of our services to them and not of a shipment: which, and what the newest message says of it."""
    newest = next((one.alone for one in link.heard if one.alone), ())
    said = (row_values(line, link.reader) for line in newest)
    return [(values["waybill"], values["outcome"]) for values in said]


def said_moment(link: OwnLink, at: datetime, *, zone: bool = False) -> str:
    """A moment as this reader says it, in their zone."""
    return say_moment_and_zone(at, link.reader) if zone else say_moment(at, link.reader)


def said_zone(link: OwnLink) -> str:
    """The name of their zone."""
    return link.reader.words.say("all_times", zone=say_zone(link.reader))


def promised_by(link: OwnLink) -> datetime | None:
    """When they hear next, as the newest message promised; None where nothing is promised any more."""
    return link.newest.next_by if link.newest and link.incident.is_open else None


def own_answers(link: OwnLink, now: datetime) -> list[messaging.Answered]:
    """What others ask about such an incident, and our answers, in their language: of the kind they were told, else the general ones.
    Only those meant for customers.
    """
    kind = next((one.kind for one in link.heard if one.subject), "general")
    zone = link.reader.time_zone
    return answers_to(
        link.incident, link.language, zone, now, kind=kind, next_by=promised_by(link), only_public=True
    )


def heading(link: OwnLink) -> str:
    """What the page is about, in the words of the newest message whose sentences they may read; else the incident's number."""
    return next((one.subject for one in link.heard if one.subject), link.incident.number)


def own_code(link: OwnLink) -> str:
    """The code of the message whose link was opened."""
    return code_of(link.recipient_id)


def _ended_at(incident: Incident) -> datetime | None:
    entered = incident.state_changes.filter(state=incident.state).order_by("-at")
    return entered.values_list("at", flat=True).first()


def _newest(heard: Sequence[messaging.Heard]) -> dict[UUID, Mapping[str, Any]]:
    lines: dict[UUID, Mapping[str, Any]] = {}
    for one in heard:
        for shipment, line in one.shipments:
            lines.setdefault(shipment, line)
    return lines


def _roles(incident: Incident, customer_id: UUID, shipments: Sequence[UUID]) -> dict[UUID, list[str]]:
    """What this customer is on each of these shipments, as far as is known today."""
    known = Affected.objects.filter(incident=incident, customer_id=customer_id, shipment_id__in=shipments)
    return {one: roles for one, roles in known.values_list("shipment_id", "roles") if one}
