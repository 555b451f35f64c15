"""Addresses of the pages that span domains."""

from django.urls import path

from tidings.home import pages

app_name = "home"
urlpatterns = [
    path("", pages.worklist, name="worklist"),
    path("worklist/changes/", pages.changes, name="live"),
    path("search/", pages.search, name="search"),
    path("settings/", pages.settings_index, name="settings"),
    path("settings/firm/", pages.installation, name="installation"),
    path("audit/", pages.audit, name="audit"),
    path("keys/", pages.keys, name="keys"),
]
