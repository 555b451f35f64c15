"""Reads of messages: their versions, freezes and approvals, and the lists of the pages."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from tidings.kernel.actor import Actor
from tidings.kernel.errors import Missing
from tidings.messaging.models import (
    Approval,
    Broadcast,
    Freeze,
    KindApproval,
    Message,
    MessageText,
    Recipient,
)
from tidings.messaging.queries.texts import reference_of
from tidings.messaging.rules.approval import missing_kinds
from tidings.messaging.rules.content import (
    ApprovalPolicy,
    Approving,
    Audience,
    MessageState,
    state_of,
    stricter,
)
from tidings.messaging.sql.late import LINE_ALONE
from tidings.people.rules import APPROVES_AS


@dataclass(frozen=True, slots=True)
class Listed:
    """A message as a list shows it."""

    message: Message
    state: MessageState
    languages: tuple[str, ...]
    recipients: int


def visible_messages(actor: Actor) -> QuerySet[Message]:
    """The messages that an actor may see: every one at headquarters; elsewhere those of their own hand, and those of their
    units that need an approval and have no recipients yet.

    A message knows its recipients as plain values, not by unit; the incident's page shows each unit its own share.
    """
    actor.require("message.read")
    found = Message.objects.all()
    if actor.units is None:
        return found
    own = Q(written_by=reference_of(actor))
    standing = standing_freezes().filter(approval_needed=True).values("message_id")
    return found.filter(own | Q(unit_id__in=actor.units, pk__in=standing))


def message(actor: Actor, message_id: UUID) -> Message:
    """One message. Raises Missing("messaging.no_such_message") when there is none that the actor may see."""
    found = visible_messages(actor).filter(pk=message_id).first()
    if found is None:
        raise Missing("messaging.no_such_message")
    return found


def messages(actor: Actor, *, text: str = "", phase: str = "", waiting: bool = False) -> QuerySet[Message]:
    """Messages, newest first; `waiting` leaves those that a person must approve before they can go."""
    found = visible_messages(actor)
    if text:
        found = found.filter(about__icontains=text)
    if phase:
        found = found.filter(phase=phase)
    if waiting:
        found = found.filter(pk__in=waiting_freezes().values("message_id"))
    return found.order_by("-id")


def waiting_for_approval(actor: Actor) -> int:
    """How many messages wait for an approval that the actor may give; 0 for who may give none."""
    if not actor.may("message.approve"):
        return 0
    seen = visible_messages(actor).values("pk")
    waiting = list(waiting_freezes().filter(message__in=seen).defer("words"))
    return sum(
        any(actor.may(APPROVES_AS[kind]) for kind in missing) for missing in _missing(waiting).values()
    )


def still_missing(freezes: Iterable[Freeze]) -> dict[UUID, tuple[str, ...]]:
    """Freeze → the kinds of approval it still waits for; the empty kind is whichever. Of what needs none, none."""
    found = list(freezes)
    approved = set(
        Approval.objects.filter(freeze__in=[one.pk for one in found]).values_list("freeze", flat=True)
    )
    waiting = [one for one in found if one.approval_needed and one.pk not in approved]
    return {**{one.pk: () for one in found}, **_missing(waiting)}


def _missing(found: list[Freeze]) -> dict[UUID, tuple[str, ...]]:
    given: dict[UUID, set[str]] = defaultdict(set)
    if any(one.approvers for one in found):
        rows = KindApproval.objects.filter(freeze__in=[one.pk for one in found])
        for freeze_id, kind in rows.values_list("freeze_id", "kind"):
            given[freeze_id].add(kind)
    return {one.pk: missing_kinds(one.approvers, given[one.pk]) for one in found}


def standing_freezes() -> QuerySet[Freeze]:
    """The freezes that count: the newest of the newest version of a message that has not gone.

    Of one thing and phase only the newest message: what was written anew takes the place of what stood before. What
    completes a sent message stands beside them.
    """
    none = Value(UUID(int=0))
    anew = Message.objects.alias(beside=Coalesce("completes", none)).filter(
        beside=Coalesce(OuterRef("message__completes"), none),
        about=OuterRef("message__about"),
        phase=OuterRef("message__phase"),
        pk__gt=OuterRef("message"),
    )
    newer = Freeze.objects.filter(message=OuterRef("message"), pk__gt=OuterRef("pk"))
    changed = MessageText.objects.filter(message=OuterRef("message"), version__gt=OuterRef("version"))
    sent = Broadcast.objects.filter(message_id=OuterRef("message"))
    return Freeze.objects.filter(~Exists(anew), ~Exists(newer), ~Exists(changed), ~Exists(sent))


def waiting_freezes() -> QuerySet[Freeze]:
    """Those of them that a person must still say yes or no to."""
    return standing_freezes().filter(approval_needed=True, approval=None, sent_back=None)


def listed(rows: Sequence[Message]) -> list[Listed]:
    """A page of messages with state, languages and size: four queries for all of them."""
    ids = [row.pk for row in rows]
    versions: dict[UUID, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    written = MessageText.objects.filter(message_id__in=ids).order_by("id")
    for message_id, version, language in written.values_list("message_id", "version", "language"):
        versions[message_id][version].append(language)
    freezes = {
        freeze.message_id: freeze
        for freeze in Freeze.objects.filter(message_id__in=ids)
        .select_related("approval", "sent_back")
        .defer("words")
        .order_by("id")
    }
    sent = set(Broadcast.objects.filter(message_id__in=ids).values_list("message_id", flat=True))
    counted = Recipient.objects.filter(message_id__in=ids).order_by().values_list("message_id")
    sizes = dict(counted.annotate(Count("pk")))
    found = []
    for row in rows:
        newest = max(versions[row.pk], default=0)
        freeze = freezes.get(row.pk)
        current = freeze if freeze is not None and freeze.version == newest else None
        state = state_of(
            frozen=current is not None,
            may_go=current is not None and is_approved(current),
            sent=row.pk in sent,
            sent_back=current is not None and is_sent_back(current),
        )
        found.append(Listed(row, state, tuple(versions[row.pk][newest]), sizes.get(row.pk, 0)))
    return found


def newest_texts(message_id: UUID) -> dict[str, MessageText]:
    """The newest version of a message, per language."""
    rows = MessageText.objects.filter(message_id=message_id).order_by("-version", "id")
    newest = [row for row in rows if row.version == rows[0].version]
    return {row.language: row for row in newest}


def kind_of(message_id: UUID) -> str:
    """The kind whose texts a message was written from. Raises Missing("messaging.no_such_message")."""
    kind = Message.objects.filter(pk=message_id).values_list("kind", flat=True).first()
    if kind is None:
        raise Missing("messaging.no_such_message")
    return kind


def policy_of(message: Message) -> ApprovalPolicy:
    """What is asked of it before it goes."""
    when = Approving(message.approval_when)
    return ApprovalPolicy(when, message.author_may_approve, frozenset(message.approvers))


def asks_less(message_id: UUID, policy: ApprovalPolicy) -> bool:
    """Whether less is asked of a message than `policy` asks. Raises Missing("messaging.no_such_message")."""
    message = Message.objects.filter(pk=message_id).first()
    if message is None:
        raise Missing("messaging.no_such_message")
    held = policy_of(message)
    return stricter(held, policy) != held


def authors_of(message_id: UUID) -> set[str]:
    """Everybody who wrote a version of it."""
    return set(MessageText.objects.filter(message_id=message_id).values_list("written_by", flat=True))


def current_freeze(message_id: UUID) -> Freeze | None:
    """The newest freeze, if nothing was changed since; a change makes it, and its approval, void."""
    freezes = Freeze.objects.filter(message_id=message_id).select_related("approval", "sent_back")
    freeze = freezes.order_by("-id").first()
    newest = (
        MessageText.objects.filter(message_id=message_id)
        .order_by("-version")
        .values_list("version", flat=True)
        .first()
    )
    return freeze if freeze is not None and freeze.version == newest else None


def is_approved(freeze: Freeze) -> bool:
    """Whether this freeze may go: no approval is needed, or a person gave it."""
    return not freeze.approval_needed or hasattr(freeze, "approval")


_HAS_IT = """(r.state NOT IN ('superseded', 'unreachable') OR (r.state = 'unreachable' AND EXISTS (
        SELECT FROM messaging_result taken
        WHERE taken.outcome IN ('handed_over', 'accepted', 'delivered')
          AND (taken.delivery_id = r.delivery_id OR taken.delivery_id IN (
               SELECT (before.value ->> 'delivery_id')::uuid FROM jsonb_array_elements(r.earlier) before))
          AND NOT EXISTS (SELECT FROM messaging_result back
                          WHERE back.delivery_id = taken.delivery_id AND back.outcome = 'refused'))))"""
"""Whether a message is on its way to a recipient or with them. Who had to confirm and did not counts as unreachable, and may
have read all the same what their server took."""

SENT_TO = f"""
    SELECT r.contact_id, r.name, r.language, r.time_zone, r.shipment_ids, {LINE_ALONE} AS alone FROM messaging_recipient r
    WHERE r.message_id IN (SELECT m.id FROM messaging_message m WHERE %(sent_message)s IN (m.id, m.completes)) AND {_HAS_IT}
