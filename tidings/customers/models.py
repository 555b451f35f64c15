"""Tables of the customers and their contacts."""
