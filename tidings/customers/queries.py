"""What is read of customers, for pages and the domains above."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db.models import Case, F, Prefetch, Q, QuerySet, When

from tidings.customers.models import (
    Address,
    AddressAsk,
    Contact,
    ContractLine,
    Customer,
    LegalBasis,
    UsedService,
)
from tidings.customers.rules import SERVERS_SAY, TELEPHONES, Hearing, name_words, said_uses
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing
from tidings.people.queries import makers_of

_USABLE = """CASE WHEN {0}.channel = 'call' OR {0}.channel = ANY(%(at_channels)s) AND (NOT {0}.channel = ANY(%(at_demanding)s)
                                 OR {0}.channel || '/' || c.language = ANY(%(at_registered)s)) THEN 0
                            WHEN {0}.channel IN ('sms', 'voice', 'whatsapp') THEN 1 ELSE 2 END"""
_ALIVE = "{0}.dead_since IS NULL AND ({0}.ends_at IS NULL OR {0}.ends_at > %(at_now)s)"
_MAY_CALL = """NOT EXISTS (SELECT FROM customers_address no
                           WHERE no.contact_id = c.id AND no.channel = 'call' AND no.dead_why = 'refuses_calls')"""

# Both the first rung and the further ones are looked up per contact: sorting the addresses of 100,000 contacts at once is 0.1 s
# quicker for a message to all of them, and as slow for a message to ten. The further ones are, for whoever is read with them only.
LADDER = f"""
    SELECT c.customer_id, c.id AS contact_id, c.name, c.language, c.time_zone, c.how_much,
           CASE WHEN a.later = 0 THEN a.channel WHEN a.later = 1 AND {_MAY_CALL} THEN 'call' END AS channel,
           CASE WHEN a.later = 0 OR a.later = 1 AND {_MAY_CALL} THEN a.value END AS address,
           coalesce((
               SELECT jsonb_agg(jsonb_build_object('channel', CASE n.later WHEN 0 THEN n.channel ELSE 'call' END,
                                                   'address', n.value) ORDER BY n.later, n.position, n.id)
               FROM (SELECT o.*, {_USABLE.format("o")} AS later FROM customers_address o
                     WHERE o.contact_id = c.id AND o.id <> a.id AND {_ALIVE.format("o")}) n
               WHERE n.later = 0 OR n.later = 1 AND {_MAY_CALL}
           ), '[]'::jsonb) AS further,
           CASE WHEN a.later > 0 THEN a.channel ELSE '' END AS passed_over
    FROM customers_contact c
    LEFT JOIN LATERAL (
        SELECT o.id, o.channel, o.value, {_USABLE.format("o")} AS later
        FROM customers_address o WHERE o.contact_id = c.id AND {_ALIVE.format("o")}
        ORDER BY later, o.position, o.id LIMIT 1
    ) a ON true
    WHERE c.ended_at IS NULL
"""  # noqa: S608 - only our own text is joined
"""Every living contact with the first usable address of its ladder at `at_now`, null where it has none: SQL to join.

Usable are addresses of `at_channels`, those that we can send by (of `at_demanding` only in the languages that `at_registered` names,
as `channel/language`: the others carry no text of ours there; `ANY_TEXT` demands nothing), and numbers that a person calls, in the contact's own
order; after them, numbers of channels that we cannot send by yet, to be called, unless the contact refuses calls. `further`
holds the rungs after the first in the same order, as objects with channel and address. `passed_over` is the channel that
stood first where it cannot be used.
"""


ANY_TEXT: dict[str, list[str]] = {"at_demanding": [], "at_registered": []}

QUIET = """
    SELECT q.contact_id, ((q.at::date + CASE WHEN q.quiet_from > q.quiet_until AND q.at::time >= q.quiet_from THEN 1 ELSE 0 END)
                          + q.quiet_until) AT TIME ZONE q.time_zone AS until
    FROM (SELECT c.id AS contact_id, c.quiet_from, c.quiet_until, c.time_zone,
                 CASE WHEN c.quiet_from IS NOT NULL THEN %(at_now)s::timestamptz AT TIME ZONE c.time_zone END AS at
          FROM customers_contact c WHERE c.quiet_from IS NOT NULL) q
    WHERE CASE WHEN q.quiet_from < q.quiet_until THEN q.at::time >= q.quiet_from AND q.at::time < q.quiet_until
               ELSE q.at::time >= q.quiet_from OR q.at::time < q.quiet_until END
