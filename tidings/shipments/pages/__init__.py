"""Pages of shipments: one shipment, the list, and importing files."""
