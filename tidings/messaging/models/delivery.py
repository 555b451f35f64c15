"""Tables that the delivery engine works on, through `messaging/ledger.py`. Planning writes them, the ledger moves them.

A broadcast is one sending of one message. Its recipients are planned with it, one row per contact, and gathered in
chunks; a chunk is one pass. Results are append-only and partitioned by month of the delivery's UUIDv7.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from tidings.kernel.ids import new_id
from tidings.kernel.rotation import SealedField
from tidings.messaging.rules.delivery import ChunkState, Lane, RecipientState, RelayKind, Security


def _code(default: str | None = None, *, null: bool = False) -> "models.TextField[str, str]":
    """A plain text column for a code: compared by byte, no choices in the database."""
    if default is None:
        return models.TextField(db_collation="C", null=null)
    return models.TextField(db_collation="C", default=str(default), db_default=str(default))


def _count() -> "models.IntegerField[int, int]":
    return models.IntegerField(default=0, db_default=0)


class Epoch(models.Model):
    """One life of this database. A restore begins a new one, and whoever still works under an older is fenced."""

    number = models.IntegerField(primary_key=True)
    reason = _code("installed")
    begun_by = models.TextField(default="", db_default="")
    began_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.number} ({self.reason})"


class Broadcast(models.Model):
    """One sending of one message: its lane, whether it is an exercise, and how long doubt and patience last."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message_id = models.UUIDField(db_index=True)
    lane = _code(Lane.BROADCAST)
    drill = models.BooleanField(default=False, db_default=False)
    settle_seconds = models.IntegerField(default=900, db_default=900)
    patience_seconds = models.IntegerField(default=14_400, db_default=14_400)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return str(self.id)


class FrozenText(models.Model):
    """The approved text of one language and channel, in the form that `engine/compile.py` describes. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    broadcast = models.ForeignKey(Broadcast, models.CASCADE, related_name="texts")
    language = _code()
    channel = _code("email")
    source = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["broadcast", "language", "channel"], name="messaging_one_text_per_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.language}"


class Chunk(models.Model):
    """One pass over some recipients of one broadcast that share language, channel and destination.

    `released` is how many places may be sent, `recorded` how many have a result; `owner` is the life that holds the lease,
    `journal` the last one that may have sent. The tallies say where its rows stand
    now; a row that went on to another chunk is counted in `moved`, so that the columns always add up to `size`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    broadcast = models.ForeignKey(Broadcast, models.CASCADE, related_name="chunks")
    epoch = models.IntegerField()
    lane = _code()
    channel = _code()
    destination = _code()
    language = _code()
    due_by = models.DateTimeField(null=True)
    size = models.IntegerField()
    state = _code(ChunkState.OPEN)
    owner = models.UUIDField(null=True)
    journal = models.UUIDField(null=True)
    relay = models.ForeignKey("Relay", models.SET_NULL, null=True, db_index=False)
    leased_until = models.DateTimeField(null=True)
    released = _count()
    recorded = _count()
    handed_over = _count()
    accepted = _count()
    accepted_late = _count()
    delivered = _count()
    confirmed = _count()
    later = _count()
    refused = _count()
    uncertain = _count()
    moved = _count()
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["lane", "destination", "due_by", "id"],
                condition=models.Q(state__in=["open", "leased"]),
                name="messaging_chunk_to_lease",
            ),
            models.Index(
                fields=["lane", "due_by", "id"],
                condition=models.Q(state__in=["open", "leased"]),
                name="messaging_chunk_next",
            ),
            models.Index(
                fields=["finished_at"],
                condition=models.Q(state="done", settled_at=None),
                name="messaging_chunk_to_settle",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(released__lte=models.F("size")),
                name="messaging_chunk_released_within_size",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.destination} {self.recorded}/{self.size}"


