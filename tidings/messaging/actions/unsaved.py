"""Keeping what somebody types until they save it: no version, no audit line, and nobody else sees it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.messaging import sql
from tidings.messaging.models import Unsaved
from tidings.messaging.rules.unsaved import ABILITIES, LONGEST, MOST_SHEETS, Typing


def keep_unsaved(
    actor: Actor, about: str, sheet: UUID, parts: Mapping[str, Typing], *, seen: str
) -> datetime:
    """Keeps what a person typed in each language on one opening of a page, in the place of what it kept before, and gives when.
    Where nothing differs from what was shown, nothing is kept; the same words on another opening are kept once.

    Raises Refused("not_allowed") for whoever may not save it or is no person, Refused("messaging.typed_too_long").
    """
    actor.require(ABILITIES[about.partition("/")[0]])
    if actor.kind is not ActorKind.PERSON:
        raise Refused("not_allowed", ability="")
    if any(part.size > LONGEST for part in parts.values()):
        raise Refused("messaging.typed_too_long", most=LONGEST)
    at, mine = now(), {"person_id": UUID(actor.ref), "about": about}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(sql.ONE_TEXT_AT_A_TIME, {"text": f"unsaved/{actor.ref}/{about}"})
        for language, part in parts.items():
            found = Unsaved.objects.filter(**mine, sheet=sheet, language=language)
            if not part.typed:
                found.delete()
                continue
            same = Unsaved.objects.filter(**mine, language=language, typed=dict(part.typed))
            same.exclude(sheet=sheet).delete()
            typed = {"typed": dict(part.typed), "shown": dict(part.shown), "seen": seen, "typed_at": at}
            if not found.update(**typed):
                Unsaved.objects.create(**mine, sheet=sheet, language=language, **typed)
        _only_the_newest(mine)
    return at


def throw_away(actor: Actor, about: str, sheet: UUID) -> None:
    """Forgets what one opening of a page kept: it was saved, or is not wanted. Twice is no error."""
    if actor.kind is ActorKind.PERSON:
        Unsaved.objects.filter(person_id=UUID(actor.ref), about=about, sheet=sheet).delete()


def forget_unsaved(before: datetime) -> int:
    """Drops what nobody saved since; how many languages of it."""
    return Unsaved.objects.filter(typed_at__lt=before).delete()[0]


def _only_the_newest(mine: Mapping[str, object]) -> None:
    rows = Unsaved.objects.filter(**mine).order_by("-typed_at").values_list("sheet", flat=True)
    sheets = list(dict.fromkeys(rows))
    Unsaved.objects.filter(**mine, sheet__in=sheets[MOST_SHEETS:]).delete()
