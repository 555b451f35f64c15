"""Addresses of the staff's pages."""

from django.urls import path

from tidings.people import pages

app_name = "people"
urlpatterns = [path("profile/", pages.profile, name="profile")]
