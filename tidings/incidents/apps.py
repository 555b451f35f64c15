"""Tells Django that this package is an app."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "tidings.incidents"
    label = "incidents"
    default_auto_field = "django.db.models.BigAutoField"
