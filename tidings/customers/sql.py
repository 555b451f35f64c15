"""Set-based statements that merge staged customers, contacts, addresses and bases. Each gives the rows it touched.

The staging tables live in one session, for one import. `said` numbers what a file says of a customer, in its order; the same words
again have the same number. Null in a staged column means that the file says nothing of it: what is known stays. An address
is only added, after those the contact has: an import never reorders somebody's ladder.
"""

DROP = """
    DROP TABLE IF EXISTS pg_temp.staged_customer, pg_temp.staged_address, pg_temp.one_customer, pg_temp.one_contact,
        pg_temp.of_others, pg_temp.one_number, pg_temp.identified
"""

STAGE = """
    CREATE TEMPORARY TABLE staged_customer (
        said bigint, number text COLLATE "C", name text, words text, kind text, country text, told text,
        contact text COLLATE "C", contact_name text, language text, time_zone text, how_much text,
        basis text, basis_source text, services text
    );
    CREATE TEMPORARY TABLE staged_address (
        said bigint, channel text COLLATE "C", value text, key text COLLATE "C", position integer, ends_at timestamptz
    );
    CREATE TEMPORARY TABLE one_number (number text COLLATE "C", id uuid, is_new boolean);
    CREATE TEMPORARY TABLE identified (said bigint, id uuid);
"""

# Which customer each number means, for what was staged after the number `after`. New ones get their id here and their row
# in the merge: what hangs on a customer can be written before it.
IDENTIFY = """
    INSERT INTO one_number (number, id, is_new)
    SELECT d.number, COALESCE(c.id, tidings_new_id()), c.id IS NULL
    FROM (SELECT DISTINCT number FROM staged_customer WHERE said > %(after)s ORDER BY number) d
    LEFT JOIN customers_customer c ON c.number = d.number
    WHERE NOT EXISTS (SELECT FROM one_number n WHERE n.number = d.number)
"""
IDENTIFY_SAID = """
    INSERT INTO identified (said, id)
    SELECT s.said, n.id FROM staged_customer s JOIN one_number n ON n.number = s.number WHERE s.said > %(after)s
"""
LAST_SAID = """
    SELECT (SELECT COALESCE(max(said), 0) FROM identified), (SELECT COALESCE(max(said), 0) FROM staged_customer)
"""

# The first row of a file that speaks of a customer, or of a contact, is the one that counts.
ONE_CUSTOMER = """
    CREATE TEMPORARY TABLE one_customer AS
        SELECT DISTINCT ON (s.number) s.*, n.is_new, n.id
        FROM staged_customer s JOIN one_number n ON n.number = s.number
        ORDER BY s.number, s.said;
    ANALYZE one_customer;
"""

# Customers of units that the importer does not see are left as they are, with all that the file says of them.
LEAVE_OTHERS = """
    CREATE TEMPORARY TABLE of_others (number text COLLATE "C");
    WITH others AS (
        DELETE FROM one_customer o USING customers_customer c
        WHERE c.id = o.id AND NOT o.is_new AND (c.unit_id = ANY(%(units)s::uuid[])) IS NOT TRUE
        RETURNING o.number
    )
    INSERT INTO of_others SELECT number FROM others
"""

ONE_CONTACT = """
    CREATE TEMPORARY TABLE one_contact AS
        SELECT DISTINCT ON (o.id, s.contact)
               s.contact, s.contact_name, s.language, s.time_zone, s.how_much, s.basis, s.basis_source,
               o.id AS customer_id, k.id IS NULL AS is_new, COALESCE(k.id, tidings_new_id()) AS id, s.number
        FROM staged_customer s
        JOIN one_customer o ON o.number = s.number
        LEFT JOIN customers_contact k ON k.customer_id = o.id AND k.key = s.contact
        ORDER BY o.id, s.contact, s.said;
    ANALYZE one_contact;
"""

ADD_CUSTOMERS = """
    INSERT INTO customers_customer (id, number, name, name_words, kind, country, told, unit_id)
    SELECT id, number, name, array_to_tsvector(string_to_array(words, ' ')), COALESCE(kind, 'contract'),
           COALESCE(country, ''), COALESCE(told, 'client'), %(unit)s::uuid
    FROM one_customer WHERE is_new
"""

CHANGE_CUSTOMERS = """
    UPDATE customers_customer c
    SET name = o.name, name_words = array_to_tsvector(string_to_array(o.words, ' ')),
        kind = COALESCE(o.kind, c.kind), country = COALESCE(o.country, c.country), told = COALESCE(o.told, c.told),
        told_after = CASE WHEN COALESCE(o.told, c.told) = 'client_first' THEN c.told_after END
    FROM one_customer o
    WHERE c.id = o.id AND NOT o.is_new
      AND (c.name, c.kind, c.country, c.told)
          IS DISTINCT FROM (o.name, COALESCE(o.kind, c.kind), COALESCE(o.country, c.country), COALESCE(o.told, c.told))
"""

ADD_CONTACTS = """
    INSERT INTO customers_contact (id, customer_id, key, name, language, time_zone, how_much)
    SELECT id, customer_id, contact, contact_name, COALESCE(language, 'en'), COALESCE(time_zone, 'UTC'),
           COALESCE(how_much, 'every')
    FROM one_contact WHERE is_new
"""

CHANGE_CONTACTS = """
    UPDATE customers_contact k
    SET name = o.contact_name, language = COALESCE(o.language, k.language),
        time_zone = COALESCE(o.time_zone, k.time_zone)
    FROM one_contact o
    WHERE k.id = o.id AND NOT o.is_new
      AND (k.name, k.language, k.time_zone)
          IS DISTINCT FROM (o.contact_name, COALESCE(o.language, k.language), COALESCE(o.time_zone, k.time_zone))
"""

