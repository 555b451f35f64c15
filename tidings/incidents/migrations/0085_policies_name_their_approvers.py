"""Policies name whose approval they ask for, of every kind of incident or of some."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0084_a_grade_may_have_been_a_mistake"),
    ]

    operations = [
        migrations.AddField(
            model_name="policyask",
            name="approvers",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(db_collation="C"), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="policyask",
            name="legal_kinds",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(db_collation="C"), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="policyask",
            name="management_kinds",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(db_collation="C"), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="approvers",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(db_collation="C"), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="legal_kinds",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(db_collation="C"), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="management_kinds",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(db_collation="C"), db_default=[], default=list, size=None
            ),
        ),
    ]
