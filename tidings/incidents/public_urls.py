"""Addresses of what customers open: short, as they stand in messages. They stand at the root."""

from django.urls import path

from tidings.incidents.pages import check, own

app_name = "own"
urlpatterns = [
    path("m/<str:token>", own.show, name="page"),
    path("m/<str:token>/read", own.read, name="read"),
    path("m/<str:token>/choose", own.choose, name="choose"),
    path("m/<str:token>/agree", own.agree, name="agree"),
    path("m/<str:token>/survey", own.survey, name="survey"),
    path("check", check.check, name="check"),
]
