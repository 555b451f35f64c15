"""What a line says at most once stands beside its shipment in `staged_shipment`: each party's number (`party_1` …), each
reference and its key (`reference_1`, `reference_1_key` …), counted as the profile names them.

New shipments get theirs straight from `target`, which carries these columns. Where several lines are about one shipment,
or a shipment is known, they are unfolded into `staged_party` and `staged_reference` first.
"""

from collections.abc import Mapping


def columns(parties: int, references: int) -> Mapping[str, str]:
    """The columns with their types."""
    found = {f"party_{at}": "bigint" for at in range(1, parties + 1)}
    for at in range(1, references + 1):
        found |= {f"reference_{at}": "text", f"reference_{at}_key": 'text COLLATE "C"'}
    return found


def add_columns(parties: int, references: int) -> str:
    """Gives `staged_shipment` these columns; nothing when there are none."""
    added = ", ".join(f"ADD {name} {kind}" for name, kind in columns(parties, references).items())
    return f"ALTER TABLE staged_shipment {added}" if added else ""


def _parties(table: str, count: int) -> str:
    rows = ", ".join(f"(%(role_{at})s, {table}.party_{at})" for at in range(1, count + 1))
    return f"CROSS JOIN LATERAL (VALUES {rows}) AS p (role, said)"


def _references(table: str, count: int) -> str:
    rows = ", ".join(
        f"(%(kind_{at})s, {table}.reference_{at}, {table}.reference_{at}_key)" for at in range(1, count + 1)
    )
    return f"CROSS JOIN LATERAL (VALUES {rows}) AS r (kind, value, key)"


OF_KNOWN = "AND s.line IN (SELECT line FROM target WHERE NOT is_new)"
UNFOLDED = "ANALYZE staged_party (line, said); ANALYZE staged_reference (line)"


def unfold_parties(count: int, only: str = "") -> str:
    """The parties of all lines, or of those that `only` leaves, as rows of their own."""
    return f"""
        INSERT INTO staged_party (line, role, said)
        SELECT s.line, p.role, p.said FROM staged_shipment s {_parties("s", count)} WHERE p.said IS NOT NULL {only}
    """  # noqa: S608 - the parts are our own


def unfold_references(count: int, only: str = "") -> str:
    """The references of all lines, or of those that `only` leaves, as rows of their own."""
    return f"""
        INSERT INTO staged_reference (line, kind, value, key)
        SELECT s.line, r.kind, r.value, r.key FROM staged_shipment s {_references("s", count)}
        WHERE r.value IS NOT NULL {only}
    """  # noqa: S608 - the parts are our own


def add_parties(count: int) -> str:
    """The parties of new shipments, each of one line."""
    return f"""
        INSERT INTO shipments_party (shipment_id, role, customer_id, postcode, house_number)
        SELECT t.id, p.role, i.id, COALESCE(h.postcode, ''), COALESCE(h.house_number, '')
        FROM target t {_parties("t", count)}
        JOIN identified i ON i.said = p.said
        LEFT JOIN staged_home h ON h.said = p.said
        WHERE t.is_new
        ORDER BY t.id, p.role
    """  # noqa: S608 - the parts are our own


def add_references(count: int) -> str:
    """The references of new shipments, each of one line."""
    return f"""
        INSERT INTO shipments_reference (shipment_id, kind, value, key)
        SELECT t.id, r.kind, r.value, r.key FROM target t {_references("t", count)}
        WHERE t.is_new AND r.value IS NOT NULL
    """  # noqa: S608 - the parts are our own
