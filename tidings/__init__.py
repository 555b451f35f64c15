"""Tidings: every affected customer hears it from us, in time, in their own language, whatever else is broken."""

__version__ = "0.1.0"
