"""Tables of incidents, their scope and effects."""
