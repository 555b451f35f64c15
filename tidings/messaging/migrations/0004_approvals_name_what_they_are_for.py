"""An approval holds the digest of each language's words and the size of the audience; a message knows whose matter it is."""

import hashlib
import json

from django.db import migrations, models


def name_what_was_approved(apps, _schema_editor):
    """Approvals given before are for the freeze they point to: its words as they stand."""
    for approval in (
        apps.get_model("messaging", "Approval").objects.select_related("freeze").iterator(chunk_size=200)
    ):
        approval.digests = {
            language: hashlib.sha256(
                json.dumps(one, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
            ).hexdigest()
            for language, one in approval.freeze.words.items()
        }
        approval.audience_size = approval.freeze.audience_size
        approval.save(update_fields=["digests", "audience_size"])


class Migration(migrations.Migration):
    dependencies = [("messaging", "0003_recipients_point_unchecked")]

    operations = [
        migrations.AddField("approval", "digests", models.JSONField(default=dict)),
        migrations.AddField("approval", "audience_size", models.IntegerField(null=True)),
        migrations.AddField("message", "unit_id", models.UUIDField(null=True)),
        migrations.RunPython(name_what_was_approved, migrations.RunPython.noop),
    ]
