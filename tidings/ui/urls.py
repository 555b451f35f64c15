"""Addresses that belong to no domain."""

from django.urls import path

from tidings.ui import pages

app_name = "ui"
urlpatterns = [path("language/", pages.language, name="language")]
