"""After a restore, or on a database that was put back behind our back, nothing goes by itself."""

from datetime import timedelta
from pathlib import Path

import pytest

from tidings.kernel import audit, sealer
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.messaging.actions.hold import enter_epoch, hold_after_restore
from tidings.messaging.models import Chunk, Epoch, Pause, Recipient, Result
from tidings.messaging.tests.cast import WRITER, make_sent

pytestmark = pytest.mark.django_db
RESTORER = Actor(ActorKind.COMMAND, "db restore", frozenset({"message.stop"}))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: object) -> None:
    settings.TIDINGS_HOME = tmp_path  # type: ignore[attr-defined]


def make_known(row: Recipient, outcome: str) -> None:
    Result.objects.create(
        delivery_id=row.delivery_id,
        attempt=1,
        outcome=outcome,
        recipient_id=row.pk,
        broadcast_id=row.broadcast_id,
        at=now(),
    )


def test_what_is_planned_and_not_proved_is_uncertain_and_everything_is_paused() -> None:
    message = make_sent(30)
    sure = ("handed_over", "accepted", "delivered", "refused", "confirmed")
    rows = list(Recipient.objects.filter(message_id=message, state="waiting"))
    for row, outcome in zip(rows, (*sure, "later", "uncertain"), strict=False):
        make_known(row, outcome)
    held = hold_after_restore(RESTORER, "restored", detail="2026-11-22")
    assert (held.epoch, held.uncertain) == (2, 27 - len(sure))
    doubted = Recipient.objects.filter(reason="restored", standing="uncertain", state="trying", doubts=1)
    assert set(doubted.values_list("pk", flat=True)) == {row.pk for row in rows[len(sure) :]}
    assert set(doubted.values_list("chunk_id", "rung_began_at")) == {(None, None)}
    assert not Chunk.objects.exclude(state="done").exists()
    assert [(one.scope, one.reason, one.ended_at) for one in Pause.objects.all()] == [
        ("everything", "restored", None)
    ]


def test_who_waits_for_a_text_in_their_language_is_uncertain_too_and_not_told_sooner() -> None:
    make_sent(30)
    moment = now() + timedelta(hours=9)
    one = Recipient.objects.filter(state="waiting").first()
    assert one is not None
    Recipient.objects.filter(pk=one.pk).update(chunk=None, place=None, next_at=moment)
    assert hold_after_restore(RESTORER, "restored").uncertain == 27
    one.refresh_from_db()
    assert (one.standing, one.next_at) == ("uncertain", moment)


def test_only_who_may_stop_sending_holds_it() -> None:
    with pytest.raises(Refused, match="not_allowed"):
        hold_after_restore(WRITER, "restored")
    assert not Pause.objects.exists()


def test_a_database_that_knows_fewer_epochs_than_the_home_is_held() -> None:
    assert enter_epoch(None) == 1
    assert enter_epoch(1) == 1
    assert not Pause.objects.exists()
    make_sent(10)
    assert enter_epoch(4) == 5
    assert Epoch.objects.latest("number").reason == "database_older_than_home"
    assert Pause.objects.get().scope == "everything"
    assert Recipient.objects.filter(standing="uncertain").count() == 9
    assert enter_epoch(5) == 5, "once is enough"


def test_a_database_without_the_newest_seal_of_the_home_is_held_once() -> None:
    audit.record(WRITER, "message.send", "message", 1)
    sealer.seal_committed()
    assert enter_epoch(1) == 1
    known = sealer.newest_known()
    assert known is not None
    sealer.seal_file().write_text(sealer.seal_file().read_text().replace(known.chain, "00" * 32))
    make_sent(10)
    assert enter_epoch(1) == 2
    assert Pause.objects.get().reason == "database_behind_seal"
    Pause.objects.update(ended_at=now())
    assert enter_epoch(2) == 2, "a person has looked"
