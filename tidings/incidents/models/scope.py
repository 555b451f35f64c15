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
                condition=Q(effect__in=["", *(effect.value for effect in rules.Effect)]),
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
