"""Tables of incidents: what is known, who is affected, how it was graded, what state it was in when, by whom.

Shipments, customers and messages are named by their id only: an incident outlives what it was about.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from tidings.incidents import rules
from tidings.kernel.ids import new_id


class OwnKind(models.Model):
    """A firm's own kind of incident, beside the shipped ones."""

    code = models.CharField(max_length=40, primary_key=True, db_collation="C")
    names = models.JSONField(default=dict, help_text="language code to name")
    floor = models.CharField(max_length=40, default="low", db_collation="C")
    retired_at = models.DateTimeField(null=True)


class Incident(models.Model):
    """Something that went wrong, from its report to its closing. `version` rises with every change.

    `next_phase` is the message that is owed by `next_update_by`; after "service restored" the closing message.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=24, unique=True, db_collation="C")
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=40, db_collation="C")
    severity = models.CharField(max_length=40, db_collation="C")
    state = models.CharField(max_length=40, default=rules.State.REPORTED.value, db_collation="C")
    detected_at = models.DateTimeField()
    place = models.CharField(max_length=64, db_collation="C")
    window_from = models.DateTimeField()
    window_until = models.DateTimeField(null=True)
    what = models.TextField(blank=True, default="")
    cause = models.TextField(blank=True, default="")
    effect = models.TextField(blank=True, default="")
    first_response = models.TextField(blank=True, default="")
    measures = models.TextField(blank=True, default="")
    safety = models.BooleanField(default=False, db_default=False)
    legal = models.BooleanField(default=False, db_default=False)
    first_notice_by = models.DateTimeField()
    first_notice_at = models.DateTimeField(null=True)
    next_update_by = models.DateTimeField(null=True)
    next_phase = models.CharField(max_length=16, blank=True, default="", db_default="", db_collation="C")
    drill = models.BooleanField(default=False)
    unit_id = models.UUIDField(null=True)
    owner_id = models.UUIDField(null=True)
    origin = models.CharField(max_length=40, default="person", db_collation="C")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    version = models.IntegerField(default=1)
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="incident_severity_known", condition=Q(severity__in=list(rules.SEVERITIES))
            ),
            models.CheckConstraint(
                name="incident_state_known", condition=Q(state__in=[state.value for state in rules.State])
            ),
            models.CheckConstraint(
                name="incident_window_in_order",
                condition=Q(window_until__isnull=True) | Q(window_until__gt=F("window_from")),
            ),
            models.CheckConstraint(
                name="incident_theft_and_fraud_not_low",
                condition=~Q(kind__in=["theft", "fraud"], severity="low"),
            ),
            models.CheckConstraint(
                name="incident_first_notice_within_a_day",
                condition=Q(first_notice_by__lte=F("detected_at") + rules.LIMIT),
            ),
            models.CheckConstraint(
                name="incident_next_phase_known",
                condition=Q(next_phase__in=["", rules.Phase.UPDATE.value, rules.Phase.CLOSING.value]),
            ),
            models.CheckConstraint(
                name="incident_merged_into_another",
                condition=Q(state=rules.State.MERGED.value, merged_into__isnull=False)
                | (~Q(state=rules.State.MERGED.value) & Q(merged_into__isnull=True)),
            ),
        ]
        indexes = [models.Index(name="incident_by_state", fields=["state", "first_notice_by"])]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return rules.State(self.state) in rules.OPEN_STATES


class Happening(models.Model):
    """What every line of an incident's history has: when, and by whom (a person's or key's id, or a command's name)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    by_kind = models.CharField(max_length=16, db_collation="C")
    by = models.CharField(max_length=120)

    class Meta:
        abstract = True


class StateChange(Happening):
    """One state the incident entered."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="state_changes")
    state = models.CharField(max_length=40, db_collation="C")
    reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="state_change_has_its_reason",
                condition=~Q(state__in=sorted(state.value for state in rules.NEEDS_REASON)) | ~Q(reason=""),
            )
        ]


class GradeChange(Happening):
    """One severity that a person gave, beside the one the table proposed, and what it proposed that because of.

    `takes_back`: the one before was a mistake, and asks for nothing.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="grade_changes")
    severity = models.CharField(max_length=40, db_collation="C")
    proposed = models.CharField(max_length=40, db_collation="C")
    because = models.JSONField(default=dict, db_default={})
    reason = models.TextField(blank=True, default="")
    takes_back = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="grade_taken_back_with_its_reason", condition=Q(takes_back=False) | ~Q(reason="")
            )
        ]


class TimelineLine(Happening):
    """One line of the story. `code` and `facts` are worded at the edge; `text` is a person's own sentence."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="timeline")
    code = models.CharField(max_length=64, db_collation="C")
    facts = models.JSONField(default=dict)
    text = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(name="timeline_by_moment", fields=["incident", "-at"])]


class Scope(Happening):
    """The saved question of who is affected; a changed question is a new version."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="scopes")
    version = models.IntegerField()
    question = models.JSONField()
    asked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="one_scope_per_version", fields=["incident", "version"])]


