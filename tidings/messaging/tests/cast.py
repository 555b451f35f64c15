"""A small audience and the message for it, for tests."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.clock import now
from tidings.kernel.ids import new_id
from tidings.messaging import actions, queries
from tidings.messaging.rules.content import Audience

NOW = datetime.now(UTC).replace(microsecond=0)
ABOUT = "INC-2026-11-0001"
WRITER = Actor(ActorKind.PERSON, str(new_id()), frozenset({"message.write", "message.send", "message.read"}))
APPROVER = Actor(ActorKind.PERSON, str(new_id()), frozenset({"message.approve", "message.read"}))
COMMAND = Actor(ActorKind.COMMAND, "incident send", frozenset({"message.approve"}))
FACTS = {"*": {"place": "Venlo", "began_at": "2026-11-22T05:55+01:00", "next_by": "2026-11-22T12:00+01:00"}}

_ROWS = """
    SELECT gen_random_uuid() AS contact_id, (%(names)s::text[])[1 + n %% cardinality(%(names)s::text[])] || ' ' || n AS name,
           (ARRAY['en', 'nl', 'zh-hans'])[1 + n %% 3] AS language,
           (ARRAY['Europe/London', 'Europe/Amsterdam', 'Asia/Shanghai'])[1 + n %% 3] AS time_zone,
           CASE WHEN n %% 10 > 0 THEN 'email' END AS channel,
           CASE WHEN n %% 10 > 0 THEN 'c' || n || '@example.org' END AS address,
           %(due_by)s::timestamptz AS due_by, ARRAY[gen_random_uuid()] AS shipment_ids,
           '[{"waybill": "1234567890", "effect": "delayed", "expected_at": "2026-11-24T16:00:00+00:00"}]'::jsonb AS lines
    FROM generate_series(1, %(size)s) AS n
"""


def make_audience(
    size: int = 100, names: tuple[str, ...] = ("Contact",), due_by: datetime | None = None
) -> Audience:
    """Contacts in three languages in turn, to be told within four hours; every tenth has no address."""
    due_by = due_by or now() + timedelta(hours=4)
    return Audience(_ROWS, {"size": size, "names": list(names), "due_by": due_by})


def make_message(
    *, kind: str = "fire", phase: str = "first_notice", about: str = ABOUT, drill: bool = False
) -> UUID:
    """A message that is frozen and approved."""
    message = actions.write_message(WRITER, about=about, kind=kind, phase=phase, facts=FACTS, drill=drill)
    actions.freeze_message(WRITER, message)
    approve(message)
    return message


def approve(message: UUID, actor: Actor = APPROVER) -> None:
    """Somebody's yes to the words as they are frozen now."""
    freeze = queries.current_freeze(message)
    actions.approve_message(actor, message, freeze.digest if freeze else "")


def approve_text(actor: Actor, kind: str, phase: str, language: str) -> None:
    """Somebody's yes beforehand to a text as it stands now."""
    text = queries.texts_for(kind, phase)[language]
    actions.approve_text(actor, kind, phase, language, text.digest)


def make_sent(
    size: int = 100,
    names: tuple[str, ...] = ("Contact",),
    due_by: datetime | None = None,
    **facts: object,
) -> UUID:
    """The same, planned for an audience."""
    message = make_message(**facts)  # type: ignore[arg-type]
    actions.send_message(WRITER, message, make_audience(size, names, due_by))
    return message
