"""The words of the scope: what is said of single shipments, and of the question that finds them."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LABELS: Final[dict[str, Promise]] = {
    "incident.held_by.customs": _("Customs"),
    "incident.held_by.police": _("Police"),
    "incident.held_by.health_authority": _("Health authority"),
    "incident.held_by.inspection": _("Inspection"),
    "incident.held_by.carrier": _("Carrier"),
    "incident.held_by.warehouse": _("Warehouse"),
    "incident.held_by.us": _("Ourselves"),
    "incident.must_do.send_documents": _("Send the missing documents"),
    "incident.must_do.pay_charges": _("Pay the charges due"),
    "incident.must_do.give_address": _("Give the right address"),
    "incident.must_do.collect": _("Collect the goods"),
    "incident.must_do.inspect": _("Look at the goods and report"),
    "incident.must_do.contact_us": _("Contact us"),
}

STORY: Final[dict[str, Promise]] = {
    "effect_set_of": _("What it means for %(shipments)s shipments: %(effect)s"),
    "effect_taken_back": _("For %(shipments)s shipments their reason says again what it means"),
}

ERRORS: Final[dict[str, Promise]] = {
    "incident.holder_unknown": _("Nobody of that name can hold goods. Choose one from the list."),
    "incident.duty_unknown": _("That is nothing a customer can be asked to do. Choose one from the list."),
    "incident.holder_of_what": _(
        "Only held goods are held by somebody. Choose the effect “held”, or leave the holder out."
    ),
    "incident.by_when_of_what": _(
        "A time stands there, but nothing that must be done by then. Choose what the customer must do."
    ),
    "incident.pieces_of_one": _("Pieces can be named for one shipment at a time. Open that shipment's line."),
    "incident.no_such_piece": _(
        "The shipment has no piece with the barcode %(piece)s. Compare it with the shipment's page."
    ),
    "incident.nothing_listed": _(
        "No affected shipment is in this list any more, so that nothing was said. Look at the list again."
    ),
    "incident.more_are_listed": _(
        "The list now holds %(now)s shipments; you saw %(seen)s. Nothing was said: look at it again, then decide."
    ),
}
