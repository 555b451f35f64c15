"""What is done to the installation as a whole."""

from django.db import transaction

from tidings.kernel import installation
from tidings.kernel.actor import Actor
from tidings.kernel.audit import record


def name_firm(actor: Actor, *, firm_name: str, time_zone: str) -> None:
    """Gives the firm its name and time zone."""
    actor.require("installation.change")
    with transaction.atomic():
        installation.name_installation(firm_name, time_zone)
        record(actor, "installation.change", "installation", 1, {"time_zone": time_zone})
