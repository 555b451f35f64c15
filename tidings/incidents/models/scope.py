"""Tables of what people say about single shipments in the scope of an incident."""

from django.db import models
from django.db.models import F, Q

from tidings.incidents import rules
from tidings.incidents.models.incident import Happening, Incident


class ShipmentEffect(Happening):
    """What it means for one shipment, or for the piece of this barcode (empty: the whole shipment). The newest row holds; one
    without an effect takes back what was said, so that the master's or the reason's holds again.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="shipment_effects")
    shipment_id = models.UUIDField()
    piece = models.TextField(blank=True, default="", db_default="", db_collation="C")
    effect = models.CharField(max_length=40, blank=True, db_collation="C")
    from_at = models.DateTimeField(null=True)
    until_at = models.DateTimeField(null=True)
    held_by = models.CharField(max_length=40, blank=True, default="", db_default="", db_collation="C")
    must_do = models.CharField(max_length=40, blank=True, default="", db_default="", db_collation="C")
    do_by = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="shipment_effect_known",
                condition=Q(effect__in=["", *(effect.value for effect in rules.ON_SHIPMENTS)]),
            ),
            models.CheckConstraint(
                name="shipment_effect_in_order",
                condition=Q(until_at__isnull=True) | Q(from_at__isnull=True) | Q(until_at__gte=F("from_at")),
            ),
        ]
        indexes = [
            models.Index(
                name="shipment_effect_newest", fields=["incident", "shipment_id", "piece", "-at", "-id"]
            )
        ]


class HandPick(Happening):
    """A person's own word on one shipment, or on one customer without any: `in` whatever the question says, `out` likewise, or
    (empty) as it says again. The newest row holds; of a master it holds for its houses.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="hand_picks")
    shipment_id = models.UUIDField(null=True)
    customer_id = models.UUIDField(null=True)
    verdict = models.CharField(max_length=8, blank=True, db_collation="C")
    reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="hand_pick_known", condition=Q(verdict__in=["", "in", "out"])),
            models.CheckConstraint(name="hand_pick_has_its_reason", condition=Q(verdict="") | ~Q(reason="")),
            models.CheckConstraint(
                name="hand_pick_of_one_thing",
                condition=Q(shipment_id__isnull=False, customer_id__isnull=True)
                | Q(shipment_id__isnull=True, customer_id__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="hand_pick_newest", fields=["incident", "shipment_id", "-at", "-id"]),
            models.Index(
                name="hand_pick_of_customer",
                fields=["incident", "customer_id", "-at", "-id"],
                condition=Q(customer_id__isnull=False),
            ),
        ]


class HeldChange(Happening):
    """A change of the scope by itself that is too large to go without a person: how many customers would come and go, and how
    many of those who would go were told. While one is open nothing of that scope changes by itself.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="held_changes")
    came = models.IntegerField()
    went = models.IntegerField()
    told_went = models.IntegerField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_held_change_open", fields=["incident"], condition=Q(ended_at__isnull=True)
            )
        ]