"""
"""Every contact whose quiet hours it is at `at_now`, and until when, by the clock of their own zone: SQL to join."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a list of customers is narrowed to: words of the name or the beginning of a number, and a kind."""

    text: str = ""
    kind: str = ""


def customers_of(actor: Actor) -> QuerySet[Customer]:
    """The customers whom `actor` sees: those of their units; headquarters sees all."""
    actor.require("customer.read")
    return Customer.objects.all() if actor.units is None else Customer.objects.filter(unit_id__in=actor.units)


def ids_by_number(numbers: Sequence[str]) -> dict[str, UUID]:
    """Number to id of the customers who bear one of these numbers."""
    return dict(Customer.objects.filter(number__in=numbers).values_list("number", "id"))


def number_of(customer_id: UUID) -> str:
    """The number by which everybody knows a customer; empty where there is none."""
    return Customer.objects.filter(pk=customer_id).values_list("number", flat=True).first() or ""


def ids_seen(actor: Actor, numbers: Sequence[str]) -> dict[str, UUID]:
    """The same of those whom `actor` sees."""
    return dict(customers_of(actor).filter(number__in=numbers).values_list("number", "id")) if numbers else {}


def lately_refused(since: datetime) -> list[tuple[UUID, str, str, datetime]]:
    """Contact, channel, address and moment of what servers refused since then, for whoever learns that it works again.

    What a person said (it belongs to somebody else, a channel was closed) is not among them: no server knows better.
    """
    found = Address.objects.filter(dead_since__gte=since, dead_why__in=SERVERS_SAY)
    return [
        (contact, channel, value, moment)
        for contact, channel, value, moment in found.values_list(
            "contact_id", "channel", "value", "dead_since"
        )
        if moment is not None
    ]


def may_see(actor: Actor, unit_id: UUID | None) -> bool:
    """Whether `actor` may open the page of a customer of that unit."""
    return actor.may("customer.read") and (actor.units is None or unit_id in actor.units)


def customer_rows(actor: Actor, narrowed: Narrowed, after: str = "", limit: int = 50) -> list[Customer]:
    """At most `limit` customers by number, those after the number `after`."""
    found = customers_of(actor).order_by("number")
    if narrowed.kind:
        found = found.filter(kind=narrowed.kind)
    if narrowed.text:
        found = named_like(found, narrowed.text)
    return list(found.filter(number__gt=after)[:limit])


def named_like(found: QuerySet[Customer], text: str) -> QuerySet[Customer]:
    """Those with every word of `text` in their name, begun words too, or with this number."""
    words = name_words(text)
    if not words:
        return found.filter(number=text)
    asked = SearchQuery(" & ".join(f"{word}:*" for word in words), config="simple", search_type="raw")
    return found.filter(Q(name_words=asked) | Q(number=text.strip()))


def customer(actor: Actor, customer_id: UUID) -> Customer:
    """One customer. Raises Missing("customer.missing") where there is none within the actor's units."""
    found = customers_of(actor).filter(pk=customer_id).first()
    if found is None:
        raise Missing("customer.missing")
    return found


def customer_by_number(actor: Actor, number: str) -> Customer | None:
    """The customer with this number, if `actor` sees it."""
    return customers_of(actor).filter(number=number).first()


def contacts_of(customer_id: UUID) -> list[Contact]:
    """The contacts of a customer with their ladders and living legal bases; those who ended come last."""
    return list(
        _whole(Contact.objects.filter(customer_id=customer_id)).order_by(
            F("ended_at").desc(nulls_first=True), Case(When(key="main", then=0), default=1), "name", "id"
        )
    )


def services_of(customer_id: UUID) -> list[UsedService]:
    """What a customer uses now: services first, then its standing pick-ups by place."""
    used = UsedService.objects.filter(customer_id=customer_id, ended_at__isnull=True)
    return list(used.order_by(Case(When(service="pickup", then=1), default=0), "service", "place"))


