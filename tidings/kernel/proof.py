"""Proves the audit chain, line by line, and says which line was changed, is missing, was swapped, or where the tail was cut."""

import hmac
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import connection, transaction

from tidings.kernel import audit, sealer, secrets

READ_FROM = 20_000
LINES = f"""
    SELECT line.seq, line.chain, line.salt, line.payload, apart."values", key.sealed, {", ".join("line." + name for name in sealer.COLUMNS.split(", "))}
    FROM kernel_auditline AS line
    LEFT JOIN kernel_personalvalues AS apart ON apart.line = line.id
    LEFT JOIN kernel_personkey AS key ON key.person = apart.person
    WHERE line.seq > %s ORDER BY line.seq, line.id LIMIT %s
"""  # noqa: S608 - our own columns
WAITING = "SELECT count(*) FROM kernel_auditline WHERE seq IS NULL AND at < now() - interval '1 minute'"
_SWAPS_LOOKED_FOR = 500


@dataclass(frozen=True, slots=True)
class Fault:
    """`what`: changed, swapped, missing, doubled, cut, rewritten, facts_changed, person_changed. `seq` is the line's number."""

    what: str
    seq: int
    until: int | None = None
    line: str | None = None


@dataclass(slots=True)
class Proof:
    """What was looked at and what was found. `waiting` counts lines that no sealer took for over a minute."""

    lines: int = 0
    forgotten: int = 0
    waiting: int = 0
    head: str | None = None
    faults: list[Fault] = field(default_factory=list)

    def as_values(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Broken:
    seq: int
    previous: bytes
    chain: bytes
    row: tuple[Any, ...]


def verify() -> Proof:
    """Walks the whole chain in one snapshot of the database. A line is judged against the value stored before it, so that
    one changed line is one fault; who changes a line and chains everything anew is found out by the seal in `TIDINGS_HOME`.
    """
    proof, known = Proof(), sealer.newest_known()  # before the snapshot: the sealer goes on meanwhile
    broken: list[_Broken] = []
    with transaction.atomic():
        with connection.cursor() as cursor:
            if len(connection.savepoint_ids) == 0:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        previous, expected = sealer.FIRST, 1
        for seq, chain, salt, payload, values, sealed_key, *columns in _lines():
            if seq < expected:
                proof.faults.append(Fault("doubled", seq, line=str(columns[0])))
                continue
            if seq > expected:
                proof.faults.append(Fault("missing", expected, until=seq - 1))
                previous = (
                    b""  # the value before the gap is lost with it: this line can only be judged by the next
                )
            row = tuple(columns)
            if previous and sealer.chained(previous, seq, row) != bytes(chain):
                broken.append(_Broken(seq, previous, bytes(chain), row))
            _judge_contents(proof, seq, salt, payload, values, sealed_key, row)
            previous, expected, proof.lines = bytes(chain), seq + 1, proof.lines + 1
        proof.head = previous.hex() if proof.lines else None
        _judge_tail(proof, known, expected - 1)
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            proof.waiting = int(cursor.fetchone()[0])
    proof.faults += _explained(broken)
    proof.faults.sort(key=lambda fault: fault.seq)
    return proof


def _lines() -> Iterator[tuple[Any, ...]]:
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(LINES, [last, READ_FROM])
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < READ_FROM:
            return
        last = rows[-1][0]


def _judge_contents(
    proof: Proof, seq: int, salt: Any, payload: Any, values: Any, sealed_key: Any, row: tuple[Any, ...]
) -> None:
    line, digest, mac = row[0], bytes(row[-2]), row[-1]
    if payload is None:
        proof.forgotten += 1
    elif audit.payload_digest(bytes(salt), payload) != digest:
        proof.faults.append(Fault("facts_changed", seq, line=str(line)))
    if values is None:
        return
    key = secrets.unseal(audit.KEY_PURPOSE, bytes(sealed_key)) if sealed_key else b""
    right = bool(key) and hmac.compare_digest(audit.personal_mac(key, line, values), bytes(mac or b""))
    if not right:
        proof.faults.append(Fault("person_changed", seq, line=str(line)))


def _judge_tail(proof: Proof, known: sealer.Seal | None, last: int) -> None:
    if known is None:
        return
    if known.seq > last:
        proof.faults.append(Fault("cut", last + 1, until=known.seq))
    elif not sealer.holds(known):
        proof.faults.append(Fault("rewritten", known.seq))


def _explained(broken: list[_Broken]) -> list[Fault]:
    """Two lines that fit in each other's place were swapped; every other one that does not fit was changed."""
    faults, left = [], {fault.seq: fault for fault in broken}
    for one in broken[:_SWAPS_LOOKED_FOR]:
        for other in broken[:_SWAPS_LOOKED_FOR]:
            if one.seq < other.seq and {one.seq, other.seq} <= left.keys() and _fits(other, one):
                del left[one.seq], left[other.seq]
                faults.append(Fault("swapped", one.seq, until=other.seq, line=str(one.row[0])))
    return faults + [Fault("changed", fault.seq, line=str(fault.row[0])) for fault in left.values()]


def _fits(row_of: _Broken, place: _Broken) -> bool:
    return sealer.chained(place.previous, place.seq, row_of.row) == place.chain
