"""Addresses at which other servers hand in mail: without a sign-in, each request signed."""

from django.urls import path

from tidings.conversations.pages import hand_in

app_name = "doors"
urlpatterns = [path("in/<uuid:door_id>", hand_in.hand_in, name="hand_in")]
