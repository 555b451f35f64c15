"""Tables of shipments, their parties, references, legs, pieces, times and tracking events, and of import runs.

Rows that a shipment owns carry no foreign key constraint: they are written only by set-based statements that join the
shipment in the same transaction, and the check per row would halve the import (`docs/decisions/shipment-tables.md`).
Events are partitioned by the month they happened in; nothing points to them.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tidings.kernel.columns import FileDigest, code_field
from tidings.kernel.ids import new_id


class Location(models.Model):
    """A place by its UN/LOCODE or our own hub code; a whole country has its two letters. `within` is the place around it."""

    id = models.AutoField(primary_key=True)
    code = code_field(unique=True)
    name = models.TextField()
    country = code_field(default="", db_default="")
    time_zone = code_field(default="UTC", db_default="UTC")
    kind = code_field(default="place", db_default="place")
    within = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="location_has_a_code"),
            models.CheckConstraint(
                condition=Q(country="") | Q(country__regex=r"^[A-Z]{2}$"), name="location_country_is_iso"
            ),
        ]
        indexes = [models.Index(fields=["country"], name="location_country")]

    def __str__(self) -> str:
        return self.name


class Shipment(models.Model):
    """Goods under one transport document. A master holds houses (`parent`). The number is unique per carrier and start."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    carrier = code_field(default="own", db_default="own")
    waybill = code_field()
    waybill_key = code_field()
    started_on = models.DateField()
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="houses", db_index=False
    )
    unit_id = models.UUIDField(null=True, blank=True)
    service = code_field(default="", db_default="")
    mode = code_field(default="", db_default="")
    goods = models.TextField(default="", db_default="")
    origin = models.ForeignKey(
        Location,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    destination = models.ForeignKey(
        Location,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    promised_at = models.DateTimeField(null=True, blank=True)
    estimated_at = models.DateTimeField(null=True, blank=True)
    piece_count = models.IntegerField(null=True, blank=True)
    weight_grams = models.BigIntegerField(null=True, blank=True)
    cod_cents = models.BigIntegerField(null=True, blank=True)
    cod_currency = code_field(default="", db_default="")
    value_cents = models.BigIntegerField(null=True, blank=True)
    value_currency = code_field(default="", db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["waybill_key", "carrier", "started_on"], name="waybill_once_per_carrier_and_start"
            ),
            models.CheckConstraint(condition=~Q(waybill_key=""), name="shipment_has_a_waybill"),
            models.CheckConstraint(
                condition=Q(cod_cents__isnull=True) | ~Q(cod_currency=""), name="cash_has_a_currency"
            ),
            models.CheckConstraint(
                condition=Q(value_cents__isnull=True) | ~Q(value_currency=""), name="value_has_a_currency"
            ),
            models.CheckConstraint(
                condition=~Q(parent=models.F("id")), name="shipment_is_not_its_own_master"
            ),
        ]
        indexes = [
            models.Index(fields=["parent"], name="shipment_parent", condition=Q(parent__isnull=False)),
            models.Index(
                fields=["destination", "started_on"],
                include=["id", "estimated_at", "promised_at"],
                name="shipment_bound_for",
            ),
            models.Index(fields=["-started_on", "-id"], name="shipment_started"),
        ]

    def __str__(self) -> str:
        return self.waybill


class Party(models.Model):
    """A customer's role in a shipment, and the address that role has there."""

    pk = models.CompositePrimaryKey("shipment_id", "role", "customer_id")
    shipment = models.ForeignKey(
        Shipment, on_delete=models.CASCADE, related_name="parties", db_constraint=False, db_index=False
    )
    role = code_field()
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    postcode = code_field(default="", db_default="")
    house_number = code_field(default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=["account", "shipper", "consignee", "notify", "agent", "seller"]),
                name="party_role_is_known",
            )
        ]
        indexes = [
            models.Index(fields=["customer", "shipment"], name="party_customer"),
            models.Index(
                fields=["postcode", "house_number"], name="party_postcode", condition=~Q(postcode="")
            ),
        ]

    def __str__(self) -> str:
        return self.role


class Reference(models.Model):
    """Another number a shipment is known by: order, shop_order, container, booking, master, client … `key` is what is searched."""

    pk = models.CompositePrimaryKey("shipment_id", "kind", "key")
    shipment = models.ForeignKey(
        Shipment, on_delete=models.CASCADE, related_name="references", db_constraint=False, db_index=False
    )
    kind = code_field()
    value = models.TextField()
    key = code_field()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(key=""), name="reference_has_a_value")]
        indexes = [models.Index(fields=["key"], name="reference_key")]

    def __str__(self) -> str:
        return self.value


