"""Customers know which services they use, whether or not goods of theirs are moving."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("customers", "0005_ids_without_a_random_device")]

    operations = [
        migrations.CreateModel(
            name="UsedService",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("service", models.TextField(db_collation="C")),
                ("place", models.TextField(db_collation="C", db_default="", default="")),
                (
                    "weekdays",
                    django.contrib.postgres.fields.ArrayField(
                        models.SmallIntegerField(), db_default=[], default=list
                    ),
                ),
                ("source", models.TextField()),
                ("since", models.DateField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="services",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["service", "place"],
                        name="living_users_of_a_service",
                        condition=Q(ended_at__isnull=True),
                    )
                ],
                "constraints": [
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
                ],
            },
        )
    ]