class Affected(models.Model):
    """One shipment that the question found, for one customer who is told about it; or a customer alone, of whom no shipment need be
    moving (then `shipment_id` is empty). Never deleted: `gone_at` says it left.

    `since` is when what put it in reached us: its clock counts from there. `told_at` is when its first notice was planned (for a
    client that hears before others, when it goes to the first of its contacts); empty again once its customer was told that it is affected no more. `held_at` is when its holding notice was.
    `why` is the reason, and `term` the place, number or name in the question that it fulfils.
    `roles` are this customer's on the shipment: they decide what it may be told. `clients` are the account customers whose
    contract says whether and when it hears, by effect and phase; none: of everything, at once. `units` are those that see the shipment.
    Without a customer the shipment is affected and there is nobody on it whom we could tell.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="affected")
    shipment_id = models.UUIDField(null=True)
    customer_id = models.UUIDField(null=True)
    roles = ArrayField(models.TextField(db_collation="C"), default=list, db_default=[])
    clients = ArrayField(models.UUIDField(), default=list, db_default=[])
    units = ArrayField(models.UUIDField(), default=list, db_default=[])
    why = models.CharField(max_length=40, db_collation="C")
    term = models.TextField(db_collation="C", blank=True, default="", db_default="")
    certainty = models.CharField(max_length=40, db_collation="C")
    seen_at = models.DateTimeField(null=True)
    since = models.DateTimeField()
    found_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="affected_once",
                fields=["incident", "shipment_id", "customer_id"],
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                name="affected_once_without_shipment",
                fields=["incident", "customer_id"],
                condition=Q(shipment_id__isnull=True),
            ),
            models.CheckConstraint(
                name="affected_is_somebody",
                condition=Q(shipment_id__isnull=False) | Q(customer_id__isnull=False),
            ),
            models.CheckConstraint(
                name="affected_certainty_known",
                condition=Q(certainty__in=[certainty.value for certainty in rules.Certainty]),
            ),
        ]
        indexes = [
            models.Index(name="affected_by_shipment", fields=["shipment_id"]),
            models.Index(name="affected_by_customer", fields=["customer_id"]),
            GinIndex(name="affected_by_units", fields=["units"]),
            models.Index(name="affected_by_contract", fields=["incident"], condition=~Q(clients=[])),
            models.Index(
                name="affected_untold",
                fields=["incident"],
                condition=Q(customer_id__isnull=False, gone_at__isnull=True, told_at__isnull=True),
            ),
            models.Index(
                name="affected_left",
                fields=["incident"],
                condition=Q(gone_at__isnull=False, told_at__isnull=False),
            ),
        ]


class ClientWord(Happening):
    """A client's word that its consignees may be told of an incident now, by one of our people or by a contact on its own page."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="client_words")
    customer_id = models.UUIDField()
    contact_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="client_says_it_once", fields=["incident", "customer_id"])
        ]


class EffectGiven(Happening):
    """What the incident means for the shipments of one reason (empty: for all others). The newest version holds."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="effects")
    version = models.IntegerField()
    why = models.CharField(max_length=40, blank=True, default="", db_collation="C")
    effect = models.CharField(max_length=40, db_collation="C")
    from_at = models.DateTimeField(null=True)
    until_at = models.DateTimeField(null=True)
    held_by = models.CharField(max_length=40, blank=True, default="", db_default="", db_collation="C")
    must_do = models.CharField(max_length=40, blank=True, default="", db_default="", db_collation="C")
    do_by = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_effect_per_version", fields=["incident", "why", "version"]),
            models.CheckConstraint(
                name="effect_known", condition=Q(effect__in=[effect.value for effect in rules.Effect])
            ),
            models.CheckConstraint(
                name="effect_window_in_order",
                condition=Q(until_at__isnull=True) | Q(from_at__isnull=True) | Q(until_at__gte=F("from_at")),
            ),
        ]


class Sending(Happening):
    """One message of ours about an incident: which phase, to how many, as which message. `left_at`: another was written instead.

    `corrects` is the message that a correction puts right; `completes` the sent one whose readers wait for a language of this
    one; `reason` is why a holding notice went before its first notice.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="sendings")
    phase = models.CharField(max_length=40, db_collation="C")
    message_id = models.UUIDField(unique=True)
    sent_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    promised_by = models.DateTimeField(null=True)
    recipients = models.IntegerField(default=0)
    without_contact = models.IntegerField(default=0)
    corrects = models.UUIDField(null=True)
    completes = models.UUIDField(null=True)
    reason = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="sending_held_with_a_reason",
                condition=~Q(phase=rules.Phase.HOLDING.value) | Q(sent_at__isnull=True) | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="sending_corrects_a_message",
                condition=Q(phase=rules.Phase.CORRECTION.value, corrects__isnull=False)
                | (~Q(phase=rules.Phase.CORRECTION.value) & Q(corrects__isnull=True)),
            ),
            models.CheckConstraint(
                name="sending_completes_what_has_languages",
                condition=Q(completes__isnull=True)
                | ~Q(phase__in=[rules.Phase.HOLDING.value, rules.Phase.BRIEFING.value]),
            ),
        ]


class HoldingReview(Happening):
    """What another person found, afterwards, of a holding notice that went without an approver's yes."""

    sending = models.OneToOneField(Sending, on_delete=models.CASCADE, related_name="review")
    found = models.TextField()

    class Meta:
        constraints = [models.CheckConstraint(name="holding_review_says_something", condition=~Q(found=""))]
