"""The journal: what it knows of ended lives, and that it forgets nothing on the way from one to the next."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tidings.kernel.ids import new_id
from tidings.messaging.engine.journal import Journal, open_journal
from tidings.messaging.engine.ledger import Fact

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def fact(outcome: str = "accepted") -> Fact:
    delivery = new_id()
    return Fact(delivery, 1, outcome, NOW, delivery, new_id(), new_id(), late=True)


def live(folder: Path, *, epoch: int = 1) -> tuple[Journal, Fact, Fact, Fact]:
    """A life that began three: one done, one refused, one without an answer. Its lock is let go, as a kill does."""
    journal = Journal(folder, epoch, new_id())
    facts = fact(), fact(), fact()
    for one in facts:
        journal.intent(journal.lease(one.broadcast_id, one.relay_id), one.delivery_id, 1, one.recipient_id)
    journal.answered(facts[0], taken=True)
    journal.answered(facts[1], taken=False)
    journal.close()
    return journal, *facts


def test_the_next_life_knows_what_was_done_and_what_is_open(tmp_path: Path) -> None:
    _, done, refused, open_ = live(tmp_path)
    after = Journal(tmp_path, 1, new_id())
    assert after.done == [done]
    assert after.begun(open_.delivery_id, 1)
    assert not after.begun(done.delivery_id, 1)
    assert not after.begun(refused.delivery_id, 1)
    assert not after.begun(new_id(), 1)


def test_nothing_is_forgotten_over_many_short_lives(tmp_path: Path) -> None:
    _, done, _, open_ = live(tmp_path)
    lives = set()
    for _ in range(5):
        journal = Journal(tmp_path, 1, new_id())
        lives |= journal.lives
        journal.close()
    last = Journal(tmp_path, 1, new_id())
    assert last.lives >= lives
    assert last.begun(open_.delivery_id, 1)
    assert last.done == [done]
    assert len(list(tmp_path.glob("*.journal"))) == 1


def test_a_life_of_another_epoch_or_boot_proves_nothing_but_what_it_did(tmp_path: Path) -> None:
    _, _done, _, _ = live(tmp_path)
    assert Journal(tmp_path, 2, new_id()).lives == frozenset()
    other = tmp_path / "other"
    live(other)
    for path in other.glob("*.journal"):
        text = path.read_text().split(" ", 4)
        path.write_text(" ".join([*text[:3], "another-boot", text[4]]))
    journal = Journal(other, 1, new_id())
    assert journal.lives == frozenset()
    assert len(journal.done) == 1


def test_a_line_cut_by_the_kill_is_passed_over(tmp_path: Path) -> None:
    _, _done, _, open_ = live(tmp_path)
    [path] = tmp_path.glob("*.journal")
    with path.open("a") as file:
        file.write(f"D {open_.delivery_id.hex} 1 acc")
    assert Journal(tmp_path, 1, new_id()).begun(open_.delivery_id, 1)


def test_each_process_has_a_folder_of_its_own(tmp_path: Path) -> None:
    one, other = open_journal(tmp_path, 1, new_id()), open_journal(tmp_path, 1, new_id())
    assert {folder.name for folder in tmp_path.iterdir()} == {"0", "1"}
    with pytest.raises(BlockingIOError):
        Journal(tmp_path / "0", 1, new_id())
    one.close()
    other.close()


def test_a_long_journal_is_cut_back_once_all_is_recorded(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 1, new_id())
    number = journal.lease(new_id(), None)
    for _ in range(16_000):
        delivery = new_id()
        journal.intent(number, delivery, 1, delivery)
    [path] = tmp_path.glob("*.journal")
    assert path.stat().st_size > 1_000_000
    journal.rest()
    [path] = tmp_path.glob("*.journal")
    assert path.stat().st_size < 200
    journal.close()
    assert Journal(tmp_path, 1, new_id()).done == []


def test_a_long_journal_is_followed_by_another_and_goes_when_its_leases_have_ended(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 1, new_id())
    broadcast, relay = new_id(), new_id()
    first = journal.lease(broadcast, relay)
    facts = [fact() for _ in range(16_000)]
    for one in facts:
        journal.intent(first, one.delivery_id, 1, one.recipient_id)
    second = journal.lease(broadcast, relay)
    assert len(list(tmp_path.glob("*.journal"))) == 2
    journal.answered(facts[0], taken=True)
    last = fact()
    journal.intent(second, last.delivery_id, 1, last.recipient_id)
    journal.answered(last, taken=True)
    journal.close()
    after = Journal(tmp_path, 1, new_id())
    assert {one.delivery_id for one in after.done} == {facts[0].delivery_id, last.delivery_id}
    assert after.begun(facts[1].delivery_id, 1)
    after.close()

    journal = Journal(tmp_path / "other", 1, new_id())
    first = journal.lease(broadcast, relay)
    for one in facts:
        journal.intent(first, one.delivery_id, 1, one.recipient_id)
    second = journal.lease(broadcast, relay)
    journal.intent(second, last.delivery_id, 1, last.recipient_id)
    journal.ended(first)
    [path] = (tmp_path / "other").glob("*.journal")
    assert path.stat().st_size < 500
    journal.close()
    after = Journal(tmp_path / "other", 1, new_id())
    assert after.begun(last.delivery_id, 1)
    assert not after.begun(facts[1].delivery_id, 1)
