"""Texts as providers approved them: each change a row, the newest counts."""

from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Now

from tidings.kernel.columns import code_field
from tidings.kernel.ids import new_id


class Migration(migrations.Migration):
    dependencies = [("messaging", "0140_what_is_typed_is_kept")]

    operations = [
        migrations.CreateModel(
            name="RegisteredForm",
            fields=[
                ("id", models.UUIDField(primary_key=True, default=new_id, editable=False, serialize=False)),
                ("kind", code_field()),
                ("phase", code_field()),
                ("language", code_field()),
                ("service", code_field()),
                ("template", models.TextField(default="", db_default="")),
                ("signature", models.TextField(default="", db_default="")),
                ("own_language", code_field(default="", db_default="")),
                ("fields", models.JSONField(default=list)),
                ("state", code_field(default="", db_default="")),
                ("text_digest", code_field(default="", db_default="")),
                ("note", models.TextField(default="", db_default="")),
                ("set_by", models.TextField()),
                ("set_at", models.DateTimeField(db_default=Now())),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["phase", "kind", "language", "service", "-id"], name="messaging_form_newest"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(state="") | Q(state__in=["submitted", "approved", "paused", "refused"]),
                        name="messaging_form_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=~Q(state="approved") | ~Q(template=""),
                        name="messaging_approved_form_has_an_id",
                    ),
                ],
            },
        )
    ]
