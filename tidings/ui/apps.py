"""Tells Django that this package is an app."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "tidings.ui"
    label = "ui"
    default_auto_field = "django.db.models.BigAutoField"
