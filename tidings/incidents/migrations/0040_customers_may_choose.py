import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0032_a_grading_table_of_the_firms_own"),
    ]

    operations = [
        migrations.CreateModel(
            name="Offer",
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
                ("effect", models.CharField(blank=True, db_collation="C", default="", max_length=40)),
                (
                    "options",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(db_collation="C"), size=None
                    ),
                ),
                ("default", models.CharField(db_collation="C", max_length=40)),
                ("closes_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="offers",
                        to="incidents.incident",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Choice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("customer_id", models.UUIDField()),
                ("contact_id", models.UUIDField()),
                ("shipment_id", models.UUIDField()),
                ("waybill", models.TextField()),
                ("option", models.CharField(db_collation="C", max_length=40)),
                ("task_id", models.UUIDField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="choices",
                        to="incidents.offer",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="offer",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True), ("settled_at__isnull", True)),
                fields=["closes_at"],
                name="offer_to_settle",
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(("options__contains", [models.F("default")])), name="offer_has_its_default"
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(("closes_at__gt", models.F("at"))), name="offer_closes_later"
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("incident", "effect"),
                name="one_offer_per_effect",
            ),
        ),
        migrations.AddIndex(
            model_name="choice",
            index=models.Index(fields=["offer", "customer_id", "shipment_id", "-id"], name="choice_newest"),
        ),
    ]
