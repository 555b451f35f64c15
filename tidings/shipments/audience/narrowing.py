"""Clients and services as a condition on shipments `s` that another term found."""

from collections.abc import Sequence
from uuid import UUID

from tidings.customers.queries import ids_by_number
from tidings.kernel.errors import Missing
from tidings.shipments.audience.fragment import Fragment
from tidings.shipments.rules import Role, Term, TermKind


def narrowed_by(term: Term) -> Fragment:
    """The condition of a client's or a service's term."""
    if term.kind == TermKind.SERVICE:
        return Fragment("s.service = ANY(%(at_services)s)", {"at_services": list(term.values)})
    return Fragment(_HAS_CLIENT, {"at_clients": client_ids(term.values), "at_roles": roles_of(term)})


_HAS_CLIENT = """EXISTS (
        SELECT FROM shipments_party held
        WHERE held.shipment_id = s.id AND held.role = ANY(%(at_roles)s) AND held.customer_id = ANY(%(at_clients)s::uuid[])
    )"""


def client_ids(numbers: Sequence[str]) -> list[UUID]:
    """The customers of these numbers. Raises Missing("shipments.no_such_client") for a number that nobody has."""
    known = ids_by_number(numbers)
    for number in numbers:
        if number not in known:
            raise Missing("shipments.no_such_client", client=number)
    return list(known.values())


def roles_of(term: Term) -> list[str]:
    """The roles asked for; the contract holder's where none is."""
    return list(term.roles) or [Role.ACCOUNT.value]
