"""Tells Django that this package is an app."""

from django.apps import AppConfig


class ShipmentsConfig(AppConfig):
    name = "tidings.shipments"
    label = "shipments"
    default_auto_field = "django.db.models.BigAutoField"
