"""Who is called in by a policy, the people of an incident's team, and a hotline of its own."""

import datetime

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0085_policies_name_their_approvers"),
    ]

    operations = [
        migrations.AddField(
            model_name="policyask",
            name="answer_within",
            field=models.DurationField(
                db_default=datetime.timedelta(seconds=900), default=datetime.timedelta(seconds=900)
            ),
        ),
        migrations.AddField(
            model_name="policyask",
            name="team",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(db_collation="C"), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="answer_within",
            field=models.DurationField(
                db_default=datetime.timedelta(seconds=900), default=datetime.timedelta(seconds=900)
            ),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="team",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(db_collation="C"), db_default=[], default=list, size=None
            ),
        ),
        migrations.CreateModel(
            name="Hotline",
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
                ("number", models.CharField(blank=True, default="", max_length=40)),
                ("announcement", models.TextField(blank=True, default="")),
                ("hours", models.CharField(blank=True, default="", max_length=200)),
                ("staff", models.TextField(blank=True, default="")),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hotlines",
                        to="incidents.incident",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TeamMember",
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
                ("department", models.CharField(db_collation="C", max_length=40)),
                ("role", models.CharField(db_collation="C", max_length=16)),
                ("person_id", models.UUIDField()),
                ("answer_by", models.DateTimeField()),
                ("answer", models.CharField(blank=True, db_collation="C", default="", max_length=16)),
                ("answered_at", models.DateTimeField(null=True)),
                ("comes_at", models.DateTimeField(null=True)),
                ("note", models.TextField(blank=True, default="")),
                ("escalated_at", models.DateTimeField(null=True)),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="team",
                        to="incidents.incident",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("answer", ""), ("escalated_at__isnull", True)),
                        fields=["answer_by"],
                        name="team_to_escalate",
                    ),
                    models.Index(
                        condition=models.Q(("answer", "")), fields=["person_id"], name="team_of_person"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("incident", "department", "person_id"), name="called_in_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["leader", "deputy", "member"])),
                        name="team_role_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at__isnull", True)),
                            models.Q(("answer__in", ["coming", "cannot"]), ("answered_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="team_answer_with_its_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("comes_at__isnull", True), ("answer", "coming"), _connector="OR"),
                        name="team_comes_who_said_so",
                    ),
                ],
            },
        ),
        # A special response was a command group before it named its departments: those of the shipped policy.
        migrations.RunSQL(
            "UPDATE incidents_policyversion SET team = ARRAY['operations', 'customer_service', 'it', 'legal',"
            " 'marketing', 'couriers', 'finance', 'branches'] WHERE special",
            migrations.RunSQL.noop,
        ),
    ]
