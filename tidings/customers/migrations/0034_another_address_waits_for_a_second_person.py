"""Another address of a contact waits for a second person."""

import django.db.models.deletion
from django.db import migrations, models

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0030_contacts_have_quiet_hours"),
    ]

    operations = [
        migrations.CreateModel(
            name="AddressAsk",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tidings.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("before", models.JSONField()),
                ("ladder", models.JSONField()),
                ("asked_by", models.CharField(max_length=120)),
                ("asked_at", models.DateTimeField()),
                ("ended_by", models.CharField(blank=True, default="", max_length=120)),
                ("ended_at", models.DateTimeField(null=True)),
                ("outcome", models.TextField(db_collation="C", db_default="", default="")),
                (
                    "contact",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="asks",
                        to="customers.contact",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=["asked_at"],
                        name="address_asks_that_wait",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("contact",),
                        name="address_asked_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by", ""), ("outcome", "")),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("outcome__in", ["confirmed", "declined", "replaced"]),
                            ),
                            _connector="OR",
                        ),
                        name="address_ask_ends_with_an_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True),
                            models.Q(("before", []), ("ladder", [])),
                            _connector="OR",
                        ),
                        name="ended_address_ask_keeps_no_address",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_by", models.F("asked_by")), ("outcome", "confirmed"), _negated=True
                        ),
                        name="address_confirmed_by_another",
                    ),
                ],
            },
        ),
    ]
