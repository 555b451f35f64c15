"""Carrying on from outside when the main system is gone."""
