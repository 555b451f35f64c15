"""What incidents hang on other domains' pages: on a shipment, which incidents touch it; on a message, the way back."""

from collections.abc import Mapping
from uuid import UUID

from django.urls import reverse
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tidings.customers.queries import contacts_of, contract_of, customer
from tidings.incidents import forms, queries
from tidings.incidents.models import Incident
from tidings.incidents.words.contract import later_words
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.panels import panel
from tidings.messaging import queries as messaging
from tidings.ui.rail import Counting, RailEntry
from tidings.ui.settings_index import SettingsEntry
from tidings.ui.words import label


@panel("shipment", "incidents/_shipment_panel.html", order=20)
def of_shipment(actor: Actor, shipment_id: UUID) -> Mapping[str, object] | None:
    """The incidents that touch this shipment, the reason why, and who was told of it, when, and how it stands with each."""
    if not actor.may("incident.read"):
        return None
    found = queries.touching(actor, shipment_id)
    if not found:
        return None
    places, kinds = queries.place_names([row.incident.place for row in found]), queries.kinds()
    told = queries.told_of([row.incident_id for row in found], shipment_id, now())
    return {
        "rows": [
            {
                "incident": row.incident,
                "title": forms.title_of(
                    row.incident, places.get(row.incident.place, row.incident.place), kinds
                ),
                "why": label(f"incident.why.{row.why}"),
                "gone": row.gone_at,
                "state": label(f"incident.state.{row.incident.state}"),
                "told": [
                    {
                        "phase": label(f"incident.phase.{sending.phase}"),
                        "at": sending.sent_at,
                        "who": one.name,
                        "channel": label(f"message.channel.{one.channel}") if one.channel else "",
                        "standing": one,
                        "part": label(f"message.part.{one.part}"),
                    }
                    for sending, one in told.get(row.incident_id, [])
                ],
            }
            for row in found
        ]
    }


@panel("customer", "incidents/_customer_panel.html", order=10)
def of_customer(actor: Actor, customer_id: UUID) -> Mapping[str, object] | None:
    """What the customer was told last, and whether it arrived: what somebody on the telephone asks first."""
    if not actor.may("message.read"):
        return None
    said = messaging.said_to([one.pk for one in contacts_of(customer_id)], now())
    rows = [
        {
            "phase": label(f"incident.phase.{message.phase}"),
            "about": message.about,
            "url": reverse("incidents:show", args=[message.about]),
            "who": one.name,
            "channel": label(f"message.channel.{one.channel}") if one.channel else "",
            "part": label(f"message.part.{one.part}"),
            "unreachable": one.part == "unreachable",
            "at": one.reached_at,
            "shipments": one.shipments,
        }
        for message, one in said
    ]
    return {"rows": rows} if rows else None


@panel("customer", "incidents/_contract_panel.html", order=5)
def contract_of_customer(actor: Actor, customer_id: UUID) -> Mapping[str, object] | None:
    """What the contract says on who is told of this customer's shipments; a consumer has none."""
    if not actor.may("customer.read"):
        return None
    found = customer(actor, customer_id)
    if found.kind == "consumer":
        return None
    lines = [
        {
            "effect": label(f"incident.effect.{one.effect}") if one.effect else _("Any effect"),
            "phase": label(f"incident.phase.{one.phase}") if one.phase else _("any message"),
            "told": label(f"told.{one.told}"),
            "when": later_words(one),
        }
        for one in contract_of(found)
    ]
    may_change = actor.may("contact.change") and found.ended_at is None
    return {"lines": lines, "customer_id": customer_id, "may_change": may_change}


@panel("customer", "incidents/_answers_panel.html", order=15)
def answers_for_customer(actor: Actor, customer_id: UUID) -> Mapping[str, object] | None:
    """What to answer a customer on the telephone about the open incidents that they were told of, in both languages."""
    if not actor.may("message.read") or not actor.may("incident.read"):
        return None
    contacts = contacts_of(customer_id)
    theirs = contacts[0].language if contacts else "en"
    said = messaging.said_to([one.pk for one in contacts], now())
    told = {message.about: (message.kind, theirs) for message, _standing in reversed(said)}
    found = queries.incidents(actor, queries.Filter()).filter(number__in=list(told))
    return _asked([(one, *told[one.number]) for one in found[:2]])


