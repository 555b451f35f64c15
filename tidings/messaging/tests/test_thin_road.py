"""The thin road: written, frozen, approved, planned; the sender and the catcher come after."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.errors import Refused
from tidings.kernel.ids import new_id
from tidings.messaging import actions, queries
from tidings.messaging.models import Chunk, Recipient
from tidings.messaging.rules.content import Audience
from tidings.messaging.tests.cast import approve

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
WRITER = Actor(ActorKind.PERSON, str(uuid4()), frozenset({"message.write", "message.send"}))
APPROVER = Actor(ActorKind.PERSON, str(uuid4()), frozenset({"message.approve"}))
COMMAND = Actor(ActorKind.COMMAND, "incident send", frozenset({"message.approve"}))
FACTS = {"*": {"place": "Venlo", "began_at": "2026-11-22T05:55+01:00", "next_by": "2026-11-22T12:00+01:00"}}

ROWS = """
    SELECT gen_random_uuid() AS contact_id, 'Contact ' || n AS name,
           (ARRAY['en', 'nl', 'zh-hans'])[1 + n %% 3] AS language, 'Europe/Amsterdam' AS time_zone,
           CASE WHEN n %% 10 > 0 THEN 'email' END AS channel,
           CASE WHEN n %% 10 > 0 THEN 'c' || n || '@example.org' END AS address,
           %(due_by)s::timestamptz AS due_by, ARRAY[gen_random_uuid()] AS shipment_ids,
           '[{"waybill": "1234567890", "effect": "delayed", "expected_at": "2026-11-24T16:00:00+00:00"}]'::jsonb AS lines
    FROM generate_series(1, %(size)s) AS n
"""


def audience(size: int = 100) -> Audience:
    return Audience(ROWS, {"size": size, "due_by": NOW + timedelta(hours=4)})


@pytest.mark.django_db
def test_a_message_is_written_frozen_approved_and_planned_for_everybody() -> None:
    message = actions.write_message(
        WRITER, about="INC-2026-11-0001", kind="weather", phase="first_notice", facts=FACTS
    )
    actions.freeze_message(WRITER, message)
    with pytest.raises(Refused, match="not_approved"):
        actions.send_message(WRITER, message, audience())
    with pytest.raises(Refused, match="approver_not_a_person"):
        approve(message, COMMAND)
    approve(message)
    assert actions.send_message(WRITER, message, audience()) == 100
    assert Recipient.objects.filter(state="unreachable").count() == 10
    assert sum(Chunk.objects.values_list("size", flat=True)) == 90
    [reach] = queries.reach("INC-2026-11-0001", NOW)
    assert (reach.total, reach.under_way, reach.unreachable) == (100, 90, 10)


@pytest.mark.django_db
def test_what_a_text_lacks_is_named_per_language() -> None:
    message = actions.write_message(
        WRITER, about=str(new_id()), kind="strike", phase="first_notice", facts={}
    )
    with pytest.raises(Refused) as refused:
        actions.freeze_message(WRITER, message)
    lacking = ("what_happened", "when_next", "short")
    assert refused.value.facts["missing"] == {"en": lacking, "nl": lacking, "zh-hans": lacking}