# A new contact has no address yet: nothing to come after, nothing to conflict with.
ADD_FIRST_ADDRESSES = """
    INSERT INTO customers_address (contact_id, channel, value, key, position, ends_at)
    SELECT DISTINCT ON (k.id, a.channel, a.key) k.id, a.channel, a.value, a.key, a.position, a.ends_at
    FROM staged_address a
    JOIN staged_customer s ON s.said = a.said
    JOIN one_contact k ON k.number = s.number AND k.contact = s.contact AND k.is_new
    ORDER BY k.id, a.channel, a.key, a.said
"""

ADD_ADDRESSES = """
    INSERT INTO customers_address (contact_id, channel, value, key, position, ends_at)
    SELECT DISTINCT ON (k.id, a.channel, a.key)
           k.id, a.channel, a.value, a.key, COALESCE(had.last + 1, 0) + a.position, a.ends_at
    FROM staged_address a
    JOIN staged_customer s ON s.said = a.said
    JOIN one_contact k ON k.number = s.number AND k.contact = s.contact AND NOT k.is_new
    LEFT JOIN (
        SELECT contact_id, max(position) AS last FROM customers_address
        WHERE contact_id IN (SELECT id FROM one_contact WHERE NOT is_new) GROUP BY contact_id
    ) had ON had.contact_id = k.id
    ORDER BY k.id, a.channel, a.key, a.said
    ON CONFLICT (contact_id, channel, key) DO NOTHING
"""

CHANGE_ADDRESSES = """
    UPDATE customers_address x
    SET ends_at = n.ends_at
    FROM (
        SELECT DISTINCT ON (k.id, a.channel, a.key) k.id, a.channel, a.key, a.ends_at
        FROM staged_address a
        JOIN staged_customer s ON s.said = a.said
        JOIN one_contact k ON k.number = s.number AND k.contact = s.contact AND NOT k.is_new
        WHERE a.ends_at IS NOT NULL
        ORDER BY k.id, a.channel, a.key, a.said
    ) n
    WHERE x.contact_id = n.id AND x.channel = n.channel AND x.key = n.key AND x.ends_at IS DISTINCT FROM n.ends_at
"""

ADD_BASES = """
    INSERT INTO customers_legalbasis (contact_id, purpose, basis, source, since)
    SELECT k.id, 'service', k.basis, k.basis_source, current_date
    FROM one_contact k
    WHERE k.is_new OR NOT EXISTS (
        SELECT FROM customers_legalbasis b WHERE b.contact_id = k.id AND b.purpose = 'service'
    )
"""

# A file adds services and changes the days of a pick-up; what it no longer names stays, until a person takes it away.
ADD_SERVICES = """
    INSERT INTO customers_usedservice AS known (customer_id, service, place, weekdays, source, since)
    SELECT o.id, parts[1], COALESCE(parts[2], ''), COALESCE(parts[3:]::smallint[], '{}'), o.basis_source, current_date
    FROM one_customer o
    CROSS JOIN unnest(string_to_array(o.services, '; ')) AS one
    CROSS JOIN string_to_array(one, ' ') AS parts
    ON CONFLICT (customer_id, service, place) WHERE ended_at IS NULL DO UPDATE SET weekdays = EXCLUDED.weekdays
    WHERE known.weekdays <> EXCLUDED.weekdays
"""

MARK_DEAD = """
    UPDATE customers_address SET dead_since = %(at)s, dead_why = %(why)s
    WHERE channel = %(channel)s AND key = %(key)s AND dead_since IS NULL
"""

# The only address of a contact is still used: whoever complains is told by the next rung, and never by none.
MARK_COMPLAINED = """
    UPDATE customers_address c
    SET dead_why = %(why)s,
        dead_since = CASE WHEN EXISTS (
            SELECT FROM customers_address o
            WHERE o.contact_id = c.contact_id AND o.id <> c.id AND o.dead_since IS NULL AND (o.ends_at IS NULL OR o.ends_at > %(at)s)
        ) THEN %(at)s::timestamptz END
    WHERE channel = %(channel)s AND key = %(key)s AND dead_since IS NULL AND dead_why <> %(why)s
"""

MARK_NUMBER_DEAD = """
    UPDATE customers_address SET dead_since = %(at)s, dead_why = %(why)s
    WHERE channel = ANY (%(telephones)s) AND key = %(key)s AND dead_since IS NULL
"""

CLOSE_CALLS = """
    WITH meant AS (
        SELECT DISTINCT contact_id FROM customers_address WHERE channel = ANY (%(telephones)s) AND key = %(key)s
    )
    INSERT INTO customers_address (contact_id, channel, value, key, position, dead_since, dead_why)
    SELECT m.contact_id, 'call', %(value)s, %(key)s, coalesce(max(a.position), 0) + 1, %(at)s, %(why)s
    FROM meant m JOIN customers_address a ON a.contact_id = m.contact_id GROUP BY m.contact_id
    ON CONFLICT (contact_id, channel, key) DO UPDATE SET dead_since = excluded.dead_since, dead_why = excluded.dead_why
    WHERE customers_address.dead_since IS NULL
"""

REVIVE = """
    UPDATE customers_address SET dead_since = NULL, dead_why = ''
    WHERE channel = %(channel)s AND key = %(key)s AND dead_since IS NOT NULL
"""
