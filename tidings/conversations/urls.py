"""Addresses of the pages of what comes in."""

from django.urls import path

from tidings.conversations.pages import arrivals, doors

app_name = "conversations"
urlpatterns = [
    path("", arrivals.arrivals, name="arrivals"),
    path("mail/<uuid:arrival_id>/", arrivals.arrival, name="arrival"),
    path("mail/<uuid:arrival_id>/raw/", arrivals.raw, name="raw"),
    path("mail/<uuid:arrival_id>/seen/", arrivals.seen, name="seen"),
    path("doors/", doors.doors, name="doors"),
    path("doors/new/<slug:code>/", doors.new, name="new_door"),
    path("doors/<uuid:door_id>/", doors.door, name="door"),
    path("doors/<uuid:door_id>/look/", doors.look, name="look"),
    path("doors/<uuid:door_id>/end/", doors.end, name="end_door"),
    path("<uuid:conversation_id>/", arrivals.conversation, name="conversation"),
    path("<uuid:conversation_id>/read/", arrivals.read, name="read"),
    path("<uuid:conversation_id>/end/", arrivals.end, name="end"),
]
