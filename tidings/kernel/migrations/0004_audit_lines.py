"""Audit lines in month partitions by their UUIDv7 key. They are added and sealed, never changed, never removed."""

from django.db import migrations, models

import tidings.kernel.ids
from tidings.kernel.partitions import months_sql

TABLE = """
CREATE TABLE kernel_auditline (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    actor_kind text COLLATE "C" NOT NULL,
    actor_ref text NOT NULL,
    verb text COLLATE "C" NOT NULL,
    thing text COLLATE "C" NOT NULL,
    thing_id text NOT NULL,
    digest bytea NOT NULL,
    salt bytea,
    payload text,
    personal_mac bytea,
    seq bigint,
    chain bytea,
    CONSTRAINT audit_sealed_whole CHECK ((seq IS NULL) = (chain IS NULL)),
    CONSTRAINT audit_forgotten_whole CHECK ((salt IS NULL) = (payload IS NULL))
) PARTITION BY RANGE (id);
CREATE INDEX audit_seq ON kernel_auditline (seq);
CREATE INDEX audit_thing ON kernel_auditline (thing, thing_id, id);
CREATE INDEX audit_unsealed ON kernel_auditline (id) WHERE seq IS NULL;
"""

GUARD = """
CREATE FUNCTION kernel_audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND (NEW.id, NEW.at, NEW.actor_kind, NEW.actor_ref, NEW.verb, NEW.thing, NEW.thing_id, NEW.digest)
           = (OLD.id, OLD.at, OLD.actor_kind, OLD.actor_ref, OLD.verb, OLD.thing, OLD.thing_id, OLD.digest)
       AND NEW.personal_mac IS NOT DISTINCT FROM OLD.personal_mac
       AND (OLD.seq IS NULL OR (NEW.seq, NEW.chain) = (OLD.seq, OLD.chain))
       AND (NEW.payload IS NULL OR (NEW.payload, NEW.salt) = (OLD.payload, OLD.salt))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an audit line is never changed or removed' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE ON kernel_auditline
    FOR EACH ROW EXECUTE FUNCTION kernel_audit_guard();
CREATE TRIGGER audit_guard_all BEFORE TRUNCATE ON kernel_auditline
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_audit_guard();
"""

GRANTS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tidings') AND current_user <> 'tidings' THEN
        REVOKE ALL ON kernel_auditline FROM tidings;
        GRANT SELECT, INSERT ON kernel_auditline TO tidings;
        GRANT UPDATE (seq, chain, payload, salt) ON kernel_auditline TO tidings;
    END IF;
END $$
"""

UNDO = "DROP TABLE kernel_auditline; DROP FUNCTION kernel_audit_guard"


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_feed_counters_and_beats")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(TABLE + GUARD, UNDO),
                migrations.RunSQL(months_sql("kernel_auditline"), migrations.RunSQL.noop),
                migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="AuditLine",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=tidings.kernel.ids.new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("actor_kind", models.TextField(db_collation="C")),
                        ("actor_ref", models.TextField()),
                        ("verb", models.TextField(db_collation="C")),
                        ("thing", models.TextField(db_collation="C")),
                        ("thing_id", models.TextField()),
                        ("digest", models.BinaryField()),
                        ("salt", models.BinaryField(null=True)),
                        ("payload", models.TextField(null=True)),
                        ("personal_mac", models.BinaryField(null=True)),
                        ("seq", models.BigIntegerField(null=True)),
                        ("chain", models.BinaryField(null=True)),
                    ],
                    options={
                        "managed": True,
                        "indexes": [
                            models.Index(fields=["seq"], name="audit_seq"),
                            models.Index(fields=["thing", "thing_id", "id"], name="audit_thing"),
                            models.Index(
                                condition=models.Q(("seq__isnull", True)),
                                fields=["id"],
                                name="audit_unsealed",
                            ),
                        ],
                    },
                ),
            ],
        )
    ]
