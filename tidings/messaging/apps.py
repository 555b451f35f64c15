"""Tells Django that this package is an app."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "tidings.messaging"
    label = "messaging"
    default_auto_field = "django.db.models.BigAutoField"