"""  # noqa: S608 - only our own text is joined
"""Whom one message went to, or is on its way to, and those who got it late in their language: SQL to join. `alone` says whether
it told them something besides their shipments. Who could not be reached did not get what it says."""


TOLD_BY = f"""
    SELECT r.id AS recipient_id, r.message_id, r.contact_id, r.shipment_ids, r.lines FROM messaging_recipient r
    WHERE r.message_id = ANY(%(heard)s::uuid[]) AND r.reason <> 'no_text' AND {_HAS_IT}
"""  # noqa: S608 - only our own text is joined
"""Whom some messages told, or are on their way to, with the lines of each: SQL to join. Who waits for a language is not yet told."""


TRIED_ABOUT = f"""
    SELECT r.contact_id, r.message_id, r.channel, r.address, r.earlier, r.state, m.phase, {_HAS_IT} AS has_it
    FROM messaging_message m JOIN messaging_recipient r ON r.message_id = m.id
    WHERE m.about = %(about)s AND m.phase = ANY(%(told_phases)s)
"""  # noqa: S608 - only our own text is joined
"""Every recipient of the told phases of a thing, where each was tried, and whether it is with them or on its way: SQL to join."""

PLANNED_FOR = """
    SELECT message_id, contact_id FROM messaging_recipient
    UNION ALL SELECT message_id, contact_id FROM messaging_toldtogether
