"""What a recipient needs to be counted as reached, and the rungs that were tried before the present one."""

from django.db import migrations, models

# Where each recipient stands by its facts, those of the hot path included, which its own row does not repeat. Of an earlier
# rung only proof that the person has it counts: what became of it otherwise was the reason to go on.
STANDING = """
DROP VIEW messaging_standing;
CREATE VIEW messaging_standing AS
SELECT r.id AS recipient_id, r.broadcast_id, r.message_id, r.contact_id, r.language, r.due_by, r.state, r.rung,
       r.needs_confirmed, b.settle_seconds, f.handed_over_at, f.accepted_at, f.delivered_at, f.refused_at,
       least(f.confirmed_at, e.confirmed_at) AS confirmed_at, f.later_at, f.uncertain_at,
       e.delivered_at AS earlier_delivered_at
FROM messaging_recipient r
JOIN messaging_broadcast b ON b.id = r.broadcast_id
LEFT JOIN LATERAL (
    SELECT min(x.at) FILTER (WHERE x.outcome = 'handed_over') AS handed_over_at,
           min(x.at) FILTER (WHERE x.outcome = 'accepted') AS accepted_at,
           min(x.at) FILTER (WHERE x.outcome = 'delivered') AS delivered_at,
           min(x.at) FILTER (WHERE x.outcome = 'refused') AS refused_at,
           min(x.at) FILTER (WHERE x.outcome = 'confirmed') AS confirmed_at,
           max(x.at) FILTER (WHERE x.outcome = 'later') AS later_at,
           max(x.at) FILTER (WHERE x.outcome = 'uncertain') AS uncertain_at
    FROM messaging_result x WHERE x.delivery_id = r.delivery_id
) f ON true
LEFT JOIN LATERAL (
    SELECT min(x.at) FILTER (WHERE x.outcome = 'delivered') AS delivered_at,
           min(x.at) FILTER (WHERE x.outcome = 'confirmed') AS confirmed_at
    FROM jsonb_array_elements(r.earlier) AS tried
    JOIN messaging_result x ON x.delivery_id = (tried.value ->> 'delivery_id')::uuid
    WHERE r.earlier <> '[]'
) e ON true;
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0005_refused_addresses_are_told_upwards")]

    operations = [
        migrations.AddField("recipient", "earlier", models.JSONField(db_default=[], default=list)),
        migrations.AddField(
            "recipient", "needs_confirmed", models.BooleanField(db_default=False, default=False)
        ),
        migrations.RunSQL(STANDING, migrations.RunSQL.noop),
    ]
