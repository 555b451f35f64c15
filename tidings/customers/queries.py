"""What is read of customers, for pages and the domains above."""

LADDER = """
    SELECT c.customer_id, c.id AS contact_id, c.name, c.language, c.time_zone, c.how_much,
           a.channel, a.value AS address
    FROM customers_contact c
    LEFT JOIN (
        SELECT DISTINCT ON (contact_id) contact_id, channel, value
        FROM customers_address
        WHERE dead_since IS NULL AND (ends_at IS NULL OR ends_at > %(at_now)s)
        ORDER BY contact_id, position, id
    ) a ON a.contact_id = c.id
    WHERE c.ended_at IS NULL
"""
"""Every living contact with the first usable address of its ladder at `at_now`, null where it has none: SQL to join."""
