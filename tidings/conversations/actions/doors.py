"""The doors: opened, changed and ended by people, and how each stood when it was looked at."""

import base64
import json
import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from tidings.conversations import queries
from tidings.conversations.doors.base import Way, settings_of, ways
from tidings.conversations.doors.http import PREFIX
from tidings.conversations.models import Door
from tidings.conversations.rules import State
from tidings.kernel import audit, secrets
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, Refused
from tidings.kernel.installation import refuse_in_demo
from tidings.kernel.jobs import enqueue

SECRET = "conversations.door"  # noqa: S105 - the purpose, not a secret
LOOK = "conversations.look_in"


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """What somebody sets for a door: a secret that is left empty stays as it is."""

    code: str
    name: str
    values: Mapping[str, Any]
    acknowledges: bool = False


def set_door(actor: Actor, given: DoorSettings, door_id: UUID | None = None) -> UUID:
    """Opens a door, or changes one, and has it looked at. Raises Refused in a demo, for a name that is taken, for a password without
    encryption, and for a kept secret that would go to another host or user than it was given for.
    """
    actor.require("door.change")
    refuse_in_demo("door")
    way = ways().get(given.code)
    if way is None:
        raise Refused("door.unknown", kind=given.code)
    with transaction.atomic():
        door = _door(door_id) if door_id else Door(code=given.code)
        known = queries.opened_settings(door) if door_id else {}
        values = _merged(way, known, given.values)
        settings_of(way, values)
        if Door.objects.filter(name=given.name, ended_at=None).exclude(pk=door.pk).exists():
            raise Refused("door.name_taken", name=given.name)
        if _where(values) != _where(known):
            door.position, door.state, door.said, door.looked_at, door.broken_since = {}, "", "", None, None
        door.name, door.acknowledges = given.name, given.acknowledges
        door.settings = secrets.seal(SECRET, json.dumps(values).encode())
        door.save()
        audit.record(actor, "door.change", "door", door.pk, {"code": door.code, "done": "set"})
        enqueue(LOOK, key=f"look:{door.pk}", door=str(door.pk))
    return door.pk


def end_door(actor: Actor, door_id: UUID) -> None:
    """Stops using a door; what came in by it stays. Its secrets are forgotten. Raises Missing."""
    actor.require("door.change")
    with transaction.atomic():
        door = _door(door_id)
        door.ended_at, door.settings = now(), secrets.seal(SECRET, b"{}")
        door.save(update_fields=["ended_at", "settings"])
        audit.record(actor, "door.change", "door", door.pk, {"code": door.code, "done": "ended"})


def ask_to_look(actor: Actor, door_id: UUID) -> None:
    """Has a door looked at now. Raises Missing."""
    actor.require("door.change")
    with transaction.atomic():
        door = _door(door_id)
        door.looked_at, door.said = None, ""
        door.save(update_fields=["looked_at", "said"])
        enqueue(LOOK, key=f"look:{door.pk}", door=str(door.pk))


def note_door(door_id: UUID, state: State, said: str = "", position: Mapping[str, Any] | None = None) -> None:
    """How a door stood when it was looked at; how far it was read, where that is known."""
    with transaction.atomic():
        door = Door.objects.select_for_update().filter(pk=door_id, ended_at=None).first()
        if door is None:
            return
        door.broken_since = None if state is State.OPEN else door.broken_since or now()
        door.state, door.said, door.looked_at = state, said, now()
        if position is not None:
            door.position = dict(position)
        door.save(update_fields=["state", "said", "looked_at", "broken_since", "position"])


def _merged(way: type[Way], known: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept from now on. A secret left empty stays, where it goes to the same place as before."""
    secret = {one.name for one in fields(way.Settings) if one.metadata.get("secret")}
    values = {**{one.name: one.default for one in fields(way.Settings) if one.name not in secret}, **given}
    if values.get("security") == "none" and values.get("host") not in settings.TIDINGS_ALLOW_TARGETS:
        raise Refused("door.in_the_clear")
    for name in secret:
        if not values.get(name) and known.get(name):
            if _where(values) != _where(known):
                raise Refused("door.secret_for_another_server")
            values[name] = known[name]
    if way.code == "http" and not values.get("secret"):
        values["secret"] = PREFIX + base64.b64encode(random.token_bytes(32)).decode()
    return values


def _where(values: Mapping[str, Any]) -> tuple[object, ...]:
    return tuple(values.get(name) for name in ("host", "user", "token_url", "client_id", "folder"))


def _door(door_id: UUID) -> Door:
    door = Door.objects.select_for_update().filter(pk=door_id, ended_at=None).first()
    if door is None:
        raise Missing("door.no_such_door")
    return door
