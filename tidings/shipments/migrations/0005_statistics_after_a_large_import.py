"""What the planner knows of the tables, anew after a large import. It runs as the owner: the application's role may not ANALYZE."""

from django.db import migrations

_MAKE = """
CREATE FUNCTION shipments_look_anew() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    ANALYZE customers_customer, customers_contact, customers_address, customers_legalbasis,
        shipments_shipment, shipments_party, shipments_reference, shipments_leg, shipments_piece, shipments_position;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0004_one_index_for_a_customers_number"),
        ("shipments", "0004_shipments_newest_first"),
    ]

    operations = [migrations.RunSQL(_MAKE, "DROP FUNCTION shipments_look_anew()")]