"""
"""For whom each message was planned, whatever became of it, and whom it left out since another had told them the same: SQL to join."""


WAITS_UNTIL = """
    SELECT contact_id, next_at AS waits_until FROM messaging_recipient
    WHERE message_id = %(sent_message)s AND state <> 'unreachable'
"""
"""Whom one message that was planned in this transaction can reach, and until when it waits with them (null: not at all): SQL to join."""


def is_sent_back(freeze: Freeze) -> bool:
    """Whether an approver said no to this freeze."""
    return hasattr(freeze, "sent_back")


LINES_TOLD = f"""
    SELECT DISTINCT ON (r.contact_id) r.contact_id, r.lines
    FROM messaging_message m JOIN messaging_recipient r ON r.message_id = m.id
    WHERE m.about = %(about)s AND {_HAS_IT}
    ORDER BY r.contact_id, m.id DESC
"""  # noqa: S608 - only our own text is joined
"""What the last message about a thing told each contact of their shipments: SQL to join. Who was not reached heard nothing."""


HEARD_OF = f"""
    SELECT contact_id, name, language, time_zone, shipment_id FROM (
        SELECT DISTINCT ON (r.contact_id, named.shipment_id)
               r.contact_id, r.name, r.language, r.time_zone, named.shipment_id, m.phase
          FROM messaging_message m JOIN messaging_recipient r ON r.message_id = m.id
         CROSS JOIN LATERAL (SELECT unnest(r.shipment_ids) UNION ALL SELECT NULL WHERE {LINE_ALONE}) AS named(shipment_id)
         WHERE m.about = ANY (%(heard_about)s) AND m.phase <> 'briefing' AND {_HAS_IT}
         ORDER BY r.contact_id, named.shipment_id, r.id DESC
    ) newest WHERE phase <> 'all_clear'
"""  # noqa: S608 - only our own text is joined
"""Which contacts heard of which shipments (null: of what is of no shipment) that something happened, and were not told since that it is over: SQL to join. Who
was not reached heard nothing."""


LINES_OF = "SELECT lines FROM messaging_recipient WHERE message_id = %(lines_of)s"
"""What one message that went tells each of its readers of their shipments: SQL to join."""


def offers_a_choice(freeze: Freeze) -> bool:
    """Whether the frozen words have a place in which a reader is told until when they may choose."""
    return any(
        {"slot": "choice"} in pieces
        for words in freeze.words.values()
        if words.get("link")
        for _block, pieces in words["paragraphs"]
    )


def was_sent(message_id: UUID) -> bool:
    """Whether it went out, to anyone."""
    return Broadcast.objects.filter(message_id=message_id).exists()


def audience_size(audience: Audience) -> int:
    """How many contacts an audience holds at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({audience.sql}) AS audience", dict(audience.params))  # noqa: S608 - ours
        return int(cursor.fetchone()[0])
