"""Tables of grading: the firm's own rows of the grading table with their history, and what waits for a second person."""

from django.db import models
from django.db.models import F, Q

from tidings.incidents import rules
from tidings.incidents.models.incident import Happening
from tidings.incidents.models.policies import Asked
from tidings.incidents.rules.grading import GradingRow


class GradingTerms(models.Model):
    """What a row of the grading table names, and the severity that it proposes."""

    kind = models.CharField(max_length=40, blank=True, default="", db_collation="C")
    customers = models.IntegerField(default=0)
    value_cents = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True, default="", db_collation="C")
    safety = models.BooleanField(default=False)
    legal = models.BooleanField(default=False)
    severity = models.CharField(max_length=40, db_collation="C")

    class Meta:
        abstract = True

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


class GradingRule(GradingTerms, Happening):
    """One row of the firm's grading table, from `at` until `ended_at`. Once there is any, the shipped rows no longer count."""

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


class GradingAsk(GradingTerms, Asked):
    """A looser grading that waits for a second administrator.

    `what` is the change: a row added or ended, or a kind of the firm's own saved with `severity` as its floor and `names`.
    `about` is the same for two wishes about one thing; `before` the severity it had when asked, empty where it was not there.
    """

    what = models.CharField(max_length=16, db_collation="C")
    about = models.CharField(max_length=120, db_collation="C")
    before = models.CharField(max_length=40, blank=True, default="", db_collation="C")
    names = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="grading_asked_once", fields=["about"], condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="grading_asked_for_something", condition=Q(what__in=["add_row", "end_row", "save_kind"])
            ),
            models.CheckConstraint(
                name="grading_ask_ends_with_an_outcome",
                condition=Q(ended_at__isnull=True, outcome="", ended_by="")
                | Q(ended_at__isnull=False, outcome__in=["confirmed", "declined", "replaced"]),
            ),
            models.CheckConstraint(
                name="grading_confirmed_by_another",
                condition=~Q(outcome="confirmed", ended_by=F("asked_by")),
            ),
        ]
