"""Addresses of the shipment pages."""

from django.urls import path

from tidings.shipments.pages import listing, shipment

app_name = "shipments"
urlpatterns = [
    path("", listing.shipments, name="list"),
    path("<uuid:shipment_id>/", shipment.shipment, name="shipment"),
]
