"""Addresses of the staff's pages."""

from django.urls import path

from tidings.people.pages import keys, roster, staff

app_name = "people"
urlpatterns = [
    path("", staff.staff, name="staff"),
    path("invite/", staff.invite, name="invite"),
    path("keys/", keys.keys, name="keys"),
    path("keys/new/", keys.new_key, name="new_key"),
    path("keys/<uuid:key_id>/confirm/", keys.confirm_key, name="confirm_key"),
    path("keys/<uuid:key_id>/revoke/", keys.revoke_key, name="revoke_key"),
    path("units/", staff.units, name="units"),
    path("roster/", roster.roster, name="roster"),
    path("roster/<uuid:shift_id>/end/", roster.end, name="end_shift"),
    path("profile/", staff.profile, name="profile"),
    path("password/", staff.forgot_password, name="forgot_password"),
    path("password/sent/", staff.forgot_password_sent, name="forgot_password_sent"),
    path("password/<str:reference>/<str:token>/", staff.new_password, name="new_password"),
    path("<uuid:user_id>/", staff.person, name="person"),
    path("<uuid:user_id>/confirm/<uuid:ask_id>/", staff.confirm, name="confirm"),
    path("<uuid:user_id>/decline/<uuid:ask_id>/", staff.decline, name="decline"),
    path("<uuid:user_id>/end/", staff.end, name="end"),
    path("<uuid:user_id>/readmit/", staff.readmit, name="readmit"),
    path("<uuid:user_id>/link/", staff.new_link, name="new_link"),
    path("<uuid:user_id>/second-factor/", staff.drop_second_factor, name="drop_second_factor"),
]
