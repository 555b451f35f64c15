"""The demo's cast: people of an invented firm, with random passwords that are shown once and stored nowhere."""

import secrets

from django.db import transaction

from tidings.kernel import installation
from tidings.kernel.actor import Actor
from tidings.kernel.audit import record
from tidings.kernel.errors import Refused
from tidings.people.actions.staff import close_account, invite, make_unit
from tidings.people.models import Unit, User
from tidings.people.rules import Role, UnitKind

DEMO_FIRM = "Noordster Koeriers"
_ZONE, _BEIJING = "Europe/Amsterdam", "Asia/Shanghai"
_CAST = (
    ("dispatcher@example.org", "Robin Vermeer", Role.DISPATCHER, "en", _ZONE),
    ("agent@example.org", "Sanne de Wit", Role.AGENT, "nl", _ZONE),
    ("communicator@example.org", "Imke Jansen", Role.COMMUNICATOR, "nl", _ZONE),
    ("approver@example.org", "Pieter Mulder", Role.APPROVER, "en", _ZONE),
    ("manager@example.org", "王丽", Role.MANAGER, "zh-hans", _BEIJING),
    ("administrator@example.org", "Noor Bakker", Role.ADMINISTRATOR, "en", _ZONE),
    ("auditor@example.org", "Joris Smit", Role.AUDITOR, "nl", _ZONE),
)


def make_demo_cast(actor: Actor) -> list[tuple[str, str, str, str]]:
    """Makes this empty installation a demo and gives its people: (e-mail, name, role, password), the passwords only here.

    Raises Refused("installation.not_empty") when there is a firm or anybody of the staff already.
    """
    actor.require("installation.change")
    with transaction.atomic():
        if User.objects.exists() or Unit.objects.exists():
            raise Refused("installation.not_empty")
        installation.start_demo(actor.ref, DEMO_FIRM, _ZONE)
        home = make_unit(actor, name=DEMO_FIRM, kind=UnitKind.HEADQUARTERS)
        make_unit(actor, name="Venlo", kind=UnitKind.BRANCH, parent_id=home.pk)
        record(actor, "installation.change", "installation", 1, {"demo": "started"})
        return [_join(actor, home, *who) for who in _CAST]


def leave_demo(actor: Actor) -> int:
    """Ends the demo state and the accounts of its cast; gives how many. The firm then invites its own first administrator.

    Ended accounts keep their names, as what they did stays in the audit lines. Raises Refused("installation.not_demo").
    """
    actor.require("installation.change")
    with transaction.atomic():
        installation.leave_demo()
        cast = User.objects.select_for_update().filter(is_demo=True, is_active=True)
        ended = [close_account(actor, user) for user in cast]
        record(actor, "installation.change", "installation", 1, {"demo": "left", "accounts": len(ended)})
    return len(ended)


def _join(
    actor: Actor, unit: Unit, email: str, name: str, role: Role, language: str, zone: str
) -> tuple[str, str, str, str]:
    user = invite(
        actor,
        email=email,
        name=name,
        roles=[role],
        unit_id=unit.pk,
        language=language,
        time_zone=zone,
        demo=True,
    )
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    user.set_password(password)
    user.save(update_fields=["password"])
    return email, name, role.value, password
