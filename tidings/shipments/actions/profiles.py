"""Profiles of the firm's own, saved as the text a person can read."""

import re

from django.db import connection, transaction

from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Conflict, Refused
from tidings.shipments.importers.profile import parse_profile
from tidings.shipments.models import Profile
from tidings.shipments.queries.imports import digest_of, profile_digest

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(7320, 2)"
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}")


def save_profile(actor: Actor, code: str, text: str, *, seen_digest: str = "") -> None:
    """Saves a profile under a code, in place of another only when that is the one of `seen_digest`, shipped ones too.

    Raises Refused for a text that is no whole profile, Conflict for one that would take the place of what was not seen.
    """
    actor.require("shipment.import")
    if not _CODE.fullmatch(code):
        raise Refused("shipments.profile_code_wrong", profile=code)
    kind = parse_profile(text).kind
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_ONE_AT_A_TIME)
        if profile_digest(code) not in ("", digest_of(text), seen_digest):
            raise Conflict("shipments.profile_taken")
        Profile.objects.update_or_create(
            code=code, defaults={"kind": kind, "text": text, "saved_by": actor.ref}
        )
        audit.record(actor, "profile.save", "profile", code, {"kind": kind})
