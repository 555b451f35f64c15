"""Report, scope, effects, phases and what was said about an incident."""
