"""Addresses of the shipment pages."""

from django.urls import path

from tidings.shipments.pages import imports, listing, shipment

app_name = "shipments"
urlpatterns = [
    path("", listing.shipments, name="list"),
    path("<uuid:shipment_id>/", shipment.shipment, name="shipment"),
    path("import/", imports.imports, name="imports"),
    path("import/file/<str:token>/", imports.import_file, name="import_file"),
    path("import/file/<str:token>/<slug:kind>/", imports.import_mapping, name="import_mapping"),
    path("import/<uuid:run_id>/", imports.import_run, name="import_run"),
    path("import/<uuid:run_id>/start/", imports.import_again, name="import_again"),
    path("import/<uuid:run_id>/rejected/", imports.import_rejected, name="import_rejected"),
]
