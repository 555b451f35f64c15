"""The kernel's own periodic work."""

from django.db import connection

from tidings.kernel import chores, jobs
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.audit import record
from tidings.kernel.models import AuditLine, DoneJob

OLD = "now() - interval '40 days'"


def test_the_sealer_has_its_turn_every_second(db: None) -> None:
    line = record(Actor(ActorKind.SYSTEM, "test", frozenset()), "a.b", "thing", 1)
    jobs.REGISTERED["audit.seal"].run()
    assert AuditLine.objects.get(id=line).seq == 1
    assert jobs.REGISTERED["audit.seal"].every.total_seconds() == 1  # type: ignore[union-attr]


def test_failed_jobs_are_kept_a_month_and_marks_of_done_ones_a_week(db: None) -> None:
    for age in ("now()", OLD):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('default', 'x', 'failed') RETURNING id"
            )
            job = cursor.fetchone()[0]
            cursor.execute(f"UPDATE procrastinate_events SET at = {age} WHERE job_id = %s", [job])
            cursor.execute(
                f"INSERT INTO procrastinate_events (job_id, type, at) VALUES (%s, 'failed', {age})", [job]
            )
            cursor.execute(f"INSERT INTO kernel_donejob (job_id, done_at) VALUES (%s, {age})", [job])
    jobs.enqueue("x")
    chores.sweep_jobs()
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1 ORDER BY 1")
        assert dict(cursor.fetchall()) == {"failed": 1, "todo": 1}
    assert DoneJob.objects.count() == 1


def test_months_are_made_ahead(db: None) -> None:
    chores.months_ahead()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'kernel_auditline'::regclass")
        assert cursor.fetchone()[0] >= 20
