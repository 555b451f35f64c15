"""The first start of an empty installation: a demo firm, unless it is told not to or could be seen from outside."""

from dataclasses import dataclass

from django.conf import settings

from tidings.kernel import installation
from tidings.kernel.errors import Refused
from tidings.people import actions, queries


@dataclass(frozen=True, slots=True)
class SignIn:
    """One of the demo's cast. The password is shown once and stored nowhere."""

    email: str
    name: str
    role: str
    password: str


def first_start(*, demo: bool) -> list[SignIn]:
    """Makes the demo's cast where nothing is yet; gives how to sign in, or nothing where there was something.

    Raises Refused("installation.demo_is_local") when a demo, new or old, would listen beyond this machine.
    """
    environment = settings.ENVIRONMENT
    cast = _demo_cast() if demo and is_local() else []
    installation.refuse_exposed_demo(environment.TIDINGS_BIND, settings.ALLOWED_HOSTS)
    return cast


def _demo_cast() -> list[SignIn]:
    try:
        return [SignIn(*one) for one in actions.make_demo_cast(queries.command_actor("run"))]
    except Refused as refused:
        if refused.code != "installation.not_empty":
            raise
        return []


def is_local() -> bool:
    """Whether the pages are for this machine only."""
    names = [settings.ENVIRONMENT.TIDINGS_BIND, *settings.ALLOWED_HOSTS]
    return all(installation.is_loopback(name) for name in names)
