"""What the firm opened of the table of who may be told what, and what of it waits for a second person."""

from django.db import migrations, models

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0089_who_was_not_told_is_found"),
    ]

    operations = [
        migrations.CreateModel(
            name="OpenedAsk",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tidings.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("asked_by", models.CharField(max_length=120)),
                ("asked_at", models.DateTimeField()),
                ("ended_by", models.CharField(blank=True, default="", max_length=120)),
                ("ended_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, db_collation="C", default="", max_length=16)),
                ("role", models.CharField(db_collation="C", max_length=20)),
                ("fact", models.CharField(db_collation="C", max_length=20)),
                ("channel", models.CharField(db_collation="C", max_length=20)),
                ("reason", models.TextField(blank=True, db_default="", default="")),
                ("what", models.CharField(db_collation="C", max_length=16)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("role", "fact", "channel"),
                        name="opened_asked_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("what__in", ["open", "close"])), name="opened_asked_for_something"
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
                        name="opened_ask_ends_with_an_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_by", models.F("asked_by")), ("outcome", "confirmed"), _negated=True
                        ),
                        name="opened_confirmed_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OpenedCell",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tidings.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by_kind", models.CharField(db_collation="C", max_length=16)),
                ("by", models.CharField(max_length=120)),
                ("role", models.CharField(db_collation="C", max_length=20)),
                ("fact", models.CharField(db_collation="C", max_length=20)),
                ("channel", models.CharField(db_collation="C", max_length=20)),
                ("reason", models.TextField(blank=True, db_default="", default="")),
                ("asked_by", models.CharField(blank=True, default="", max_length=120)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, default="", max_length=120)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("role", "fact", "channel"),
                        name="cell_opened_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("fact__in", ["goods", "value", "other_party", "stolen"]),
                            ("role__in", ["account", "shipper", "agent", "seller", "consignee", "notify"]),
                        ),
                        name="opened_cell_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="opened_cell_has_its_reason"
                    ),
                ],
            },
        ),
    ]
