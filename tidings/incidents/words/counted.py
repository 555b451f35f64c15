"""How many are affected, said alike on every page, in the timeline and by the commands."""

from django.utils.translation import gettext, ngettext

from tidings.ui.moments import count


def shipments_of_customers(shipments: int, customers: int) -> str:
    """ "517 shipments of 404 customers"; each number is written as its `str`."""
    of = gettext("%(shipments)s of %(customers)s")
    goods = ngettext("%(number)s shipment", "%(number)s shipments", shipments)
    people = ngettext("%(number)s customer", "%(number)s customers", customers)
    return of % {"shipments": goods % {"number": shipments}, "customers": people % {"number": customers}}


def lacks(phase: str, contacts: int) -> str:
    """That so many who were told have not had a phase that went to others."""
    sentences = {
        "update": ngettext(
            "%(number)s contact who was told has not had an update: write it",
            "%(number)s contacts who were told have not had an update: write it",
            contacts,
        ),
        "restored": ngettext(
            "%(number)s contact who was told has not heard that service is restored: tell them",
            "%(number)s contacts who were told have not heard that service is restored: tell them",
            contacts,
        ),
        "closing": ngettext(
            "%(number)s contact who was told has not had the closing message: send it to them",
            "%(number)s contacts who were told have not had the closing message: send it to them",
            contacts,
        ),
    }
    return sentences[phase] % {"number": count(contacts)}
