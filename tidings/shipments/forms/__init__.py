"""Shape of what people send on the shipment and import pages."""
