"""What a restore writes so that nothing is sent by itself."""

BEGIN_EPOCH = """
    INSERT INTO messaging_epoch (number, reason, begun_by)
    SELECT greatest(coalesce(max(number), 0), %(seen)s) + 1, %(reason)s, 'tidings db restore' FROM messaging_epoch
    RETURNING number
"""
PAUSE_EVERYTHING = """
    INSERT INTO messaging_pause (id, scope, thing, reason, detail, paused_by)
    VALUES (gen_random_uuid(), 'everything', '', 'restored', %(detail)s, 'tidings db restore')
"""
