"""What another person found of a holding notice that went without an approver's yes."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("incidents", "0021_who_got_a_holding_notice")]

    operations = [
        migrations.CreateModel(
            name="HoldingReview",
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
                ("found", models.TextField()),
                (
                    "sending",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="review",
                        to="incidents.sending",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(name="holding_review_says_something", condition=~Q(found=""))
                ]
            },
        ),
    ]
