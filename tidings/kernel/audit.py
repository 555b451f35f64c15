"""One line per action: who, what, on which thing, when. Written in the action's own transaction, unsealed (see `sealer.py`).

Lines hold references and codes. What they say of a person stands apart and enters the chain only as an HMAC under a
key of that person, so that erasing the key and the values leaves the chain provable and the person unguessable.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection

from tidings.kernel import secrets
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.ids import new_id

INSERT_LINE = """
    INSERT INTO kernel_auditline
        (id, at, actor_kind, actor_ref, verb, thing, thing_id, digest, salt, payload, personal_mac)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
INSERT_KEY = "INSERT INTO kernel_personkey (person, sealed) VALUES (%s, %s) ON CONFLICT DO NOTHING"
SELECT_KEY = "SELECT sealed FROM kernel_personkey WHERE person = %s FOR SHARE"
INSERT_VALUES = 'INSERT INTO kernel_personalvalues (line, person, "values") VALUES (%s, %s, %s)'
DELETE_VALUES = "DELETE FROM kernel_personalvalues WHERE person = %s"
DELETE_KEY = "DELETE FROM kernel_personkey WHERE person = %s"
FORGET_PAYLOAD = (
    "UPDATE kernel_auditline SET payload = NULL, salt = NULL WHERE id = %s AND payload IS NOT NULL"
)
KEY_PURPOSE = "audit.person"
_SALT_BYTES = 16


def record(
    actor: Actor,
    verb: str,
    thing: str,
    thing_id: object,
    facts: Mapping[str, object] | None = None,
    *,
    person: UUID | None = None,
    personal: Mapping[str, object] | None = None,
) -> UUID:
    """Writes the line of one action and gives its id. Call it inside the action's transaction.

    `verb` is the ability's code, `thing` and `thing_id` what it was done to. `facts` are references, codes, counts and
    moments, never a name or an address: those go into `personal`, with the `person` (contact or user) they belong to.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("audit.record belongs inside the action's transaction")
    if (person is None) != (personal is None):
        raise ValueError("personal values need the person they belong to")
    line, payload, salt = new_id(), canonical(facts or {}), os.urandom(_SALT_BYTES)
    mac = None
    with connection.cursor() as cursor:
        if person is not None:
            values = canonical(personal or {})
            mac = personal_mac(_key_of(person), line, values)
            cursor.execute(INSERT_VALUES, [line, person, values])
        who = [actor.kind.value, actor.ref, verb, thing, str(thing_id)]
        cursor.execute(INSERT_LINE, [line, now(), *who, payload_digest(salt, payload), salt, payload, mac])
    return line


def erase_person(person: UUID) -> int:
    """Drops one person's values and key, within the caller's transaction; gives how many lines spoke of them."""
    with connection.cursor() as cursor:
        cursor.execute(DELETE_VALUES, [person])
        lines = int(cursor.rowcount)
        cursor.execute(DELETE_KEY, [person])
    return lines


def forget_payload(line: UUID) -> bool:
    """Drops the facts of one line at the end of their retention; the chain keeps their digest. False if already gone."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET_PAYLOAD, [line])
        return bool(cursor.rowcount)


def canonical(values: Mapping[str, object]) -> str:
    """JSON with sorted keys and no spaces, kept as text: what is hashed is what is stored, byte for byte."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def payload_digest(salt: bytes, payload: str) -> bytes:
    """What stands in the chain for the facts; the salt keeps short facts from being guessed once they are forgotten."""
    return hashlib.sha256(salt + payload.encode()).digest()


def personal_mac(key: bytes, line: UUID, values: str) -> bytes:
    """What stands in the chain for one person's values on one line."""
    return hmac.digest(key, line.bytes + values.encode(), "sha256")


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"an audit line holds codes, references and moments, not {type(value).__name__}")


def _key_of(person: UUID) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(SELECT_KEY, [person])
        found = cursor.fetchone()
        if found is None:
            cursor.execute(INSERT_KEY, [person, secrets.seal(KEY_PURPOSE, os.urandom(32))])
            cursor.execute(SELECT_KEY, [person])
            found = cursor.fetchone()
        return secrets.unseal(KEY_PURPOSE, bytes(found[0]))
