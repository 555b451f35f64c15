"""One message for who stands in several incidents: the lines of the others that an update carries, and whom it leaves out
because another's update told them the same. Set-wise; the rules in words are in `rules/together.py`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tidings.incidents import rules
from tidings.incidents.sql.lines import LINE, LINE_OBJECT, SHIPMENT
from tidings.incidents.sql.meaning import GRAVITY, MEANT
from tidings.messaging.queries import TOLD_BY

GRAVE = ", ".join(f"'{effect.value}'" for effect in rules.ALWAYS_TOLD)


@dataclass(frozen=True, slots=True)
class Other:
    """Another open incident whose told customers stand in this one too, as a line names it. `kind` is the one that may be
    told; `next_by` its promise, where the message must repeat it.
    """

    incident_id: UUID
    number: str
    kind: str
    place: str
    next_by: datetime | None = None

    def as_json(self) -> dict[str, str]:
        """What a line of it carries as `of`."""
        named = {"about": self.number, "kind": self.kind, "place": self.place}
        return {**named, "next_by": self.next_by.isoformat()} if self.next_by else named


@dataclass(frozen=True, slots=True)
class AlreadyTold:
    """A contact whom a message leaves out, and the recipient of which other message told them the same."""

    contact_id: UUID
    recipient_id: UUID
    message_id: UUID


def together(others: Sequence[Other]) -> str:
    """The CTE `together`, to stand after `owed`: ids and lines of each customer who stands in one of the others too. Its
    parameters are those of `values_of`.
    """
    each = [_ELSEWHERE.format(meant=MEANT.replace("%(incident)s", f"%(other_{at})s"), at=at) for at in range(len(others))]  # fmt: skip
    return _TOGETHER.replace("<elsewhere>", "\n    UNION ALL".join(each))


def values_of(others: Sequence[Other]) -> dict[str, Any]:
    """The parameters of `together`, without those that the lines of the message's own incident need too."""
    values: dict[str, Any] = {}
    for at, other in enumerate(others):
        values |= {f"other_{at}": other.incident_id, f"of_{at}": _as_object(other)}
    return values


def _as_object(other: Other) -> str:
    return json.dumps(other.as_json(), ensure_ascii=False)


_RANK = f"array_position(ARRAY[{GRAVITY}], {{0}} ->> 'effect')"

_ORDER = "nth > 1, rank, about NULLS FIRST, line ->> 'waybill'"

_ELSEWHERE = f"""
    SELECT known.customer_id, known.shipment_id,
           {LINE_OBJECT} - 'choose_by' || jsonb_build_object('of', %(of_{{at}})s::jsonb) AS line
      FROM (SELECT meant.*, NULL::jsonb AS in_name FROM ({{meant}}) meant) known
      {SHIPMENT}
      {LINE}
     WHERE known.gone_at IS NULL AND known.told_at IS NOT NULL AND line.effect <> 'unaffected'
       AND known.shipment_id IS NOT NULL AND known.customer_id IN (SELECT customer_id FROM owed)"""  # noqa: S608 - only our own text is joined

_TOGETHER = f""", elsewhere AS MATERIALIZED (<elsewhere>
), each_line AS (
    SELECT owed.customer_id, own.shipment_id, own.line, true AS own
      FROM owed, ROWS FROM (unnest(owed.shipment_ids), jsonb_array_elements(owed.lines)) AS own (shipment_id, line)
     WHERE owed.customer_id IN (SELECT customer_id FROM elsewhere)
    UNION ALL
    SELECT customer_id, shipment_id, line, false FROM elsewhere
), graver AS (
    SELECT customer_id, shipment_id, bool_or(own) AS own,
           (array_agg(line ORDER BY {_RANK.format("line")}, line ->> 'expected_at' COLLATE "C" DESC NULLS FIRST,
                      line -> 'of' ->> 'about' COLLATE "C" NULLS FIRST))[1] AS line,
           (array_agg(jsonb_strip_nulls(jsonb_build_object('must_do', line ->> 'must_do', 'do_by', line ->> 'do_by'))
                      ORDER BY line ->> 'do_by' COLLATE "C" NULLS LAST, line ->> 'must_do' COLLATE "C")
                FILTER (WHERE line ? 'must_do'))[1] AS duty
      FROM each_line GROUP BY customer_id, shipment_id
), shown AS (
    SELECT customer_id, shipment_id, own, {_RANK.format("line")} AS rank, line -> 'of' ->> 'about' AS about,
           CASE WHEN own AND line ? 'of' THEN jsonb_set(line, ARRAY['of', 'both'], 'true') ELSE line END
               - ARRAY['must_do', 'do_by'] || coalesce(duty, '{{}}'::jsonb) AS line
      FROM graver
     WHERE own OR NOT (line ->> 'effect' IN ({GRAVE}) OR line ? 'must_do')
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY customer_id, about, shipment_id IS NULL ORDER BY rank, line ->> 'waybill') AS nth FROM shown
), together AS (
    SELECT customer_id,
           array_agg(shipment_id ORDER BY {_ORDER}) FILTER (WHERE shipment_id IS NOT NULL) AS shipment_ids,
           jsonb_agg(line ORDER BY shipment_id IS NULL, {_ORDER}) AS lines
      FROM placed GROUP BY customer_id
)"""  # noqa: S608 - only our own text is joined
"""The gravest of each incident stands first, so that all are named where not every shipment is; the first is the gravest of all.
What is of no shipment stands last, and is told by its own incident alone; so is until when they may choose.
"""