class Leg(models.Model):
    """One movement between two places, by one vehicle, voyage or flight."""

    pk = models.CompositePrimaryKey("shipment_id", "position")
    shipment = models.ForeignKey(
        Shipment, on_delete=models.CASCADE, related_name="legs", db_constraint=False, db_index=False
    )
    position = models.SmallIntegerField()
    mode = code_field(default="", db_default="")
    carrier = code_field(default="", db_default="")
    start = models.ForeignKey(
        Location, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    end = models.ForeignKey(
        Location, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    transport_kind = code_field(default="", db_default="")
    transport_number = code_field(default="", db_default="")
    departs_at = models.DateTimeField(null=True, blank=True)
    arrives_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(transport_kind__in=["", "vehicle", "voyage", "flight", "train"]),
                name="leg_transport_is_known",
            )
        ]
        indexes = [
            models.Index(
                fields=["transport_number", "departs_at"],
                name="leg_transport",
                condition=~Q(transport_number=""),
            ),
            models.Index(fields=["start", "end", "departs_at"], name="leg_lane"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.transport_number}"


class Piece(models.Model):
    """One parcel or handling unit with a barcode of its own, and the container it is in."""

    pk = models.CompositePrimaryKey("shipment_id", "key")
    shipment = models.ForeignKey(
        Shipment, on_delete=models.CASCADE, related_name="pieces", db_constraint=False, db_index=False
    )
    key = code_field()
    barcode = code_field()
    weight_grams = models.BigIntegerField(null=True, blank=True)
    container = code_field(default="", db_default="")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(key=""), name="piece_has_a_barcode")]
        indexes = [
            models.Index(fields=["key"], name="piece_key"),
            models.Index(fields=["container"], name="piece_container", condition=~Q(container="")),
        ]

    def __str__(self) -> str:
        return self.barcode


class TimeChange(models.Model):
    """A promised or estimated delivery time that became another; the first value has no row until it changes."""

    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    kind = code_field()
    was_at = models.DateTimeField(null=True)
    became_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(db_default=Now())
    source = code_field(default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["promised", "estimated"]), name="time_kind_is_known")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.became_at}"


class Position(models.Model):
    """Where a shipment was last seen by an actual event, and when it was delivered. One row per shipment with events."""

    shipment = models.OneToOneField(
        Shipment, on_delete=models.CASCADE, primary_key=True, related_name="seen", db_constraint=False
    )
    place = models.ForeignKey(
        Location, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    happened_at = models.DateTimeField()
    code = code_field()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["place", "happened_at"],
                name="position_place",
                condition=Q(delivered_at__isnull=True),
            ),
            models.Index(
                fields=["shipment"], name="position_delivered", condition=Q(delivered_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Event(models.Model):
    """What happened, or should happen, to a shipment at a place. Append-only; made by a migration, in monthly partitions.

    Three times are never merged: when it happened (or will), when the carrier recorded it, when we received it.
    A correction names the event it corrects; with the code `void` it only takes it back.
    """

    pk = models.CompositePrimaryKey("happened_at", "natural_hash")
    happened_at = models.DateTimeField()
    natural_hash = models.UUIDField()
    shipment = models.ForeignKey(
        Shipment, on_delete=models.DO_NOTHING, related_name="events", db_constraint=False
    )
    place = models.ForeignKey(
        Location, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    kind = code_field()
    code = code_field()
    recorded_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(db_default=Now())
    source = code_field(default="", db_default="")
    transport_number = code_field(default="", db_default="")
    piece = code_field(default="", db_default="")
    remark = models.TextField(default="", db_default="")
    corrects_at = models.DateTimeField(null=True)
    corrects_hash = models.UUIDField(null=True)

    class Meta:
        managed = False
        db_table = "shipments_event"

    def __str__(self) -> str:
        return f"{self.code} {self.happened_at}"


class EventSource(models.Model):
    """When a source of events last sent any that we took in: how fresh what it tells is."""

    source = code_field(primary_key=True)
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.source


class Profile(models.Model):
    """An import profile of the firm's own, as the text a person can read; shipped ones are files of the package."""

    code = code_field(primary_key=True)
    kind = code_field()
    text = models.TextField()
    saved_by = code_field()
    saved_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["customers", "shipments", "events"]), name="profile_kind_is_known"
            )
        ]

    def __str__(self) -> str:
        return self.code


class ImportRun(models.Model):
    """One import of one file: by whom, with which profile, how far it is and what came of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = code_field()
    profile = code_field()
    profile_text = models.TextField()
    file_name = models.TextField(default="", db_default="")
    file_digest = FileDigest()
    dry_run = models.BooleanField(default=False)
    state = code_field(default="waiting", db_default="waiting")
    asked_by = code_field()
    asked_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    bytes_total = models.BigIntegerField(default=0, db_default=0)
    bytes_read = models.BigIntegerField(default=0, db_default=0)
    rows_read = models.BigIntegerField(default=0, db_default=0)
    rejected = models.BigIntegerField(default=0, db_default=0)
    counts = models.JSONField(default=dict)
    error_code = code_field(default="", db_default="")
    error_facts = models.JSONField(default=dict)
    reject_digest = FileDigest()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "reading", "merging", "done", "failed"]),
                name="import_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["customers", "shipments", "events"]), name="import_kind_is_known"
            ),
        ]
        indexes = [models.Index(fields=["-asked_at"], name="import_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"
