"""Profiles of the firm's own, saved as the text a person can read."""

import re

from django.db import transaction

from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Refused
from tidings.shipments.importers.profile import parse_profile
from tidings.shipments.models import Profile

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}")


def save_profile(actor: Actor, code: str, text: str) -> None:
    """Saves a profile under a code, in place of an earlier one. Raises Refused for a text that is no whole profile."""
    actor.require("shipment.import")
    if not _CODE.fullmatch(code):
        raise Refused("shipments.profile_code_wrong", profile=code)
    kind = parse_profile(text).kind
    with transaction.atomic():
        Profile.objects.update_or_create(
            code=code, defaults={"kind": kind, "text": text, "saved_by": actor.ref}
        )
        audit.record(actor, "profile.save", "profile", code, {"kind": kind})
