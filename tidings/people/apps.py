"""Tells Django that this package is an app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "tidings.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
