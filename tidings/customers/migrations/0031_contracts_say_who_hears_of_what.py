"""A contract says who hears of which effect in which phase, and how long after the client."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0034_another_address_waits_for_a_second_person"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContractLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("effect", models.TextField(blank=True, db_collation="C", db_default="", default="")),
                ("phase", models.TextField(blank=True, db_collation="C", db_default="", default="")),
                ("told", models.TextField(db_collation="C")),
                ("after", models.SmallIntegerField(blank=True, null=True)),
                ("since", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="customer",
            name="told_after",
            field=models.SmallIntegerField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("told_after__isnull", True),
                    models.Q(("told", "client_first"), ("told_after__gt", 0), ("told_after__lte", 1440)),
                    _connector="OR",
                ),
                name="customer_told_after_the_client",
            ),
        ),
        migrations.AddField(
            model_name="contractline",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="contract",
                to="customers.customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="contractline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("customer", "effect", "phase"),
                name="contract_line_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="contractline",
            constraint=models.CheckConstraint(
                condition=models.Q(("effect", ""), ("phase", ""), _negated=True),
                name="contract_line_is_about_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="contractline",
            constraint=models.CheckConstraint(
                condition=models.Q(("effect__regex", "^[a-z_]*$"), ("phase__regex", "^[a-z_]*$")),
                name="contract_line_has_codes",
            ),
        ),
        migrations.AddConstraint(
            model_name="contractline",
            constraint=models.CheckConstraint(
                condition=models.Q(("told__in", ["client", "client_first", "both", "consignee"])),
                name="contract_line_told_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="contractline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("after__isnull", True),
                    models.Q(("after__gt", 0), ("after__lte", 1440), ("told", "client_first")),
                    _connector="OR",
                ),
                name="contract_line_after_the_client",
            ),
        ),
    ]
