"""Who hears of a shipment, by its parties and its client's contract, as SQL."""

from tidings.customers.rules import STRICTEST_FIRST
from tidings.shipments.audience.fragment import Fragment


def told(found: Fragment) -> Fragment:
    """Who hears, per shipment: every column of `found`, `customer_id, role`, for any fragment with a `shipment_id`.

    The contracts of the account customers decide; of several the strictest on who else hears. A client hears itself unless the
    consignee hears in its name. A notify party hears what the consignee hears; an agent and a seller where both sides do.
    Without an account customer every party hears. A consignee that waits for the client's word is not listed.
    """
    return Fragment(_TOLD.format(affected=found.sql), found.params)


_TOLD = f"""
    WITH affected AS MATERIALIZED ({{affected}}), account AS (
        SELECT p.shipment_id,
               (ARRAY[{", ".join(f"'{told}'" for told in STRICTEST_FIRST)}])[
                   min(array_position(ARRAY[{", ".join(f"'{told}'" for told in STRICTEST_FIRST)}], c.told::text))] AS told
        FROM affected a
        JOIN shipments_party p ON p.shipment_id = a.shipment_id AND p.role = 'account'
        JOIN customers_customer c ON c.id = p.customer_id
        GROUP BY p.shipment_id
    )
    SELECT a.*, p.customer_id, p.role
    FROM affected a
    JOIN shipments_party p ON p.shipment_id = a.shipment_id
    LEFT JOIN account ON account.shipment_id = a.shipment_id
    WHERE CASE
        WHEN account.told IS NULL THEN p.role IN ('shipper', 'consignee', 'notify', 'agent', 'seller')
        WHEN p.role = 'account' THEN account.told <> 'consignee'
             OR (SELECT own.told FROM customers_customer own WHERE own.id = p.customer_id) <> 'consignee'
        WHEN p.role IN ('consignee', 'notify') THEN account.told IN ('both', 'consignee')
        WHEN p.role IN ('agent', 'seller') THEN account.told = 'both'
        ELSE false
    END
"""  # noqa: S608 - only our own text is joined
