"""The kernel's seams on one database, each with the reason why it is as it is."""

from uuid import uuid4

from tidings.kernel import audit, feed, jobs, numbers
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.models import AuditLine

SYSTEM = Actor(ActorKind.SYSTEM, "test", frozenset())


def test_an_audit_line_is_written_unsealed(db: None) -> None:
    line = audit.record(SYSTEM, "incident.open", "incident", uuid4(), {"severity": "high"})
    found = AuditLine.objects.get(id=line)
    assert (found.seq, found.facts) == (None, {"severity": "high"})


def test_what_is_put_into_the_feed_is_taken_once(db: None) -> None:
    ids = [uuid4(), uuid4()]
    feed.put("shipment", ids)
    assert feed.take("shipment", 10) == ids
    assert feed.take("shipment", 10) == []


def test_numbers_start_at_one_per_series(db: None) -> None:
    assert [
        numbers.next_number("T-2026-11"),
        numbers.next_number("T-2026-11"),
        numbers.next_number("T-2026-12"),
    ] == [1, 2, 1]


def test_a_job_with_a_key_waits_once(db: None) -> None:
    seen: list[int] = []
    jobs.job("test.once")(lambda n: seen.append(n))
    jobs.enqueue("test.once", key="k", n=1)
    jobs.enqueue("test.once", key="k", n=2)
    assert jobs.run_waiting() == 1
    assert seen == [1]