_SECONDS = rules.SAME_TIME.total_seconds()

_MOVED = f"""(told.line ? '{{0}}') IS DISTINCT FROM (mine.line ? '{{0}}')
               OR coalesce(abs(extract(epoch FROM (told.line ->> '{{0}}')::timestamptz
                                                  - (mine.line ->> '{{0}}')::timestamptz)) >= {_SECONDS}, false)"""

SAYS_MORE = f"""(told.line IS NULL
               OR told.line - ARRAY['of', 'expected_from', 'expected_at'] <> mine.line - ARRAY['of', 'expected_from', 'expected_at']
               OR {_MOVED.format("expected_from")}
               OR {_MOVED.format("expected_at")})"""
"""`rules.says_more`, for many: whether a shipment's line says more now than it was told."""

ALREADY_TOLD = f""", mine AS (
    SELECT owed.customer_id, line.shipment_id, line.line
      FROM owed LEFT JOIN together ON together.customer_id = owed.customer_id,
           ROWS FROM (unnest(coalesce(together.shipment_ids, owed.shipment_ids)),
                      jsonb_array_elements(coalesce(together.lines, owed.lines))) AS line (shipment_id, line)
     WHERE line.shipment_id = ANY (owed.shipment_ids)
       AND owed.gravest NOT IN ({GRAVE}) AND NOT jsonb_path_exists(owed.lines, '$[*].must_do')
       AND jsonb_array_length(owed.lines) = cardinality(owed.shipment_ids)
), heard AS (
    SELECT told.*, contact.customer_id
      FROM ({TOLD_BY}) told
      JOIN customers_contact contact ON contact.id = told.contact_id AND contact.ended_at IS NULL
), told AS (
    SELECT heard.recipient_id, line.shipment_id, line.line
      FROM heard, ROWS FROM (unnest(heard.shipment_ids), jsonb_array_elements(heard.lines)) AS line (shipment_id, line)
), compared AS (
    SELECT heard.recipient_id, heard.message_id, heard.contact_id, heard.customer_id
      FROM heard JOIN mine ON mine.customer_id = heard.customer_id
      LEFT JOIN told ON told.recipient_id = heard.recipient_id AND told.shipment_id = mine.shipment_id
     GROUP BY heard.recipient_id, heard.message_id, heard.contact_id, heard.customer_id
    HAVING NOT bool_or({SAYS_MORE})
)
SELECT DISTINCT ON (contact.contact_id) contact.contact_id, compared.recipient_id, compared.message_id
  FROM compared
  JOIN owed ON owed.customer_id = compared.customer_id
  JOIN (SELECT id AS contact_id, customer_id, how_much FROM customers_contact) contact
       ON contact.contact_id = compared.contact_id
 WHERE true <wants>
 ORDER BY contact.contact_id, compared.message_id DESC
"""  # noqa: S608 - only our own text is joined
"""After `owed` and `together`: whom of the owed the messages `heard` told the same, and nothing of theirs is grave."""

STANDS_ELSEWHERE = """SELECT customer_id FROM incidents_affected
     WHERE incident_id = ANY(%(elsewhere)s) AND gone_at IS NULL AND told_at IS NOT NULL"""
"""The customers who were told of one of the others and are affected by it still."""

TOLD_TOGETHER = """
SELECT line.line -> 'of' ->> 'about' AS number, count(DISTINCT contact.contact_id)
  FROM owed
  JOIN together ON together.customer_id = owed.customer_id
  JOIN (SELECT id AS contact_id, customer_id, how_much FROM customers_contact WHERE ended_at IS NULL) contact
       ON contact.customer_id = owed.customer_id
 CROSS JOIN LATERAL jsonb_array_elements(together.lines) line (line)
 WHERE line.line ? 'of' {wants}
 GROUP BY 1 ORDER BY 1
"""
"""After `owed` and `together`: how many contacts hear of each of the others in the same message."""
