"""What this installation is: the firm's name and time zone, and whether it is a demo. No business rule beyond that.

Demo is a state of the installation: it starts only where nothing is, listens on loopback only, has no relay, and shows
itself in red on every page until somebody leaves it.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.kernel.models import Installation

UNNAMED = "Tidings"


def installation() -> Installation:
    """The installation; one that was not named yet has the name "Tidings" and is not stored."""
    return Installation.objects.filter(pk=1).first() or Installation(pk=1, firm_name=UNNAMED, made_at=now())


def is_demo() -> bool:
    """Whether this installation is a demo at this moment."""
    return Installation.objects.filter(pk=1, demo_since__isnull=False, demo_left_at__isnull=True).exists()


def firm_name() -> str:
    return installation().firm_name


def firm_time_zone() -> ZoneInfo:
    """The zone in which the firm's own promises are computed."""
    return ZoneInfo(installation().time_zone)


def public_address() -> str:
    """Where customers reach our pages, such as https://tidings.example.org; empty where nobody set it. A demo's is this machine."""
    if is_demo():
        return f"http://127.0.0.1:{settings.TIDINGS_PORT}"
    return str(settings.TIDINGS_PUBLIC_URL)


def start_demo(by: str, firm: str, time_zone: str = "Europe/Amsterdam") -> Installation:
    """Makes this a demo installation, in the caller's transaction. `by` is the reference of the actor.

    Raises Refused("installation.not_empty") when it was named before: a firm's own installation never becomes a demo.
    The caller has seen to it that there are no people and no shipments.
    """
    moment = now()
    if Installation.objects.exists():
        raise Refused("installation.not_empty")
    return Installation.objects.create(
        pk=1, firm_name=firm, time_zone=time_zone, made_at=moment, demo_since=moment, demo_by=by
    )


def leave_demo() -> Installation:
    """Ends the demo, in the caller's transaction. Raises Refused("installation.not_demo") when it is none."""
    with transaction.atomic():
        found = Installation.objects.select_for_update().filter(
            pk=1, demo_since__isnull=False, demo_left_at__isnull=True
        )
        row = found.first()
        if row is None:
            raise Refused("installation.not_demo")
        row.demo_left_at = now()
        row.save(update_fields=["demo_left_at"])
    return row


def name_installation(firm: str, time_zone: str) -> Installation:
    """Gives the installation its name and zone, in the caller's transaction."""
    row, made = Installation.objects.select_for_update().get_or_create(
        pk=1, defaults={"firm_name": firm, "time_zone": time_zone, "made_at": now()}
    )
    if not made:
        row.firm_name, row.time_zone = firm, time_zone
        row.save(update_fields=["firm_name", "time_zone"])
    return row


def refuse_in_demo(what: str) -> None:
    """Raises Refused("installation.demo_forbids", what=…) while this is a demo. `what` is a code: `relay`, `host`, `bind`."""
    if is_demo():
        raise Refused("installation.demo_forbids", what=what)


def refuse_exposed_demo(bind: str, hosts: list[str]) -> None:
    """Raises Refused("installation.demo_is_local") when a demo would listen or answer beyond this machine.

    `bind` is the address to listen on, `hosts` the names to answer to. Processes call it before they open a port.
    """
    exposed = [name for name in [bind, *hosts] if not is_loopback(name)]
    if exposed and is_demo():
        raise Refused("installation.demo_is_local", names=", ".join(exposed))


def site_address() -> str:
    """Where the pages answer, for links in mails: "https://tidings.example.org/", the first of TIDINGS_HOSTS."""
    host = next(
        (name for name in settings.ALLOWED_HOSTS if name and not name.startswith((".", "*"))), "localhost"
    )
    return f"https://{host}/" if settings.SESSION_COOKIE_SECURE else f"http://{host}:{settings.TIDINGS_PORT}/"


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine only, without asking any resolver."""
    name = urlsplit(f"//{host}").hostname or host
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
