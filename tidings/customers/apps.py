"""Tells Django that this package is an app."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "tidings.customers"
    label = "customers"
    default_auto_field = "django.db.models.BigAutoField"
