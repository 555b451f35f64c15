"""Which message is owed next; of incidents that were told to be restored, by when the closing message is."""

from django.db import migrations, models

_OWED = """
UPDATE incidents_incident SET next_phase = 'update' WHERE next_update_by IS NOT NULL;
UPDATE incidents_incident incident SET next_phase = 'closing', next_update_by = last.sent_at + interval '24 hours'
  FROM (SELECT DISTINCT ON (incident_id) incident_id, phase, sent_at FROM incidents_sending
         WHERE sent_at IS NOT NULL AND phase IN ('first_notice', 'update', 'restored', 'closing')
         ORDER BY incident_id, sent_at DESC) last
 WHERE last.incident_id = incident.id AND last.phase = 'restored' AND incident.next_update_by IS NULL
   AND incident.severity <> 'low' AND incident.state NOT IN ('closed', 'dismissed', 'merged');
"""


class Migration(migrations.Migration):
    dependencies = [("incidents", "0086_teams_are_called_in")]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="next_phase",
            field=models.CharField(blank=True, db_collation="C", db_default="", default="", max_length=16),
        ),
        migrations.RunSQL(_OWED, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(("next_phase__in", ["", "update", "closing"])),
                name="incident_next_phase_known",
            ),
        ),
    ]
