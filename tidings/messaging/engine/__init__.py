"""The delivery engine: compile, window, journal, SMTP, retry decisions. Knows no database and no framework."""
