"""Who hears of a shipment, by its parties and its client's contract, as SQL."""

from tidings.shipments.audience.fragment import Fragment


def told(found: Fragment) -> Fragment:
    """Who hears, per shipment: every column of `found`, `customer_id, role`, for any fragment with a `shipment_id`.

    The account customer decides by its contract (`told`): the client alone, both, or the consignee. Without an
    account customer the shipper and the consignee hear. A consignee that waits for the client's word is not listed.
    """
    return Fragment(_TOLD.format(affected=found.sql), found.params)


_TOLD = """
    WITH affected AS MATERIALIZED ({affected}), account AS (
        SELECT p.shipment_id, min(c.told) AS told
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
        WHEN account.told IS NULL THEN p.role IN ('shipper', 'consignee')
        WHEN p.role = 'account' THEN account.told <> 'consignee'
        WHEN p.role = 'consignee' THEN account.told IN ('both', 'consignee')
        ELSE false
    END
"""
