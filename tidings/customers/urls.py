"""Addresses of the customer pages."""

from django.urls import path

from tidings.customers import pages

app_name = "customers"
urlpatterns = [
    path("", pages.customers, name="list"),
    path("<uuid:customer_id>/", pages.customer, name="customer"),
    path("<uuid:customer_id>/services/", pages.change_services, name="services"),
    path("<uuid:customer_id>/contacts/add/", pages.add_contact, name="add_contact"),
    path("contacts/<uuid:contact_id>/", pages.change_contact, name="contact"),
    path(
        "contacts/<uuid:contact_id>/asked/<uuid:ask_id>/confirm/",
        pages.confirm_address,
        name="confirm_address",
    ),
    path(
        "contacts/<uuid:contact_id>/asked/<uuid:ask_id>/decline/",
        pages.decline_address,
        name="decline_address",
    ),
]
