"""Addresses of customers' own pages: short, as they stand in messages."""

from django.urls import path

from tidings.incidents.pages import own

app_name = "own"
urlpatterns = [
    path("<str:token>", own.show, name="page"),
    path("<str:token>/read", own.read, name="read"),
]
