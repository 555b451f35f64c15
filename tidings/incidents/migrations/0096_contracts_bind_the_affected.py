"""Who is affected is bound by the contracts of its clients, who may give their word."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0091_what_an_incident_was_said_to_be"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClientWord",
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
                ("customer_id", models.UUIDField()),
                ("contact_id", models.UUIDField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="affected",
            name="clients",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddIndex(
            model_name="affected",
            index=models.Index(
                condition=models.Q(("clients", []), _negated=True),
                fields=["incident"],
                name="affected_by_contract",
            ),
        ),
        migrations.AddField(
            model_name="clientword",
            name="incident",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="client_words",
                to="incidents.incident",
            ),
        ),
        migrations.AddConstraint(
            model_name="clientword",
            constraint=models.UniqueConstraint(
                fields=("incident", "customer_id"), name="client_says_it_once"
            ),
        ),
    ]
