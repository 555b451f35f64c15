"""What an incident means for each affected line, worked out in one place for lists, counts and messages alike."""

from tidings.incidents import rules

GRAVITY = ", ".join(f"'{effect.value}'" for effect in rules.GRAVEST_FIRST)

_MEANING = "effect, from_at, until_at, held_by, must_do, do_by"

_OF_A_CUSTOMER = f"""CASE WHEN affected.why = '{rules.Why.HAS_A_PICKUP}' THEN '{rules.Effect.PICKUP_NOT_DONE}'
                  WHEN affected.shipment_id IS NULL THEN '{rules.Effect.SERVICE_UNAVAILABLE}' END"""
"""What it means for a customer without a shipment until somebody says more: what is said of all shipments is not said of them."""

MEANT = f"""
WITH given AS (
    SELECT DISTINCT ON (why) why, {_MEANING}
      FROM incidents_effectgiven WHERE incident_id = %(incident)s ORDER BY why, version DESC
),
said AS MATERIALIZED (
    SELECT * FROM (
        SELECT DISTINCT ON (shipment_id, piece) shipment_id, piece, {_MEANING}
          FROM incidents_shipmenteffect WHERE incident_id = %(incident)s
         ORDER BY shipment_id, piece, at DESC, id DESC
    ) newest WHERE effect <> ''
),
whole AS (
    SELECT shipment_id, {_MEANING} FROM said WHERE piece = ''
    UNION ALL
    SELECT house.id, {_MEANING}
      FROM said JOIN shipments_shipment house ON house.parent_id = said.shipment_id
     WHERE piece = '' AND NOT EXISTS (SELECT FROM said own WHERE own.shipment_id = house.id AND own.piece = '')
),
parts AS (
    SELECT DISTINCT ON (shipment_id) * FROM (
        SELECT shipment_id, effect, array_position(ARRAY[{GRAVITY}], effect) AS rank, min(from_at) AS from_at,
               max(until_at) AS until_at, max(held_by) AS held_by, max(must_do) AS must_do, min(do_by) AS do_by,
               array_agg(piece ORDER BY piece) AS pieces
          FROM said WHERE piece <> '' GROUP BY shipment_id, effect
    ) each_effect ORDER BY shipment_id, rank
)
SELECT affected.*, shown.*, array_position(ARRAY[{GRAVITY}], shown.effect) AS rank
  FROM incidents_affected affected
  LEFT JOIN whole ON whole.shipment_id = affected.shipment_id
  LEFT JOIN given one ON one.why = affected.why AND whole.shipment_id IS NULL
  LEFT JOIN given rest ON rest.why = '' AND one.why IS NULL AND whole.shipment_id IS NULL AND affected.shipment_id IS NOT NULL
  LEFT JOIN parts ON parts.shipment_id = affected.shipment_id
       AND parts.rank < array_position(ARRAY[{GRAVITY}], coalesce(whole.effect, one.effect, rest.effect)::text)
  CROSS JOIN LATERAL (
      SELECT coalesce(parts.effect, whole.effect, one.effect, rest.effect, {_OF_A_CUSTOMER})::text AS effect,
             CASE WHEN parts.effect IS NULL THEN coalesce(whole.from_at, one.from_at, rest.from_at) ELSE parts.from_at END AS from_at,
             CASE WHEN parts.effect IS NULL THEN coalesce(whole.until_at, one.until_at, rest.until_at) ELSE parts.until_at END AS until_at,
             coalesce(parts.held_by, whole.held_by, one.held_by, rest.held_by, '')::text AS held_by,
             coalesce(parts.must_do, whole.must_do, one.must_do, rest.must_do, '')::text AS must_do,
             CASE WHEN parts.effect IS NULL THEN coalesce(whole.do_by, one.do_by, rest.do_by) ELSE parts.do_by END AS do_by,
             parts.pieces
  ) shown
 WHERE affected.incident_id = %(incident)s
"""  # noqa: S608 - only our own text is joined
"""Every line of the affected with its `effect`, `rank` (1 is gravest), `from_at`, `until_at`, `held_by`, `must_do`, `do_by` and
`pieces` (null: the whole shipment). What was said of the shipment holds, else of its master, else of its reason, else of all;
a graver effect of some of its pieces stands before all of these. Of a customer without a shipment its reason says it. Stand it in FROM; its only parameter is `incident`.
"""
