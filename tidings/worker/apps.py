"""Tells Django that this package is an app, so that its words are found."""

from django.apps import AppConfig


class WorkerConfig(AppConfig):
    name = "tidings.worker"
    label = "worker"
