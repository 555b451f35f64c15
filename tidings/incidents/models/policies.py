"""Tables of the policies: what each severity demands, every version with its date, and what waits for a second person."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from tidings.incidents import rules
from tidings.incidents.models.incident import Happening
from tidings.kernel.ids import new_id

_WITHIN_A_DAY = Q(
    first_notice_within__gt=timedelta(0),
    first_notice_within__lte=rules.LIMIT,
    update_every__gt=timedelta(0),
    update_every__lte=rules.LIMIT,
)
_BRAKED = Q(
    brake_customers__gte=1,
    brake_share__gte=1,
    brake_share__lte=100,
    brake_few__gte=0,
    brake_gathered__gte=timedelta(minutes=1),
    brake_gathered__lte=timedelta(hours=1),
)
_FIRST_NOTICE_STAYS = Q(severity="low") | Q(required__contains=[rules.Phase.FIRST_NOTICE.value])


class PolicyTerms(models.Model):
    """What one severity demands. `required` phases guard closing."""

    severity = models.CharField(max_length=40, db_collation="C")
    first_notice_within = models.DurationField()
    update_every = models.DurationField()
    second_person = models.BooleanField()
    special = models.BooleanField()
    required = ArrayField(models.TextField(db_collation="C"), default=list)
    overrides_quiet = ArrayField(models.TextField(db_collation="C"), default=list)
    approvers = ArrayField(models.TextField(db_collation="C"), default=list, db_default=[])
    legal_kinds = ArrayField(models.TextField(db_collation="C"), default=list, db_default=[])
    management_kinds = ArrayField(models.TextField(db_collation="C"), default=list, db_default=[])
    team = ArrayField(models.TextField(db_collation="C"), default=list, db_default=[])
    answer_within = models.DurationField(default=timedelta(minutes=15), db_default=timedelta(minutes=15))
    brake_customers = models.IntegerField(default=500, db_default=500)
    brake_share = models.IntegerField(default=25, db_default=25)
    brake_few = models.IntegerField(default=20, db_default=20)
    brake_gathered = models.DurationField(default=timedelta(minutes=3), db_default=timedelta(minutes=3))
    channels = ArrayField(models.TextField(db_collation="C"), default=list, db_default=[])
    confirm = models.BooleanField(default=False, db_default=False)
    reason = models.TextField(blank=True, default="")

    class Meta:
        abstract = True

    def terms(self) -> rules.Policy:
        """The same as a value."""
        return rules.Policy(
            rules.SEVERITIES[self.severity],
            self.first_notice_within,
            self.update_every,
            self.second_person,
            self.special,
            frozenset(rules.Phase(code) for code in self.required),
            frozenset(self.overrides_quiet),
            frozenset(self.approvers),
            frozenset(self.legal_kinds),
            frozenset(self.management_kinds),
            frozenset(self.team),
            self.answer_within,
            rules.Brake(self.brake_customers, self.brake_share, self.brake_few, self.brake_gathered),
            frozenset(self.channels),
            self.confirm,
        )


class PolicyVersion(PolicyTerms, Happening):
    """A policy from `at` on, until the next version; without any, the shipped one holds. `asked_by`: who asked for a
    loosening that `by` confirmed.
    """

    version = models.IntegerField()
    asked_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_policy_per_version", fields=["severity", "version"]),
            models.CheckConstraint(name="policy_within_a_day", condition=_WITHIN_A_DAY),
            models.CheckConstraint(name="policy_requires_the_first_notice", condition=_FIRST_NOTICE_STAYS),
            models.CheckConstraint(name="policy_has_a_brake", condition=_BRAKED),
        ]


class Asked(models.Model):
    """What waits for a second administrator: who asked, who ended it and how, when."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    asked_by = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    ended_by = models.CharField(max_length=120, blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, blank=True, default="", db_collation="C")

    class Meta:
        abstract = True


class PolicyAsk(PolicyTerms, Asked):
    """A loosened policy that waits for a second administrator."""

    base_version = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="policy_asked_once", fields=["severity"], condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(name="policy_asked_within_a_day", condition=_WITHIN_A_DAY),
            models.CheckConstraint(name="policy_asked_has_a_brake", condition=_BRAKED),
            models.CheckConstraint(
                name="policy_asked_requires_the_first_notice", condition=_FIRST_NOTICE_STAYS
            ),
            models.CheckConstraint(
                name="policy_ask_ends_with_an_outcome",
                condition=Q(ended_at__isnull=True, outcome="", ended_by="")
                | Q(ended_at__isnull=False, outcome__in=["confirmed", "declined", "replaced"]),
            ),
            models.CheckConstraint(
                name="policy_confirmed_by_another",
                condition=~Q(outcome="confirmed", ended_by=F("asked_by")),
            ),
        ]
