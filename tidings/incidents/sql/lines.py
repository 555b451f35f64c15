"""Pieces of statements: what one affected shipment means for its customer, as a line of a message says it."""

from tidings.incidents import rules
from tidings.incidents.sql.meaning import GRAVITY

_HIDDEN = f"(line.effect = '{rules.Effect.STOLEN}' AND NOT known.roles && %(hear_of_theft)s::text[])"
"""Whether this customer may not be told what happened to the shipment: then it hears that it is missing, and no new time."""

ARRIVED_LATE = """EXISTS (
    SELECT FROM shipments_position arrived JOIN shipments_shipment was ON was.id = arrived.shipment_id
     WHERE arrived.shipment_id = known.shipment_id
       AND arrived.delivered_at > coalesce(was.promised_at, was.estimated_at))"""
"""Whether a shipment reached its consignee later than it should have: that is no all-clear."""

STILL_CONCERNED = (
    f"(known.gone_at IS NULL OR (coalesce(known.told_at, known.held_at) IS NOT NULL AND {ARRIVED_LATE}))"
)
"""Whether a shipment is affected, or was told of and left because it arrived, too late."""

LINE = f"""JOIN LATERAL (
          SELECT held.*, array_position(ARRAY[{GRAVITY}], held.effect) AS rank
            FROM (SELECT CASE WHEN known.gone_at IS NULL THEN known.effect WHEN {ARRIVED_LATE} THEN 'delivered_late'
                              ELSE 'unaffected' END AS effect) held
      ) line ON true"""  # noqa: S608 - only our own text is joined
"""What `known` (a row of `meaning.MEANT`) means now, joined as `line`: what it means, or how it left."""

_MOMENT = """to_char({at} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')"""
_FROM = _MOMENT.format(at=f"CASE WHEN NOT {_HIDDEN} AND line.effect <> 'unaffected' THEN known.from_at END")
_UNTIL = _MOMENT.format(
    at=f"""CASE WHEN {_HIDDEN} THEN NULL WHEN line.effect = 'unaffected' THEN shipment.estimated_at
                ELSE coalesce(known.until_at, shipment.estimated_at) END"""
)

_CONCERNED = "(known.gone_at IS NULL AND line.effect <> 'unaffected')"

_OVER = f"(%(over)s AND known.shipment_id IS NULL AND line.effect = '{rules.Effect.SERVICE_UNAVAILABLE}')"
"""Whether a message tells of the end, so that a service was not available and is again."""

_SERVICE = f"""CASE WHEN known.shipment_id IS NULL THEN CASE known.why WHEN '{rules.Why.USES_THE_SERVICE}' THEN known.term
                    WHEN '{rules.Why.HAS_A_PICKUP}' THEN 'pickup' ELSE 'any' END END"""
_PICKED_UP_AT = f"""CASE WHEN known.shipment_id IS NOT NULL THEN place.name WHEN known.why = '{rules.Why.HAS_A_PICKUP}'
                    THEN (SELECT there.name FROM shipments_location there WHERE there.code = known.term) END"""  # noqa: S608 - only our own text is joined

GRAVEST_FIRST = "known.shipment_id IS NULL, line.rank, shipment.waybill"
"""The order of the lines in one message; what is no shipment comes last, so that ids and lines of shipments stand in pairs."""

_TOLD_EFFECT = f"""CASE WHEN {_HIDDEN} THEN '{rules.effect_told(rules.Effect.STOLEN, (), "email")}'
                    WHEN {_OVER} THEN 'service_was_unavailable' ELSE line.effect END"""

_OFFERED = "EXISTS (SELECT FROM incidents_offer WHERE incident_id = %(incident)s AND ended_at IS NULL)"
"""Whether there is a choice at all: asked once, where the next would be asked for each of 100,000 lines."""

_CHOOSE_BY = f"""(
    SELECT CASE WHEN offer.closes_at > %(at_now)s THEN {_MOMENT.format(at="offer.closes_at")} END
      FROM incidents_offer offer
     WHERE offer.incident_id = known.incident_id AND offer.ended_at IS NULL AND offer.effect IN ({_TOLD_EFFECT}, '')
     ORDER BY offer.effect DESC LIMIT 1)"""  # noqa: S608 - only our own text is joined
"""Until when this customer may choose for the shipment: by the offer for the effect that they are told, or else the one for all."""

LINE_OBJECT = f"""jsonb_strip_nulls(jsonb_build_object(
               'waybill', shipment.waybill,
               'service', {_SERVICE},
               'effect', {_TOLD_EFFECT},
               'place', {_PICKED_UP_AT},
               'expected_from', {_FROM},
               'expected_at', {_UNTIL},
               'held_by', CASE WHEN line.effect = '{rules.Effect.HELD}' THEN nullif(known.held_by, '') END,
               'must_do', CASE WHEN {_CONCERNED} THEN nullif(known.must_do, '') END,
               'do_by', CASE WHEN {_CONCERNED} THEN {_MOMENT.format(at="known.do_by")} END,
               'choose_by', CASE WHEN {_CONCERNED} AND known.shipment_id IS NOT NULL AND {_OFFERED} THEN {_CHOOSE_BY} END,
               'in_name', known.in_name,
               'openly', CASE WHEN line.effect = '{rules.Effect.STOLEN}' AND NOT {_HIDDEN}
                                   AND known.roles && %(hear_in_short)s::text[] THEN true END,
               'pieces', CASE WHEN {_CONCERNED} AND NOT {_HIDDEN} THEN to_jsonb(known.pieces) END))"""
"""One line as a message says it, of `known` (a row of `hearing.HEARING`), `line`, its `shipment` and its destination `place`; of a customer alone the
`service` it uses, and the place of a pick-up, instead of these.
"""

SHIPMENT = """LEFT JOIN shipments_shipment shipment ON shipment.id = known.shipment_id
      LEFT JOIN shipments_location place ON place.id = shipment.destination_id"""
"""What a line names beside `known`; nothing for a customer alone."""

NO_SHIPMENT = "'00000000-0000-0000-0000-000000000000'::uuid"
"""Stands for "no shipment" where two sides are joined: what is null on both joins with nothing, or slowly."""

SHIPMENT_IDS = f"""coalesce(array_agg(known.shipment_id ORDER BY {GRAVEST_FIRST})
                    FILTER (WHERE known.shipment_id IS NOT NULL), ARRAY[]::uuid[])"""
"""The shipments of a customer's lines, in their order."""

LINES = f"jsonb_agg({LINE_OBJECT} ORDER BY {GRAVEST_FIRST})"
"""A customer's lines, in the same order."""
