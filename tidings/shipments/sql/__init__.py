"""The statements of shipments that work on whole sets: staging, merging shipments, merging events."""
