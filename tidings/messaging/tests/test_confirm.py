"""A customer's confirmation counts, once, whichever of their ids it names."""

from datetime import timedelta

import pytest

from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.errors import Missing, Refused
from tidings.kernel.ids import new_id
from tidings.kernel.models import AuditLine
from tidings.messaging import actions, queries
from tidings.messaging.models import Chunk, Recipient, Result
from tidings.messaging.tests.cast import ABOUT, NOW, make_sent

pytestmark = pytest.mark.django_db


def a_reader() -> Recipient:
    return Recipient.objects.filter(state="waiting").order_by("id")[0]


def test_a_confirmation_counts_as_reached_and_is_told_once() -> None:
    make_sent(10)
    row = a_reader()
    assert actions.confirm(row.pk, "link", NOW)
    [reach] = queries.reach(ABOUT, NOW)
    assert (reach.in_time, reach.confirmed, reach.total) == (1, 1, 10)
    assert not actions.confirm(row.pk, "link", NOW + timedelta(hours=1)), "a second press changes nothing"
    assert Result.objects.count() == AuditLine.objects.filter(verb="message.confirm").count() == 1
    row.refresh_from_db()
    assert (row.state, row.standing, row.reached_at, row.next_at) == ("reached", "confirmed", NOW, None)
    chunk = Chunk.objects.get(pk=row.chunk_id)
    assert chunk.confirmed == 1


def test_a_confirmation_names_a_person_by_any_delivery_to_them() -> None:
    make_sent(10)
    row = a_reader()
    first, later = row.pk, new_id()
    Recipient.objects.filter(pk=first).update(
        delivery_id=later,
        rung=2,
        earlier=[{"delivery_id": str(first), "channel": "email", "address": row.address}],
    )
    assert actions.confirm(later, "answer", NOW)
    assert not actions.confirm(first, "link", NOW)
    [reach] = queries.reach(ABOUT, NOW)
    assert reach.confirmed == 1


def test_what_was_delivered_on_an_earlier_rung_counts() -> None:
    make_sent(10)
    row = a_reader()
    later = new_id()
    Recipient.objects.filter(pk=row.pk).update(
        delivery_id=later,
        rung=2,
        earlier=[{"delivery_id": str(row.delivery_id), "channel": "email", "address": row.address}],
    )
    for delivery, outcome in (
        (row.delivery_id, "delivered"),
        (row.delivery_id, "accepted"),
        (later, "refused"),
    ):
        Result.objects.create(
            delivery_id=delivery,
            attempt=1,
            outcome=outcome,
            recipient_id=row.pk,
            broadcast_id=row.broadcast_id,
            at=NOW,
        )
    [reach] = queries.reach(ABOUT, NOW)
    assert (reach.delivered, reach.reached) == (1, 1)


def test_nobody_confirms_for_a_stranger_nor_without_the_right_to() -> None:
    make_sent(2)
    with pytest.raises(Missing):
        actions.confirm(new_id(), "link", NOW)
    agent = Actor(ActorKind.PERSON, str(new_id()), frozenset({"message.read"}))
    with pytest.raises(Refused):
        actions.confirm(a_reader().pk, "call", NOW, actor=agent)
    assert not Result.objects.exists()
