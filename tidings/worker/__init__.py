"""The processes: jobs, and the sender."""
