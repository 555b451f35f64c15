"""Policies say which change of who is affected waits for a person."""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0087_what_is_owed_after_service_restored"),
    ]

    operations = [
        migrations.AddField(
            model_name="policyask",
            name="brake_customers",
            field=models.IntegerField(db_default=500, default=500),
        ),
        migrations.AddField(
            model_name="policyask",
            name="brake_few",
            field=models.IntegerField(db_default=20, default=20),
        ),
        migrations.AddField(
            model_name="policyask",
            name="brake_gathered",
            field=models.DurationField(
                db_default=datetime.timedelta(seconds=180), default=datetime.timedelta(seconds=180)
            ),
        ),
        migrations.AddField(
            model_name="policyask",
            name="brake_share",
            field=models.IntegerField(db_default=25, default=25),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="brake_customers",
            field=models.IntegerField(db_default=500, default=500),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="brake_few",
            field=models.IntegerField(db_default=20, default=20),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="brake_gathered",
            field=models.DurationField(
                db_default=datetime.timedelta(seconds=180), default=datetime.timedelta(seconds=180)
            ),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="brake_share",
            field=models.IntegerField(db_default=25, default=25),
        ),
        migrations.AddConstraint(
            model_name="policyask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("brake_customers__gte", 1),
                    ("brake_few__gte", 0),
                    ("brake_gathered__gte", datetime.timedelta(seconds=60)),
                    ("brake_gathered__lte", datetime.timedelta(seconds=3600)),
                    ("brake_share__gte", 1),
                    ("brake_share__lte", 100),
                ),
                name="policy_asked_has_a_brake",
            ),
        ),
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("brake_customers__gte", 1),
                    ("brake_few__gte", 0),
                    ("brake_gathered__gte", datetime.timedelta(seconds=60)),
                    ("brake_gathered__lte", datetime.timedelta(seconds=3600)),
                    ("brake_share__gte", 1),
                    ("brake_share__lte", 100),
                ),
                name="policy_has_a_brake",
            ),
        ),
    ]
