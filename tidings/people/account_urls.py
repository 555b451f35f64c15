"""The few addresses of allauth that Tidings uses. There is no sign-up: an administrator invites."""

from allauth.account import views
from allauth.mfa.urls import urlpatterns as second_factor
from django.urls import include, path

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/", views.password_change, name="account_change_password"),
    path("second-factor/", include(second_factor)),
]
