"""Tables of the customers and their contacts: who may hear from us, how, in which language and on which basis.

Codes are plain text without choices; the rules name them and the constraints guard them. Customers have no accounts.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tidings.customers.rules import KEPT_SHAPES, LATEST_AFTER, SHAPES, Hearing, Told, Use
from tidings.kernel.columns import code_field
from tidings.kernel.ids import new_id


class Customer(models.Model):
    """A party we know: contract client, consumer, agent, seller. `told` is the contract's word on who hears, where no line of it
    says otherwise; `told_after` the minutes after which the others hear where the client does first (None: on its word).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = code_field(unique=True)
    name = models.TextField()
    name_words = SearchVectorField(null=True)
    kind = code_field(default="contract", db_default="contract")
    country = code_field(default="", db_default="")
    unit_id = models.UUIDField(null=True, blank=True)
    told = code_field(default="client", db_default="client")
    told_after = models.SmallIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(number=""), name="customer_has_a_number"),
            models.CheckConstraint(condition=Q(kind__regex=r"^[a-z_]+$"), name="customer_kind_is_a_code"),
            models.CheckConstraint(
                condition=Q(told__in=["client", "client_first", "both", "consignee"]),
                name="customer_told_is_known",
            ),
            models.CheckConstraint(
                condition=Q(told_after__isnull=True)
                | Q(told="client_first", told_after__gt=0, told_after__lte=LATEST_AFTER),
                name="customer_told_after_the_client",
            ),
            models.CheckConstraint(
                condition=Q(country="") | Q(country__regex=r"^[A-Z]{2}$"), name="customer_country_is_iso"
            ),
        ]
        indexes = [
            GinIndex(fields=["name_words"], name="customer_name_words"),
            models.Index(fields=["unit_id"], name="customer_unit", condition=Q(unit_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name


class ContractLine(models.Model):
    """What a client's contract says on who hears of one effect (empty: any) in one phase (empty: any), from `since` until
    `ended_at`. What it says of any effect in any phase stands on the customer.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contract", db_index=False)
    effect = code_field(default="", db_default="", blank=True)
    phase = code_field(default="", db_default="", blank=True)
    told = code_field()
    after = models.SmallIntegerField(null=True, blank=True)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "effect", "phase"],
                condition=Q(ended_at__isnull=True),
                name="contract_line_once",
            ),
            models.CheckConstraint(
                condition=~Q(effect="", phase=""), name="contract_line_is_about_something"
            ),
            models.CheckConstraint(
                condition=Q(effect__regex=r"^[a-z_]*$", phase__regex=r"^[a-z_]*$"),
                name="contract_line_has_codes",
            ),
            models.CheckConstraint(
                condition=Q(told__in=[told.value for told in Told]), name="contract_line_told_is_known"
            ),
            models.CheckConstraint(
                condition=Q(after__isnull=True)
                | Q(told="client_first", after__gt=0, after__lte=LATEST_AFTER),
                name="contract_line_after_the_client",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.effect or '*'} {self.phase or '*'}: {self.told}"

    def hearing(self) -> Hearing:
        """The line itself, without since when."""
        return Hearing(self.told, self.effect, self.phase, self.after)


class Contact(models.Model):
    """A person or desk at a customer, with one language and one time zone. `key` is its name within the customer.

    Quiet hours, if any, are hours of their own time zone and may pass midnight.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contacts", db_index=False)
    key = code_field(default="main", db_default="main")
    name = models.TextField()
    language = code_field(default="en", db_default="en")
    time_zone = code_field(default="UTC", db_default="UTC")
    how_much = code_field(default="every", db_default="every")
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "key"], name="contact_key_once_per_customer"),
            models.CheckConstraint(
                condition=Q(how_much__in=["every", "changes", "ends"]), name="contact_how_much_is_known"
            ),
            models.CheckConstraint(
                condition=Q(language__regex=r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$"),
                name="contact_language_is_a_code",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until"))),
                name="contact_quiet_from_until",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], name="contact_with_quiet_hours", condition=Q(quiet_from__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return self.name


class Address(models.Model):
    """One rung of a contact's ladder. `key` is the spelling-free value; a masked address has an end."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="addresses", db_index=False)
    channel = code_field()
    value = models.TextField()
    key = code_field()
    position = models.SmallIntegerField()
    ends_at = models.DateTimeField(null=True, blank=True)
    dead_since = models.DateTimeField(null=True, blank=True)
    dead_why = code_field(default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "channel", "key"], name="address_once_per_contact"),
            models.CheckConstraint(condition=~Q(key=""), name="address_has_a_value"),
            models.CheckConstraint(
                condition=~Q(channel__in=KEPT_SHAPES)
                | Q(channel="telegram", value__regex=SHAPES["telegram"])
                | Q(channel="wecom", value__regex=SHAPES["wecom"])
                | Q(channel="webhook", value__regex=SHAPES["webhook"]),
                name="address_has_its_channels_shape",
            ),
            models.CheckConstraint(condition=Q(position__gte=0), name="address_position_counts_up"),
            models.CheckConstraint(
                condition=Q(dead_since__isnull=True) | ~Q(dead_why=""), name="address_death_has_a_reason"
            ),
        ]
        indexes = [models.Index(fields=["key"], name="address_key")]

    def __str__(self) -> str:
        return f"{self.channel} {self.position}"


class AddressAsk(models.Model):
    """A ladder with a new address that somebody asked for, until a second person answers. `before` is the ladder's channels and
    keys as they stood, `ladder` what is wanted: channel, address and whether its death mark goes. It is emptied when it ends.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="asks", db_index=False)
    before = models.JSONField()
    ladder = models.JSONField()
    asked_by = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    ended_by = models.CharField(max_length=120, blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    outcome = code_field(default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], condition=Q(ended_at__isnull=True), name="address_asked_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, outcome="", ended_by="")
                | Q(ended_at__isnull=False, outcome__in=["confirmed", "declined", "replaced"]),
                name="address_ask_ends_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(before=[], ladder=[]),
                name="ended_address_ask_keeps_no_address",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="confirmed", ended_by=F("asked_by")),
                name="address_confirmed_by_another",
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked_at"], name="address_asks_that_wait", condition=Q(ended_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.outcome}"


class UsedService(models.Model):
    """A service that a customer uses, whether or not goods of theirs are moving: the portal, a data link, a standing pick-up at a
    place on some days of the week (none named: every day), or a service of the firm's own. `source` says how we know.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="services", db_index=False)
    service = code_field()
    place = code_field(default="", db_default="")
    weekdays = ArrayField(models.SmallIntegerField(), default=list, db_default=[])
    source = models.TextField()
    since = models.DateField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "service", "place"],
                condition=Q(ended_at__isnull=True),
                name="service_used_once",
            ),
            models.CheckConstraint(condition=~Q(service=""), name="used_service_has_a_code"),
            models.CheckConstraint(
                condition=(Q(service="pickup") & ~Q(place="")) | (~Q(service="pickup") & Q(place="")),
                name="only_a_pickup_has_a_place",
            ),
            models.CheckConstraint(
                condition=Q(weekdays=[])
                | (Q(service="pickup") & Q(weekdays__contained_by=[1, 2, 3, 4, 5, 6, 7])),
                name="pickup_days_are_of_the_week",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="used_service_has_a_source"),
        ]
        indexes = [
            models.Index(
                fields=["service", "place"],
                name="living_users_of_a_service",
                condition=Q(ended_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.place}".strip()

    def use(self) -> Use:
        """The use itself, without where we know it from."""
        return Use(self.service, self.place, tuple(self.weekdays))


class LegalBasis(models.Model):
    """On which ground a contact may be written to for one purpose, where that came from, and since when."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="bases", db_index=False)
    purpose = code_field()
    basis = code_field()
    source = models.TextField()
    since = models.DateField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "purpose"],
                condition=Q(ended_at__isnull=True),
                name="one_basis_per_purpose",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=["service", "subscription", "survey", "marketing"]),
                name="basis_purpose_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(purpose="service") | Q(basis__in=["contract", "legitimate_interest"]),
                name="service_needs_no_consent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose}: {self.basis}"
