"""Customers in the rail."""

from django.utils.translation import gettext_lazy as _

from tidings.ui.rail import RailEntry

RAIL = [
    RailEntry(
        "customers:list", _("Customers"), order=310, icon="customers", ability="customer.read", key="c"
    ),
]
