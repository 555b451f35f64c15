"""How many are affected, said alike on every page, in the timeline and by the commands."""

from django.utils.translation import gettext, ngettext


def shipments_of_customers(shipments: int, customers: int) -> str:
    """ "517 shipments of 404 customers"; each number is written as its `str`."""
    of = gettext("%(shipments)s of %(customers)s")
    goods = ngettext("%(number)s shipment", "%(number)s shipments", shipments)
    people = ngettext("%(number)s customer", "%(number)s customers", customers)
    return of % {"shipments": goods % {"number": shipments}, "customers": people % {"number": customers}}
