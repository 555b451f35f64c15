"""Whether, when and in whose name each affected line is told, by the contracts of its clients: for the effect that it has, in one phase."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tidings.incidents import rules
from tidings.incidents.sql.meaning import MEANT
from tidings.shipments.audience import STRICTEST

_BOUND = """
WITH bound AS (
    SELECT DISTINCT clients FROM incidents_affected WHERE incident_id = %(incident)s AND clients <> ARRAY[]::uuid[]
), said AS (
    SELECT bound.clients, named.effect, client.id, client.name, word.at AS let_go_at,
           CASE WHEN line.told IS NULL THEN client.told ELSE line.told END AS told,
           CASE WHEN line.told IS NULL THEN client.told_after ELSE line.after END AS after
      FROM bound
     CROSS JOIN LATERAL (
         SELECT '' AS effect UNION
         SELECT one.effect FROM customers_contractline one
          WHERE one.customer_id = ANY(bound.clients) AND one.ended_at IS NULL AND one.phase IN ('', %(hears_in)s)
     ) named
     CROSS JOIN LATERAL unnest(bound.clients) of_client (id)
      JOIN customers_customer client ON client.id = of_client.id
      LEFT JOIN LATERAL (
          SELECT one.told, one.after FROM customers_contractline one
           WHERE one.customer_id = client.id AND one.ended_at IS NULL
             AND one.effect IN ('', named.effect) AND one.phase IN ('', %(hears_in)s)
           ORDER BY one.effect DESC, one.phase DESC LIMIT 1
      ) line ON true
      LEFT JOIN incidents_clientword word ON word.incident_id = %(incident)s AND word.customer_id = client.id
), waits AS (
    SELECT *, told = 'client_first' AND let_go_at IS NULL AS waits FROM said
)"""

_CONTRACTS = f"""{_BOUND}, contract AS (
    SELECT clients::text || effect AS about,
           (ARRAY[{STRICTEST}])[min(array_position(ARRAY[{STRICTEST}], told::text))] AS told,
           bool_or(waits) AS waits, bool_or(waits AND after IS NULL) AS for_word, max(after) FILTER (WHERE waits) AS after,
           max(let_go_at) FILTER (WHERE told = 'client_first') AS let_go_at,
           array_agg(id) FILTER (WHERE told = 'consignee') AS named,
           array_agg(name ORDER BY name) FILTER (WHERE told = 'consignee') AS names
      FROM waits GROUP BY clients, effect
)"""  # noqa: S608 - only our own text is joined
"""What the contracts of each set of clients come to, per effect that one of them names and for all others (empty): of several the
strictest holds. It `waits` for the client, `for_word` of it or `after` so many minutes; `names` are the clients in whose name it goes.
"""

_FIRST_TOLD = """(
    SELECT CASE WHEN bool_and(first.at IS NOT NULL) THEN max(first.at) END
      FROM (SELECT coalesce(client.told_at, CASE
                       WHEN incident.first_notice_at IS NOT NULL AND NOT EXISTS (
                            SELECT FROM customers_contact contact
                             WHERE contact.customer_id = client.customer_id AND contact.ended_at IS NULL)
                       THEN greatest(client.found_at, incident.first_notice_at) END) AS at
              FROM incidents_affected client JOIN incidents_incident incident ON incident.id = client.incident_id
             WHERE client.incident_id = %(incident)s AND client.shipment_id = known.shipment_id
               AND client.gone_at IS NULL AND 'account' = ANY(client.roles)) first)"""
"""When the last of a shipment's clients was told; who has no contact counts as told with the others. Null where one was not."""

_RELEASED = f"""CASE WHEN NOT (its ->> 'waits')::boolean THEN coalesce((its ->> 'let_go_at')::timestamptz, '-infinity')
                     WHEN (its ->> 'for_word')::boolean THEN 'infinity'
                     WHEN known.told_at IS NOT NULL THEN '-infinity'
                     ELSE coalesce({_FIRST_TOLD} + make_interval(mins => (its ->> 'after')::integer), 'infinity') END"""
"""Who heard once does not wait for the minutes again, when their client is owed the first notice anew."""

_OF_THE_CONSIGNEE = "known.roles && ARRAY['consignee', 'notify']"

