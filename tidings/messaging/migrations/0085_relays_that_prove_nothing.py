"""What is known of a relay's receipts, whether people are called of whom it proves nothing, and when a row rests."""

from django.db import migrations, models

# As it was, and two columns at the end: without `next_at` nothing more follows by itself.
STANDING = """
CREATE OR REPLACE VIEW messaging_standing AS
SELECT r.id AS recipient_id, r.broadcast_id, r.message_id, r.contact_id, r.language, r.due_by, r.state, r.rung,
       r.needs_confirmed, b.settle_seconds, f.handed_over_at, f.accepted_at, f.delivered_at, f.refused_at,
       least(f.confirmed_at, e.confirmed_at) AS confirmed_at, f.later_at, f.uncertain_at,
       e.delivered_at AS earlier_delivered_at, r.next_at, r.delivery_id AS present_delivery_id
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
    dependencies = [("messaging", "0076_a_freeze_says_what_was_approved_already")]

    operations = [
        migrations.AddField("relay", "calls_unproved", models.BooleanField(db_default=False, default=False)),
        migrations.AddField("relay", "speaks_dsn", models.BooleanField(null=True)),
        migrations.AddField("relay", "tried_at", models.DateTimeField(null=True)),
        migrations.AddField("relay", "tried", models.TextField(db_default="", default="")),
        migrations.RunSQL(STANDING, migrations.RunSQL.noop),
    ]
