"""Parties, shipments, legs, pieces and tracking events; who is where when."""
