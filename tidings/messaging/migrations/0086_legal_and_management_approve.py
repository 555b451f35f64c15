"""Legal and management approve, each as themselves: who gave which, and who is asked for which."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import tidings.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0085_relays_that_prove_nothing"),
    ]

    operations = [
        migrations.CreateModel(
            name="KindApproval",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tidings.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.TextField(db_collation="C")),
                ("digest", models.TextField(db_collation="C")),
                ("approved_by", models.TextField()),
                ("approved_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="approvalask",
            name="messaging_asked_once",
        ),
        migrations.RemoveConstraint(
            model_name="approvalask",
            name="messaging_one_asked_at_a_time",
        ),
        migrations.AddField(
            model_name="approvalask",
            name="kind",
            field=models.TextField(db_collation="C", db_default="", default=""),
        ),
        migrations.AddField(
            model_name="freeze",
            name="approvers",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(db_collation="C"), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="approvers",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(db_collation="C"), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalask",
            constraint=models.UniqueConstraint(
                fields=("freeze", "kind", "person_id"), name="messaging_asked_once_as"
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalask",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("freeze", "kind"),
                name="messaging_one_of_a_kind_asked",
            ),
        ),
        migrations.AddField(
            model_name="kindapproval",
            name="freeze",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="kinds_given",
                to="messaging.freeze",
            ),
        ),
        migrations.AddConstraint(
            model_name="kindapproval",
            constraint=models.UniqueConstraint(
                fields=("freeze", "kind"), name="messaging_kind_approved_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="kindapproval",
            constraint=models.UniqueConstraint(
                fields=("freeze", "approved_by"), name="messaging_approved_by_two_people"
            ),
        ),
        migrations.AddConstraint(
            model_name="kindapproval",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["legal", "management"])),
                name="messaging_approval_kind_known",
            ),
        ),
    ]
