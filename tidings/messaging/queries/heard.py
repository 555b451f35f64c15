"""What one contact has been told about one thing, as their own page says it again."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from tidings.kernel.ids import made_at
from tidings.messaging import texts
from tidings.messaging.models import Broadcast, FrozenText, Message, Recipient, Result, RevokedLinks
from tidings.messaging.queries.links import links
from tidings.messaging.rules.delivery import Outcome
from tidings.messaging.rules.freezing import said_to, words_of_json
from tidings.messaging.rules.template import ROW
from tidings.messaging.rules.wording import Line, Reader, code_of, reader_values

_NOBODY = UUID(int=0)
LEFT = (Outcome.HANDED_OVER, Outcome.ACCEPTED, Outcome.DELIVERED, Outcome.CONFIRMED)
_NOT_ON_A_PAGE = frozenset(
    {
        "greeting",
        ROW,
        "after_shipments",
        "your_page",
        "choice",
        "when_next",
        "where_to_turn",
        "where_to_look",
        "sign_off",
        "is_it_us",
        "exercise",
    }
)
"""What belongs to a letter, and what the page says in a place of its own."""
_COLONS = (":", "：")


@dataclass(frozen=True, slots=True)
class Opened:
    """Whose page a token opens, and when its link was sent."""

    recipient: Recipient
    about: str
    sent_at: datetime
    revoked: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """One message as its reader was told it, with the text of a `kind`. `shipments` are theirs as it told them, gravest first; `alone`
    is what it told them besides, of a service of ours and of no shipment.
    """

    recipient_id: UUID
    kind: str
    phase: str
    at: datetime
    subject: str
    paragraphs: tuple[str, ...]
    shipments: tuple[tuple[UUID, Line], ...]
    alone: tuple[Line, ...]
    next_by: datetime | None
    confirmed_at: datetime | None


def opened(token: str) -> Opened | None:
    """The recipient whose link this is; None for a token that is not ours. Every token costs the same look-up."""
    named = links().recipient_of(token)
    row = Recipient.objects.select_related("broadcast").filter(pk=named or _NOBODY).first()
    if row is None:
        return None
    about = Message.objects.filter(pk=row.message_id).values_list("about", flat=True).first()
    # Sent again, a message brings the link that it brought before: what counts is when it was planned first.
    revoked = RevokedLinks.objects.filter(contact_id=row.contact_id, up_to__gte=made_at(row.pk)).exists()
    return Opened(row, about or "", row.broadcast.created_at, revoked)


def heard(page: Opened, about_any: Collection[str]) -> list[Heard]:
    """Every message about any of these things that went to the same contact, newest first; the one opened is among them.

    One that is still planned, stopped or superseded is not: nobody has heard it yet.
    """
    about = Message.objects.filter(about__in={page.about, *about_any}).in_bulk()
    rows = Recipient.objects.filter(contact_id=page.recipient.contact_id, message_id__in=list(about))
    told = {row.pk: row for row in rows if row.state != "superseded"}
    facts = _facts({one.delivery_id for one in told.values()} | set(told))
    went = {page.recipient.pk: page.sent_at, **{one: min(at.values()) for one, at in facts.items()}}
    shown = sorted((row for row in told.values() if row.pk in went), key=lambda row: went[row.pk])
    words = _words(shown)
    return [
        _as_heard(
            row,
            about[row.message_id],
            went[row.pk],
            facts[row.pk],
            words[row.broadcast_id, row.language],
        )
        for row in reversed(shown)
        if (row.broadcast_id, row.language) in words
    ]


def reader_of(recipient: Recipient, year: int) -> Reader:
    """How this recipient is spoken to: their language and zone."""
    return Reader(texts.words(recipient.language), recipient.time_zone, year)


def _facts(deliveries: set[UUID]) -> dict[UUID, dict[str, datetime]]:
    """Per recipient, when its message first left, arrived or was confirmed."""
    facts: dict[UUID, dict[str, datetime]] = defaultdict(dict)
    left = Result.objects.filter(delivery_id__in=deliveries, outcome__in=LEFT).order_by("-at")
    for recipient, outcome, at in left.values_list("recipient_id", "outcome", "at"):
        facts[recipient][outcome] = at
    return facts


def _words(rows: Sequence[Recipient]) -> dict[tuple[UUID, str], str]:
    """The words as they went, by broadcast and language."""
    broadcasts = Broadcast.objects.filter(pk__in=[row.broadcast_id for row in rows])
    found = FrozenText.objects.filter(broadcast__in=broadcasts, channel="email")
    return {(one.broadcast_id, one.language): one.source for one in found}


def _as_heard(
    row: Recipient, message: Message, at: datetime, facts: dict[str, datetime], source: str
) -> Heard:
    kept = json.loads(source)
    times = {name: datetime.fromisoformat(moment) for name, moment in kept["moments"].items()}
    values = reader_values(reader_of(row, kept["year"]), row.name, row.lines, times, code_of(row.pk))
    words = words_of_json(row.language, kept)
    kept_here = tuple(one for one in words.paragraphs if one.block not in _NOT_ON_A_PAGE)
    subject, _short, paragraphs = said_to(replace(words, paragraphs=kept_here), values, ())
    return Heard(
        row.pk,
        message.kind,
        message.phase,
        at,
        subject,
        # A sentence that ends in a colon leads to the list of shipments, which stands elsewhere on the page.
        tuple(said for said in paragraphs if not said.endswith(_COLONS)),
        tuple(zip(row.shipment_ids, row.lines, strict=False)),
        tuple(row.lines[len(row.shipment_ids) :]),
        times.get("next_by"),
        facts.get(Outcome.CONFIRMED),
    )
