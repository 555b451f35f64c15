"""Customers whom a question finds by what they use, whether or not goods of theirs are moving, as SQL."""

from collections.abc import Callable, Mapping, Sequence

from tidings.kernel.clock import now
from tidings.shipments.audience.fragment import Fragment, Values
from tidings.shipments.audience.narrowing import client_ids
from tidings.shipments.audience.places import place_ids
from tidings.shipments.rules import HORIZON, Group, Term, TermKind, finds_customers


def customers_asked(groups: Sequence[Group]) -> Fragment | None:
    """One row per living customer that the groups of customers find: `customer_id, certainty, reason, term`; None without such a
    group. A pick-up stands before a service: it is somebody's goods that nobody comes for.

    Raises Missing("shipments.no_such_place") and Missing("shipments.no_such_client").
    """
    parts = [_group(group).numbered(f"c{n}") for n, group in enumerate(groups) if finds_customers(group)]
    if not parts:
        return None
    params = {name: value for one in parts for name, value in one.params.items()}
    return Fragment(_EITHER.format(" UNION ALL ".join(f"({one.sql})" for one in parts)), params)


_EITHER = """
    SELECT DISTINCT ON (found.customer_id) found.customer_id, (ARRAY['seen', 'planned', 'possible'])[found.rank] AS certainty,
           found.reason, found.term
    FROM ({}) found
    JOIN customers_customer customer ON customer.id = found.customer_id AND customer.ended_at IS NULL
    ORDER BY found.customer_id, found.reason <> 'pickups', found.rank, found.term
"""


def _group(group: Group) -> Fragment:
    values: Values = {
        "at_from": group.from_at,
        "at_until": group.until_at or max(now(), group.from_at) + HORIZON,
    }
    finding = [term for term in group.terms if term.kind in _FINDING]
    clients = [term for term in group.terms if term.kind == TermKind.CLIENT]
    found = [_FINDING[term.kind](term, values).numbered(f"t{n}") for n, term in enumerate(finding)]
    params = {name: value for one in found for name, value in one.params.items()}
    joined = f"({found[0].sql}) f0"
    for n, one in enumerate(found[1:], 1):
        joined += f" JOIN ({one.sql}) f{n} ON f{n}.customer_id = f0.customer_id"
    narrowed = ""
    for n, term in enumerate(clients):
        params[f"at_clients{n}"] = client_ids(term.values)
        narrowed += f" AND f0.customer_id = ANY(%(at_clients{n})s::uuid[])"
    rank = f"GREATEST({', '.join(f'f{n}.rank' for n in range(len(found)))})"
    return Fragment(
        f"SELECT f0.customer_id, {rank} AS rank, f0.reason, f0.term FROM {joined} WHERE true{narrowed}",  # noqa: S608 - only our own text is joined
        params,
    )


def _users(term: Term, values: Values) -> Fragment:
    services = {*term.values, *(value.lower() for value in term.values)}
    return Fragment(_USERS, {**values, "at_services": sorted(services)})


_USERS = """
    SELECT used.customer_id, 1 AS rank, 'users' AS reason, min(used.service) AS term
    FROM customers_usedservice used
    WHERE used.service = ANY(%(at_services)s) AND used.ended_at IS NULL AND used.since <= %(at_until)s::timestamptz::date
    GROUP BY used.customer_id
"""


def _pickups(term: Term, values: Values) -> Fragment:
    return Fragment(_PICKUPS, {**values, "at_places": place_ids(term.values)})


# A week holds every weekday: more days of a long window need not be looked at.
_PICKUPS = """
    SELECT used.customer_id, 2 AS rank, 'pickups' AS reason, min(place.code) AS term
    FROM customers_usedservice used
    JOIN shipments_location place ON upper(place.code) = used.place AND place.id = ANY(%(at_places)s)
    WHERE used.service = 'pickup' AND used.ended_at IS NULL AND used.since <= %(at_until)s::timestamptz::date AND EXISTS (
        SELECT FROM generate_series(
            (%(at_from)s::timestamptz AT TIME ZONE place.time_zone)::date,
            LEAST((%(at_until)s::timestamptz AT TIME ZONE place.time_zone)::date,
                  (%(at_from)s::timestamptz AT TIME ZONE place.time_zone)::date + 6), '1 day') AS on_day
        WHERE cardinality(used.weekdays) = 0 OR extract(isodow FROM on_day)::smallint = ANY(used.weekdays))
    GROUP BY used.customer_id
"""

_FINDING: Mapping[TermKind, Callable[[Term, Values], Fragment]] = {
    TermKind.USERS: _users,
    TermKind.PICKUPS: _pickups,
}
