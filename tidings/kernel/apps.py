"""Tells Django that this package is an app."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "tidings.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"
