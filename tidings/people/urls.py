"""Addresses of the staff's pages."""

from django.urls import path

from tidings.people import pages

app_name = "people"
urlpatterns = [
    path("", pages.staff, name="staff"),
    path("invite/", pages.invite, name="invite"),
    path("units/", pages.units, name="units"),
    path("profile/", pages.profile, name="profile"),
    path("password/", pages.forgot_password, name="forgot_password"),
    path("password/sent/", pages.forgot_password_sent, name="forgot_password_sent"),
    path("password/<str:reference>/<str:token>/", pages.new_password, name="new_password"),
    path("<uuid:user_id>/", pages.person, name="person"),
    path("<uuid:user_id>/confirm/<uuid:ask_id>/", pages.confirm, name="confirm"),
    path("<uuid:user_id>/decline/<uuid:ask_id>/", pages.decline, name="decline"),
    path("<uuid:user_id>/end/", pages.end, name="end"),
    path("<uuid:user_id>/readmit/", pages.readmit, name="readmit"),
    path("<uuid:user_id>/link/", pages.new_link, name="new_link"),
    path("<uuid:user_id>/second-factor/", pages.drop_second_factor, name="drop_second_factor"),
]