class Recipient(models.Model):
    """One contact of one message: the lean row, and the only one that changes, when something is due.

    `delivery_id` names the delivery (rung) under way: the first is the recipient's own id, each further rung a new one.
    `attempt` counts what was begun on it, `doubts` how often it ended uncertain. `further` holds the rungs not yet used,
    as objects with channel and address; `earlier` those that were, with their `delivery_id` too. `next_at` is set while
    something is due. `needs_confirmed`: a presumed contact is not enough, since they must act or their goods are harmed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    broadcast = (
        models.ForeignKey(  # unchecked: written by the one statement that also writes what it points to
            Broadcast, models.CASCADE, related_name="recipients", db_index=False, db_constraint=False
        )
    )
    message_id = models.UUIDField()
    contact_id = models.UUIDField()
    name = models.TextField(default="", db_default="")
    language = _code()
    time_zone = _code("UTC")
    channel = _code(null=True)
    address = models.TextField(null=True)
    destination = _code("others")
    due_by = models.DateTimeField(null=True)
    shipment_ids = ArrayField(models.UUIDField(), default=list, db_default=[])
    lines = models.JSONField(default=list, db_default=[])
    further = models.JSONField(default=list, db_default=[])
    earlier = models.JSONField(default=list, db_default=[])
    needs_confirmed = models.BooleanField(default=False, db_default=False)
    state = _code(RecipientState.WAITING)
    standing = _code("")
    reason = models.TextField(default="", db_default="")
    rung = models.SmallIntegerField(default=1, db_default=1)
    delivery_id = models.UUIDField()
    attempt = models.SmallIntegerField(default=1, db_default=1)
    doubts = models.SmallIntegerField(default=0, db_default=0)
    chunk = models.ForeignKey(
        Chunk, models.SET_NULL, null=True, related_name="rows", db_index=False, db_constraint=False
    )
    place = models.IntegerField(null=True)
    next_at = models.DateTimeField(null=True)
    rung_began_at = models.DateTimeField(null=True)
    reached_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["chunk", "place"], name="messaging_recipient_chunk"),
            models.Index(fields=["contact_id"], name="messaging_recipient_contact"),
            models.Index(
                fields=["next_at"], condition=models.Q(next_at__isnull=False), name="messaging_recipient_due"
            ),
            # Neither column changes when a chunk settles, so that settling 100,000 rows touches no index.
            models.Index(
                fields=["due_by"], condition=models.Q(channel="call"), name="messaging_recipient_to_call"
            ),
            models.Index(
                fields=["address"],
                condition=~models.Q(channel__in=("email", "call")),
                name="messaging_recipient_answers",
            ),
            models.Index(
                fields=["delivery_id"],
                condition=~models.Q(delivery_id=models.F("id")),
                name="messaging_recipient_later_rung",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["message_id", "contact_id"], name="messaging_one_message_per_contact"
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class Result(models.Model):
    """A fact about one attempt of one delivery; append-only. Attempt 0 stands for the delivery as a whole.

    The same fact told twice is one row. The table is made by SQL, partitioned by month of `delivery_id`; it has no
    foreign keys, so that old months can be dropped.
    """

    pk = models.CompositePrimaryKey("delivery_id", "attempt", "outcome")
    delivery_id = models.UUIDField()
    attempt = models.SmallIntegerField()
    outcome = _code()
    recipient_id = models.UUIDField()
    broadcast_id = models.UUIDField()
    relay_id = models.UUIDField(null=True)
    refusal = _code(null=True)
    reply = models.TextField(default="", db_default="")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.outcome} {self.delivery_id}"


class RefusedAddress(models.Model):
    """An address that a server said is at fault, until whoever knows whose it is has taken the row.

    Written beside the refusal itself, since the recipient's row goes on to its next rung. Never for a drill, nor for what
    the catcher says.
    """

    delivery_id = models.UUIDField(primary_key=True)
    channel = _code()
    address = models.TextField()
    reply = models.TextField(default="", db_default="")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.channel} {self.delivery_id}"


class Relay(models.Model):
    """A server that takes our mail, or a service for another rung (`channel`), spoken to by the channel called `service`, whose
    `settings` are sealed JSON. `kind` decides what its yes proves; the limits hold over all hosts together.

    `receipts` are asked for; `speaks_dsn` is whether it offered them when it was tried last, `tried` what came of that, `receipt_at` when a receipt for a mail that it took was read last.
    `calls_unproved`: people are called, too, of whom it proves nothing.

    `connections` are open to urgent and broadcast lanes, `reserved` only to single mails; `rate` is messages per second
    over all of them, 0 for none set. `secret` is sealed by `kernel/secrets.py`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = _code()
    kind = _code(RelayKind.RELAY)
    channel = _code("email")
    service = _code("")
    settings = SealedField(purpose="messaging.relay", null=True)
    host = models.TextField(default="", db_default="")
    port = models.IntegerField(default=25, db_default=25)
    security = _code(Security.STARTTLS)
    user = models.TextField(default="", db_default="")
    secret = SealedField(purpose="messaging.relay", null=True)
    connections = models.IntegerField(default=10, db_default=10)
    reserved = models.IntegerField(default=2, db_default=2)
    rate = models.FloatField(default=0.0, db_default=0.0)
    receipts = models.BooleanField(default=False, db_default=False)
    calls_unproved = models.BooleanField(default=False, db_default=False)
    speaks_dsn = models.BooleanField(null=True)
    tried_at = models.DateTimeField(null=True)
    receipt_at = models.DateTimeField(null=True)
    tried = models.TextField(default="", db_default="")
    destinations = models.JSONField(default=dict, db_default={})
    position = models.IntegerField(default=0, db_default=0)
    enabled = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code"], name="messaging_relay_code"),
            models.CheckConstraint(
                condition=models.Q(service="", channel="email")
                | ~models.Q(service="") & ~models.Q(channel="email"),
                name="messaging_relay_serves_one_rung",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class RelaySlot(models.Model):
    """One connection to a relay that a sender may lease, with its share of the relay's rate.

    `lane` is `single` for a reserved slot and `bulk` for the rest. `destination` is the group it is kept for: a slot of
    `*` serves any group that has no slots of its own.
    """

    id = models.BigAutoField(primary_key=True)
    relay = models.ForeignKey(Relay, models.CASCADE, related_name="slots")
    lane = _code("bulk")
    destination = _code("*")
    rate = models.FloatField(default=0.0, db_default=0.0)
    owner = models.UUIDField(null=True)
    chunk_id = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.lane} {self.destination}"


class Pause(models.Model):
    """Something that may not send, since when and why. Open while `ended_at` is empty and `until` has not passed.

    `scope` is everything, broadcast, lane, destination or relay; `thing` names which. One that the engine sets is a
    raised hand: a refusal that is our own fault.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    scope = _code()
    thing = models.TextField(default="", db_default="")
    reason = _code()
    detail = models.TextField(default="", db_default="")
    paused_by = models.TextField(default="", db_default="")
    paused_at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(default="", db_default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["scope", "thing"], condition=models.Q(ended_at=None), name="messaging_pause_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.thing}: {self.reason}"


class MailDomain(models.Model):
    """Which group of mail servers takes a domain's mail, as its MX records said when asked."""

    domain = models.TextField(primary_key=True, db_collation="C")
    destination = _code("others")
    checked_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.domain
