"""Pages of incidents: the list and the report, one incident from top to bottom, and the messages about it."""
