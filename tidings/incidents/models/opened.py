"""Tables of what the firm opened of the table role × fact × channel, with its history, and what waits for a second person."""

from django.db import models
from django.db.models import F, Q

from tidings.incidents.models.incident import Happening
from tidings.incidents.models.policies import Asked
from tidings.incidents.rules.telling import MAY_HEAR, Cell, Fact


class CellTerms(models.Model):
    """One cell: a role on the shipment, a fact, and a channel. `reason` is why it should be told there."""

    role = models.CharField(max_length=20, db_collation="C")
    fact = models.CharField(max_length=20, db_collation="C")
    channel = models.CharField(max_length=20, db_collation="C")
    reason = models.TextField(blank=True, default="", db_default="")

    class Meta:
        abstract = True

    def cell(self) -> Cell:
        """The same as a value."""
        return Cell(self.role, Fact(self.fact), self.channel)


class OpenedCell(CellTerms, Happening):
    """A cell that the firm opened, from `at` until `ended_at`. `asked_by`: who asked for what `by` confirmed."""

    asked_by = models.CharField(max_length=120, blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="cell_opened_once",
                fields=["role", "fact", "channel"],
                condition=Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="opened_cell_known",
                condition=Q(role__in=list(MAY_HEAR), fact__in=[fact.value for fact in Fact]),
            ),
            models.CheckConstraint(name="opened_cell_has_its_reason", condition=~Q(reason="")),
        ]


class OpenedAsk(CellTerms, Asked):
    """A cell to be opened, or by a program to be closed, that waits for a second administrator. `what` is which."""

    what = models.CharField(max_length=16, db_collation="C")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="opened_asked_once",
                fields=["role", "fact", "channel"],
                condition=Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="opened_asked_for_something", condition=Q(what__in=["open", "close"])
            ),
            models.CheckConstraint(
                name="opened_ask_ends_with_an_outcome",
                condition=Q(ended_at__isnull=True, outcome="", ended_by="")
                | Q(ended_at__isnull=False, outcome__in=["confirmed", "declined", "replaced"]),
            ),
            models.CheckConstraint(
                name="opened_confirmed_by_another",
                condition=~Q(outcome="confirmed", ended_by=F("asked_by")),
            ),
        ]