def contract_of(customer: Customer) -> tuple[Hearing, ...]:
    """What a client's contract says on who hears: first of everything, then by effect and phase."""
    lines = ContractLine.objects.filter(customer=customer, ended_at__isnull=True)
    rest = Hearing(customer.told, after=customer.told_after)
    return (rest, *(one.hearing() for one in lines.order_by("effect", "phase")))


def contract_version(lines: Sequence[Hearing]) -> str:
    """A digest of a contract: two who read the same and both write are told apart by it."""
    said = sorted(f"{one.effect} {one.phase} {one.told} {one.after}" for one in lines)
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:24]


def uses_version(services: Sequence[UsedService]) -> str:
    """A digest of what a person can change of them: two who read the same and both write are told apart by it."""
    said = sorted(said_uses([one.use()]) for one in services)
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:24]


def contact(actor: Actor, contact_id: UUID) -> Contact:
    """One contact with ladder and bases. Raises Missing("contact.missing") outside the actor's units."""
    found = _whole(
        Contact.objects.filter(pk=contact_id, customer__in=customers_of(actor)).select_related("customer")
    ).first()
    if found is None:
        raise Missing("contact.missing")
    return found


def addresses_asked(actor: Actor) -> list[AddressAsk]:
    """The ladders that wait for a second person and that `actor` could be, oldest first."""
    actor.require("contact.change")
    waiting = AddressAsk.objects.filter(
        ended_at__isnull=True, contact__customer__in=customers_of(actor)
    ).select_related("contact__customer")
    found = list(waiting.order_by("asked_at").exclude(asked_by=actor.ref))
    makers = {one.asked_by: makers_of([one.asked_by]) for one in found}
    return [one for one in found if actor.ref not in makers[one.asked_by]]


def contacts_of_customers(customer_ids: list[UUID]) -> list[UUID]:
    """Every contact of some customers, those who ended too."""
    return list(Contact.objects.filter(customer_id__in=customer_ids).values_list("pk", flat=True))


def living_customer_of(contact_id: UUID) -> UUID | None:
    """Whose contact this is, for a link that the contact itself opens; None where contact or customer has ended."""
    living = Contact.objects.filter(pk=contact_id, ended_at__isnull=True, customer__ended_at__isnull=True)
    return living.values_list("customer_id", flat=True).first()


def name_of(customer_id: UUID) -> str:
    """The name of a customer; empty where there is none."""
    return Customer.objects.filter(pk=customer_id).values_list("name", flat=True).first() or ""


def customer_names(customer_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Customer to its name."""
    return dict(Customer.objects.filter(pk__in=customer_ids).values_list("pk", "name"))


def objects_to(contact_id: UUID, purpose: str) -> bool:
    """Whether a contact has objected to being written to for this purpose."""
    stands = LegalBasis.objects.filter(contact_id=contact_id, purpose=purpose, ended_at__isnull=True)
    return stands.filter(basis="objection").exists()


def known_numbers(contact_id: UUID) -> list[str]:
    """The telephone numbers of a contact that are in use, in the order of the ladder: the ones to call back on."""
    found = Address.objects.filter(contact_id=contact_id, channel__in=TELEPHONES, dead_since__isnull=True)
    return list(dict.fromkeys(found.order_by("position").values_list("value", flat=True)))


def version_of(contact: Contact) -> str:
    """A digest of what a person can change of a contact: two who read the same and both write are told apart by it."""
    seen = hashlib.sha256()
    ladder = sorted(contact.addresses.all(), key=lambda rung: (rung.position, rung.pk))
    quiet = f"{contact.quiet_from} {contact.quiet_until}"
    for value in (contact.language, contact.time_zone, contact.how_much, quiet, str(contact.ended_at)):
        seen.update(value.encode() + b"\0")
    for rung in ladder:
        seen.update(f"{rung.pk}\0{rung.channel}\0{rung.value}\0{rung.dead_since}\0".encode())
    return seen.hexdigest()[:24]


def _whole(found: QuerySet[Contact]) -> QuerySet[Contact]:
    return found.prefetch_related(
        Prefetch("addresses", Address.objects.order_by("position", "id")),
        Prefetch("asks", AddressAsk.objects.filter(ended_at__isnull=True)),
        Prefetch("bases", LegalBasis.objects.filter(ended_at__isnull=True).order_by("purpose")),
    )