HEARING = f"""
{_CONTRACTS}
SELECT known.*, hears.*
  FROM ({MEANT}) known
 CROSS JOIN (SELECT jsonb_object_agg(contract.about, to_jsonb(contract)) AS by_clients FROM contract) contracts
 CROSS JOIN LATERAL (
     SELECT CASE WHEN known.clients <> ARRAY[]::uuid[]
                 THEN coalesce(contracts.by_clients -> (known.clients::text || known.effect),
                               contracts.by_clients -> known.clients::text) END AS its
     OFFSET 0
 ) of_clients
 CROSS JOIN LATERAL (
     SELECT CASE WHEN its IS NULL OR known.gone_at IS NOT NULL THEN '-infinity'::timestamptz
                 WHEN 'account' = ANY(known.roles) AND (its ->> 'told' <> 'consignee' OR NOT its -> 'named' ? known.customer_id::text)
                 THEN '-infinity'
                 WHEN its ->> 'told' = 'client' THEN NULL
                 WHEN its ->> 'told' = 'consignee' THEN CASE WHEN {_OF_THE_CONSIGNEE} THEN '-infinity'::timestamptz END
                 WHEN its ->> 'told' = 'client_first' THEN {_RELEASED}
                 ELSE '-infinity' END AS hears_from,
            (its ->> 'after')::integer AS hears_after, coalesce((its ->> 'for_word')::boolean, false) AS hears_on_word,
            CASE WHEN its ->> 'told' = 'consignee' AND {_OF_THE_CONSIGNEE} AND 'account' <> ALL(known.roles)
                 THEN its -> 'names' END AS in_name
     OFFSET 0
 ) hears
"""  # noqa: S608 - only our own text is joined
"""Every line of `meaning.MEANT` with `hears_from`, the moment from which its customer hears: at once (`-infinity`), later, not before
their client or its word (`infinity`), or never in this phase (null); what it waits for (`hears_after` minutes, `hears_on_word`); and
`in_name`, the clients in whose name it is told. Its parameters are `incident` and those of `hearing`. Who left is told whatever is
told to them. The contracts are looked up by their key: a join of 100,000 lines with them is planned as one for each.
"""

HEARS = "known.hears_from <= %(at_now)s"


def hearing(phase: str) -> dict[str, Any]:
    """The parameter of `HEARING` for one phase. A holding notice goes to those whom the first notice will go to."""
    return {"hears_in": rules.Phase.FIRST_NOTICE if phase == rules.Phase.HOLDING else phase}


@dataclass(frozen=True, slots=True)
class Later:
    """How many contacts hear of it `after` so many minutes from their client, or (None) on its word."""

    after: int | None
    contacts: int


def hear_later(incident_id: UUID, phase: str, at: datetime) -> list[Later]:
    """Who of the affected hears of this phase later by a contract, the soonest first; each contact once, by what comes first."""
    with connection.cursor() as cursor:
        cursor.execute(_HEAR_LATER, _values(incident_id, phase, at))
        return [Later(*row) for row in cursor.fetchall()]


_WAITS = f"""
    SELECT known.customer_id, known.shipment_id, known.clients, known.hears_on_word, known.hears_after
      FROM ({HEARING}) known
     WHERE known.clients <> ARRAY[]::uuid[] AND known.hears_from > %(at_now)s AND known.gone_at IS NULL AND known.told_at IS NULL AND known.effect <> 'unaffected'
"""  # noqa: S608 - only our own text is joined

_HEAR_LATER = f"""
SELECT owed.after, count(*)
  FROM (SELECT customer_id, min(hears_after) FILTER (WHERE NOT hears_on_word) AS after FROM ({_WAITS}) waits GROUP BY 1) owed
  JOIN customers_contact contact ON contact.customer_id = owed.customer_id AND contact.ended_at IS NULL
 GROUP BY 1 ORDER BY 1 NULLS LAST
"""  # noqa: S608 - only our own text is joined


@dataclass(frozen=True, slots=True)
class WaitsFor:
    """A client whom others wait for: how many customers hear once it says so, or some minutes after it was told."""

    customer_id: UUID
    name: str
    unit_id: UUID | None
    customers: int


def waited_for(
    incident_id: UUID,
    at: datetime,
    *,
    only: UUID | None = None,
    units: frozenset[UUID] | None = None,
    most: int = 50,
) -> list[WaitsFor]:
    """The clients who have not given their word and whom most wait for, at most so many; `only` asks of one, `units` leaves those of
    some units (None: of all)."""
    values = {**_values(incident_id, rules.Phase.FIRST_NOTICE, at), "only": only, "most": most}
    values["units"] = None if units is None else [str(one) for one in units]
    with connection.cursor() as cursor:
        cursor.execute(_WAITED_FOR, values)
        return [WaitsFor(*row) for row in cursor.fetchall()]


_WAITED_FOR = f"""
SELECT client.id, client.name, client.unit_id, count(DISTINCT waits.customer_id)
  FROM ({_WAITS}) waits
 CROSS JOIN LATERAL unnest(waits.clients) of_client (id)
  JOIN customers_customer client ON client.id = of_client.id
 WHERE (%(only)s::uuid IS NULL OR client.id = %(only)s::uuid)
   AND (%(units)s::uuid[] IS NULL OR client.unit_id = ANY(%(units)s::uuid[]))
   AND NOT EXISTS (SELECT FROM incidents_clientword word WHERE word.incident_id = %(incident)s AND word.customer_id = client.id)
   AND (client.told = 'client_first' OR EXISTS (
        SELECT FROM customers_contractline line
         WHERE line.customer_id = client.id AND line.ended_at IS NULL AND line.told = 'client_first'))
 GROUP BY client.id ORDER BY 4 DESC, client.name LIMIT %(most)s
"""  # noqa: S608 - only our own text is joined


def _values(incident_id: UUID, phase: str, at: datetime) -> dict[str, Any]:
    return {"incident": incident_id, "at_now": at, **hearing(phase)}
