"""Who hears of a shipment, by its parties and its client's contract, as SQL."""

from tidings.customers.rules import STRICTEST_FIRST
from tidings.shipments.audience.fragment import Fragment


def told(found: Fragment) -> Fragment:
    """Who hears, per shipment: every column of `found`, `customer_id, role, clients`, for any fragment with a `shipment_id`.

    The contracts of the account customers decide; of several the strictest on who else hears. A client hears itself unless the
    consignee hears in its name. A notify party hears what the consignee hears; an agent and a seller where both sides do.
    Without an account customer every party hears. `clients` are those whose contract still says whether, when and in whose name
    this one hears, by effect and phase; empty where it hears of everything at once. Whom no line of a contract lets hear is not listed.
    """
    return Fragment(_TOLD.format(affected=found.sql), found.params)


STRICTEST = ", ".join(f"'{told}'" for told in STRICTEST_FIRST)

_TOLD = f"""
    WITH affected AS MATERIALIZED ({{affected}}), lines AS (
        SELECT customer_id, bool_or(told <> 'client') AS opens FROM customers_contractline WHERE ended_at IS NULL GROUP BY 1
    ), account AS (
        SELECT p.shipment_id, array_agg(c.id ORDER BY c.id) AS clients,
               (ARRAY[{STRICTEST}])[min(array_position(ARRAY[{STRICTEST}], c.told::text))] AS told,
               bool_or(lines.customer_id IS NOT NULL) AS has_lines,
               bool_and(c.told <> 'client' OR coalesce(lines.opens, false)) AS opens
        FROM affected a
        JOIN shipments_party p ON p.shipment_id = a.shipment_id AND p.role = 'account'
        JOIN customers_customer c ON c.id = p.customer_id
        LEFT JOIN lines ON lines.customer_id = c.id
        GROUP BY p.shipment_id
    )
    SELECT a.*, p.customer_id, p.role,
           CASE WHEN account.clients IS NULL THEN ARRAY[]::uuid[]
                WHEN account.has_lines THEN account.clients
                WHEN p.role = 'account' AND account.told <> 'consignee' OR account.told = 'both' THEN ARRAY[]::uuid[]
                ELSE account.clients END AS clients
    FROM affected a
    JOIN shipments_party p ON p.shipment_id = a.shipment_id
    LEFT JOIN account ON account.shipment_id = a.shipment_id
    WHERE CASE
        WHEN account.clients IS NULL THEN p.role IN ('shipper', 'consignee', 'notify', 'agent', 'seller')
        WHEN p.role = 'account' THEN account.told <> 'consignee' OR account.has_lines
             OR (SELECT own.told FROM customers_customer own WHERE own.id = p.customer_id) <> 'consignee'
        WHEN p.role IN ('consignee', 'notify') THEN account.opens
        WHEN p.role IN ('agent', 'seller') THEN account.opens AND (account.has_lines OR account.told <> 'consignee')
        ELSE false
    END
"""  # noqa: S608 - only our own text is joined