def _asked(told: list[tuple[Incident, str, str]]) -> Mapping[str, object] | None:
    """`told` is an incident, the kind that the customer was told, and the customer's language."""
    ours, zone, at = get_language() or "en", get_current_timezone_name(), now()
    rows = [
        {
            "number": one.number,
            "answers": queries.side_by_side(
                queries.answers_to(one, ours, zone, at, kind=kind),
                queries.answers_to(one, theirs, zone, at, kind=kind),
            ),
        }
        for one, kind, theirs in told
    ]
    return {"rows": rows} if rows else None


@panel("customer", "incidents/_links_panel.html", order=60)
def links_of_customer(actor: Actor, customer_id: UUID) -> Mapping[str, object] | None:
    """The contacts who hold links to a page of their own, and a button that ends those."""
    if not actor.may("contact.change"):
        return None
    contacts = [one for one in contacts_of(customer_id) if one.ended_at is None]
    sent = messaging.links_sent([one.pk for one in contacts])
    rows = [(one, *sent[one.pk]) for one in contacts if one.pk in sent]
    return {"rows": rows} if rows else None


@panel("call", "incidents/_call_panel.html")
def of_call(actor: Actor, recipient_id: UUID) -> Mapping[str, object] | None:
    """What whoever calls this recipient may not say."""
    if not actor.may("call.take"):
        return None
    return {"facts": [label(f"incident.untold.{fact}") for fact in queries.not_to_say(recipient_id)]}


@panel("call", "incidents/_answers_panel.html", order=20)
def answers_for_call(actor: Actor, recipient_id: UUID) -> Mapping[str, object] | None:
    """What whoever calls this recipient may answer, in the language of both."""
    found = queries.told_at(recipient_id) if actor.may("call.take") else None
    return _asked([found]) if found else None


@panel("message", "incidents/_message_panel.html")
def of_message(actor: Actor, message_id: UUID) -> Mapping[str, object] | None:
    """The incident that a message is about."""
    if not actor.may("incident.read"):
        return None
    found = queries.told_by(actor, message_id)
    return {"incident": found} if found else None


@panel("decision", "messaging/_frozen_words.html")
def of_decision(actor: Actor, message_id: UUID) -> Mapping[str, object] | None:
    """The frozen words of a message as a real reader of each language will have them; made up where nobody may be shown."""
    found = queries.told_by(actor, message_id) if actor.may("incident.read") else None
    freeze = messaging.current_freeze(message_id)
    if found is None or freeze is None:
        return None
    told = freeze.message
    parts = queries.audience_parts(actor, found, told.phase, now(), completes=told.completes)
    readers = {part.language: part for part in parts if part.lines}
    if not set(freeze.words) <= set(readers):
        return None
    return {
        "real": True,
        "previews": [
            messaging.frozen_preview(
                freeze, code, readers[code].name, readers[code].time_zone, readers[code].lines
            )
            for code in freeze.words
        ],
    }


def _waiting(counting: Counting) -> tuple[int, int]:
    """How many incidents are open, and how many of them owe customers something already."""
    return counting.once(queries.open_and_late, counting.actor, counting.at)


RAIL = [
    RailEntry(
        "incidents:list",
        _("Incidents"),
        order=20,
        icon="incidents",
        ability="incident.read",
        count=_waiting,
        key="i",
    )
]
SETTINGS = [
    SettingsEntry(
        "incidents:policies",
        _("Incident policies"),
        _("What each severity promises customers, and who must agree."),
        order=30,
        ability="policy.change",
    ),
    SettingsEntry(
        "incidents:grading",
        _("Grading table"),
        _("Which severity is proposed for what, and the floors that none may undercut."),
        order=31,
        ability="policy.change",
    ),
    SettingsEntry(
        "incidents:telling",
        _("Who may be told what"),
        _("Goods, value, the other party and theft: which role hears of it, by which channel."),
        order=33,
        ability="policy.change",
    ),
    SettingsEntry(
        "incidents:kinds",
        _("Own kinds of incident"),
        _("Kinds that only your firm meets, with their names and floors."),
        order=32,
        ability="policy.change",
    ),
]
