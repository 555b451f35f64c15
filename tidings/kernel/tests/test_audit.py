"""The chain of audit lines: what the database refuses, and what the proof finds when somebody gets past it."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from tidings.kernel import audit, sealer
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.proof import verify

ILSE = Actor(ActorKind.PERSON, str(uuid4()), frozenset())
PERSON = uuid4()


@pytest.fixture
def seven_lines(db: None, settings: object, tmp_path: Path) -> Iterator[list[UUID]]:
    settings.TIDINGS_HOME = tmp_path  # type: ignore[attr-defined]
    lines = [audit.record(ILSE, "incident.note", "incident", n, {"note": n}) for n in range(6)]
    lines.append(
        audit.record(ILSE, "contact.change", "contact", PERSON, person=PERSON, personal={"name": "杨 Möller"})
    )
    assert sealer.seal_committed() == 7
    yield lines


def _past_the_guard(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE kernel_auditline DISABLE TRIGGER audit_guard")
        cursor.execute(statement, values)
        cursor.execute("ALTER TABLE kernel_auditline ENABLE TRIGGER audit_guard")


def _found() -> list[tuple[str, int, int | None]]:
    return [(fault.what, fault.seq, fault.until) for fault in verify().faults]


def test_an_untouched_chain_proves(seven_lines: list[UUID]) -> None:
    proof = verify()
    assert (proof.lines, proof.faults, proof.waiting) == (7, [], 0)
    assert proof.head == sealer.newest_known().chain  # type: ignore[union-attr]


def test_a_line_is_sealed_once_and_in_order(seven_lines: list[UUID]) -> None:
    audit.record(ILSE, "incident.close", "incident", 1)
    assert (sealer.seal_committed(), sealer.seal_committed()) == (1, 0)
    assert sealer.head().seq == 8  # type: ignore[union-attr]
    assert _found() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE kernel_auditline SET verb = 'x'",
        "UPDATE kernel_auditline SET payload = '{}'",
        "UPDATE kernel_auditline SET seq = seq + 1",
        "UPDATE kernel_auditline SET seq = NULL, chain = NULL",
        "UPDATE kernel_auditline SET personal_mac = NULL WHERE personal_mac IS NOT NULL",
        "DELETE FROM kernel_auditline",
        "TRUNCATE kernel_auditline",
    ],
)
def test_the_database_refuses_to_change_or_remove_a_line(seven_lines: list[UUID], statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert _found() == []


def test_a_changed_line_is_named(seven_lines: list[UUID]) -> None:
    _past_the_guard("UPDATE kernel_auditline SET actor_ref = 'somebody else' WHERE seq = 3")
    assert _found() == [("changed", 3, None)]


def test_changed_facts_are_named(seven_lines: list[UUID]) -> None:
    _past_the_guard("""UPDATE kernel_auditline SET payload = '{"note":9}' WHERE seq = 4""")
    assert _found() == [("facts_changed", 4, None)]


def test_changed_personal_values_are_named(seven_lines: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("""UPDATE kernel_personalvalues SET "values" = '{"name":"Nobody"}'""")
    assert _found() == [("person_changed", 7, None)]


def test_a_missing_line_is_named(seven_lines: list[UUID]) -> None:
    _past_the_guard("DELETE FROM kernel_auditline WHERE seq IN (3, 4)")
    assert _found() == [("missing", 3, 4)]


def test_two_swapped_lines_are_named(seven_lines: list[UUID]) -> None:
    _past_the_guard(
        "UPDATE kernel_auditline AS line SET seq = other.seq, chain = other.chain FROM kernel_auditline AS other"
        " WHERE (line.seq, other.seq) IN ((2, 5), (5, 2))"
    )
    assert _found() == [("swapped", 2, 5)]


def test_a_cut_tail_shows_by_the_seal_outside(seven_lines: list[UUID]) -> None:
    _past_the_guard("DELETE FROM kernel_auditline WHERE seq > 5")
    assert _found() == [("cut", 6, 7)]
    assert sealer.database_is_behind()


def test_a_chain_made_anew_shows_by_the_seal_outside(seven_lines: list[UUID]) -> None:
    _past_the_guard("UPDATE kernel_auditline SET actor_ref = 'x', seq = NULL, chain = NULL")
    sealer.seal_committed()
    assert _found() == [("rewritten", 7, None)]


def test_what_was_cut_is_not_covered_up_by_new_lines(seven_lines: list[UUID]) -> None:
    _past_the_guard("DELETE FROM kernel_auditline WHERE seq > 5")
    for _ in range(4):
        audit.record(ILSE, "incident.note", "incident", 1)
    sealer.seal_committed()
    assert _found() == [("rewritten", 7, None)]


def test_a_restore_that_a_person_accepts_begins_a_new_seal(seven_lines: list[UUID]) -> None:
    _past_the_guard("DELETE FROM kernel_auditline WHERE seq > 5")
    sealer.accept_restored()
    assert not sealer.database_is_behind()
    audit.record(ILSE, "installation.restore", "installation", 1)
    sealer.seal_committed()
    assert (_found(), sealer.newest_known().seq) == ([], 6)  # type: ignore[union-attr]


def test_forgotten_facts_leave_the_chain_provable(seven_lines: list[UUID]) -> None:
    assert audit.forget_payload(seven_lines[2])
    assert not audit.forget_payload(seven_lines[2])
    proof = verify()
    assert (proof.forgotten, proof.faults) == (1, [])


def test_an_erased_person_leaves_the_chain_provable_and_no_trace(seven_lines: list[UUID]) -> None:
    assert audit.erase_person(PERSON) == 1
    assert _found() == []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM kernel_personkey), (SELECT count(*) FROM kernel_personalvalues)"
        )
        assert cursor.fetchone() == (0, 0)


def test_a_line_outside_a_transaction_is_a_bug(own_database: str) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        audit.record(ILSE, "incident.note", "incident", 1)


def test_a_name_cannot_be_written_among_the_facts_as_an_object(db: None) -> None:
    with pytest.raises(TypeError):
        audit.record(ILSE, "incident.note", "incident", 1, {"who": object()})
