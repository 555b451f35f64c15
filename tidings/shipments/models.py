"""Tables of shipments, parties and tracking events."""
