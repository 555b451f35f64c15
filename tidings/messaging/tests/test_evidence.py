"""What comes back later counts for the rung that it is about, undoes what was presumed, and blames only an address at fault."""

from datetime import timedelta

import pytest

from tidings.kernel.errors import Missing
from tidings.kernel.ids import new_id
from tidings.messaging import queries
from tidings.messaging.actions.evidence import add_evidence
from tidings.messaging.models import Recipient, RefusedAddress
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.refusals import Refusal
from tidings.messaging.tests.cast import ABOUT, NOW, make_sent

pytestmark = pytest.mark.django_db

BOUNCE = "unknown_mailbox: 550 5.1.1 no such user"


def a_reader() -> Recipient:
    return Recipient.objects.filter(state="waiting").order_by("id")[0]


def with_a_second_rung(row: Recipient) -> Recipient:
    earlier = [{"delivery_id": str(row.delivery_id), "channel": "email", "address": row.address}]
    Recipient.objects.filter(pk=row.pk).update(
        delivery_id=new_id(), rung=2, earlier=earlier, channel="sms", address="+31612345678", state="trying"
    )
    row.refresh_from_db()
    return row


def test_a_receipt_reaches_and_the_same_one_again_changes_nothing() -> None:
    make_sent(10)
    row = a_reader()
    assert add_evidence(row.delivery_id, Outcome.DELIVERED, NOW)
    assert not add_evidence(row.delivery_id, Outcome.DELIVERED, NOW + timedelta(hours=1))
    [reach] = queries.reach(ABOUT, NOW)
    assert (reach.delivered, reach.reached) == (1, 1)


def test_a_bounce_that_comes_late_undoes_reached_and_blames_the_address() -> None:
    make_sent(10)
    row = a_reader()
    Recipient.objects.filter(pk=row.pk).update(state="reached", reached_at=NOW, standing="accepted")
    assert add_evidence(row.delivery_id, Outcome.REFUSED, NOW, said=BOUNCE, refusal=Refusal.ADDRESS)
    row.refresh_from_db()
    assert (row.state, row.standing, row.reached_at) == ("trying", "refused", None)
    assert [(one.channel, one.address) for one in RefusedAddress.objects.all()] == [("email", row.address)]


def test_a_refusal_that_is_not_the_address_s_fault_ends_the_rung_and_blames_nobody() -> None:
    make_sent(10)
    row = a_reader()
    add_evidence(row.delivery_id, Outcome.REFUSED, NOW, said="expired: not in time", refusal=Refusal.NOT_NOW)
    row.refresh_from_db()
    assert row.standing == "refused"
    assert row.next_at is not None
    assert not RefusedAddress.objects.exists()


def test_a_bounce_of_an_exercise_blames_nobody() -> None:
    make_sent(10, drill=True)
    add_evidence(a_reader().delivery_id, Outcome.REFUSED, NOW, said=BOUNCE, refusal=Refusal.ADDRESS)
    assert not RefusedAddress.objects.exists()


def test_a_bounce_of_an_earlier_rung_blames_its_address_and_leaves_the_present_rung_alone() -> None:
    make_sent(10)
    row = with_a_second_rung(a_reader())
    [earlier] = row.earlier
    assert add_evidence(row.pk, Outcome.REFUSED, NOW, said=BOUNCE, refusal=Refusal.ADDRESS)
    row.refresh_from_db()
    assert (row.state, row.standing, row.channel) == ("trying", "", "sms")
    assert [one.address for one in RefusedAddress.objects.all()] == [earlier["address"]]


def test_a_receipt_of_an_earlier_rung_still_counts() -> None:
    make_sent(10)
    row = with_a_second_rung(a_reader())
    assert add_evidence(row.pk, Outcome.DELIVERED, NOW)
    assert not add_evidence(row.pk, Outcome.DELIVERED, NOW)
    row.refresh_from_db()
    assert (row.state, row.reached_at) == ("reached", NOW)


def test_evidence_of_no_delivery_of_ours_is_missing() -> None:
    with pytest.raises(Missing):
        add_evidence(new_id(), Outcome.DELIVERED, NOW)
