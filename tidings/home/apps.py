"""Tells Django that this package is an app."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "tidings.home"
    label = "home"
    default_auto_field = "django.db.models.BigAutoField"
