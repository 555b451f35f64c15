"""Tables of grading: the firm's own rows of the grading table, with their history, and its own kinds of incident."""

from django.db import models
from django.db.models import Q

from tidings.incidents import rules
from tidings.incidents.models.incident import Happening
from tidings.incidents.rules.grading import GradingRow


class GradingRule(Happening):
    """One row of the firm's grading table, from `at` until `ended_at`. Once there is any, the shipped rows no longer count."""

    kind = models.CharField(max_length=40, blank=True, default="", db_collation="C")
    customers = models.IntegerField(default=0)
    value_cents = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True, default="", db_collation="C")
    safety = models.BooleanField(default=False)
    legal = models.BooleanField(default=False)
    severity = models.CharField(max_length=40, db_collation="C")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="grading_severity_known", condition=Q(severity__in=list(rules.SEVERITIES))
            ),
            models.CheckConstraint(
                name="grading_theft_and_fraud_not_low",
                condition=~Q(kind__in=["theft", "fraud"], severity="low"),
            ),
            models.CheckConstraint(
                name="grading_figures_in_order",
                condition=Q(customers__gte=0, value_cents__gte=0) & (Q(value_cents=0) | ~Q(currency="")),
            ),
            models.UniqueConstraint(
                name="grading_row_once",
                fields=["kind", "customers", "value_cents", "currency", "safety", "legal"],
                condition=Q(ended_at__isnull=True),
            ),
        ]

    def row(self) -> GradingRow:
        """The same as a value."""
        return GradingRow(
            rules.SEVERITIES[self.severity],
            self.kind,
            self.customers,
            self.value_cents,
            self.currency,
            self.safety,
            self.legal,
        )
