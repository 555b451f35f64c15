"""The words of the scope: what is said of single shipments, and of the question that finds them."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

LABELS: Final[dict[str, Promise]] = {
    "incident.lacking.contact": _("No contact that can be reached"),
    "incident.lacking.told": _("Not told yet"),
    "incident.why.added_by_hand": _("Added by hand"),
    "incident.why.uses_the_service": _("Uses the service"),
    "incident.why.has_a_pickup": _("Has a standing pick-up there"),
    "incident.why.added_without_shipment": _("Added by hand, without a shipment"),
    "incident.term.users": _("Users of a service"),
    "incident.term.pickups": _("Standing pick-up at"),
    "incident.term_values.users": _("Service"),
    "incident.term_values.pickups": _("At"),
    "incident.term_hint.users": _(
        "portal, link (API or EDI), or a service of your own as it stands with the customers; several with commas. Finds customers, with or without a shipment."
    ),
    "incident.term_hint.pickups": _(
        "A hub’s code, a UN/LOCODE or a country’s two letters. Finds the customers with a standing pick-up there on a day within the window."
    ),
    "incident.term.place": _("Place"),
    "incident.term.lane": _("Lane"),
    "incident.term.transport": _("Vehicle, voyage, flight or train"),
    "incident.term.container": _("Container or unit"),
    "incident.term.number": _("Waybills and references"),
    "incident.term.client": _("Client"),
    "incident.term.service": _("Service"),
    "incident.term_values.place": _("At"),
    "incident.term_values.lane": _("From"),
    "incident.term_values.transport": _("Number"),
    "incident.term_values.container": _("Numbers"),
    "incident.term_values.number": _("Numbers"),
    "incident.term_values.client": _("Customer’s number"),
    "incident.term_values.service": _("Service code"),
    "incident.term_hint.place": _(
        "A hub’s code, a UN/LOCODE or a country’s two letters; several with commas. What lies within counts."
    ),
    "incident.term_hint.lane": _("A hub’s code, a UN/LOCODE or a country’s two letters."),
    "incident.term_hint.transport": _("As the carrier writes it; several with commas."),
    "incident.term_hint.container": _("One a line, or with commas."),
    "incident.term_hint.number": _(
        "Paste as many as you have, one a line or with commas: waybills, references, barcodes."
    ),
    "incident.term_hint.client": _("Several with commas."),
    "incident.term_hint.service": _("As it stands with the shipments; several with commas."),
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
    "question_changed": _("The question of who is affected was changed"),
    "change_held": _(
        "A large change waits for a person: %(came)s customers would come in, %(went)s would leave"
    ),
    "change_let_go": _("The large change was let go"),
    "added_by_hand": ngettext_lazy(
        "Added by hand: %(shipments)s shipment", "Added by hand: %(shipments)s shipments", "shipments"
    ),
    "taken_out_by_hand": ngettext_lazy(
        "Taken out by hand: %(shipments)s shipment", "Taken out by hand: %(shipments)s shipments", "shipments"
    ),
    "given_back_to_the_question": ngettext_lazy(
        "As the question says again: %(shipments)s shipment",
        "As the question says again: %(shipments)s shipments",
        "shipments",
    ),
    "effect_set_of": ngettext_lazy(
        "What it means for %(shipments)s shipment: %(effect)s",
        "What it means for %(shipments)s shipments: %(effect)s",
        "shipments",
    ),
    "effect_taken_back": ngettext_lazy(
        "For %(shipments)s shipment its reason says again what it means",
        "For %(shipments)s shipments their reason says again what it means",
        "shipments",
    ),
    "customers_added": ngettext_lazy(
        "Added by hand without a shipment: %(customers)s customer",
        "Added by hand without a shipment: %(customers)s customers",
        "customers",
    ),
    "customers_taken_out": ngettext_lazy(
        "Taken out by hand: %(customers)s customer without a shipment",
        "Taken out by hand: %(customers)s customers without a shipment",
        "customers",
    ),
    "customers_given_back": ngettext_lazy(
        "As the question says again: %(customers)s customer without a shipment",
        "As the question says again: %(customers)s customers without a shipment",
        "customers",
    ),
}

ERRORS: Final[dict[str, Promise]] = {
    "incident.term_mixed": _(
        "Users of a service and standing pick-ups find customers, not shipments. Give them a group of their own; only a client may stand beside them."
    ),
    "incident.effect_of_others": _(
        "That is not what it can mean for those in this list. Choose one of the effects that the list offers."
    ),
    "incident.nothing_held": _("No change waits any more. Look at the incident as it stands now."),
    "incident.more_would_go": _(
        "Now %(now)s customers who were told would be affected no more; you saw %(seen)s. Nothing was changed: look at it again, then decide."
    ),
    "incident.nobody_named": _("No customer is named. Write their number."),
    "incident.nothing_named": _("No shipment is named. Write its waybill."),
    "incident.pick_needs_reason": _("Say in a sentence why the shipment is added or taken out."),
    "incident.holder_unknown": _("Nobody of that name can hold goods. Choose one from the list."),
    "incident.duty_unknown": _("That is nothing a customer can be asked to do. Choose one from the list."),
    "incident.holder_of_what": _(
        "Only held goods are held by somebody. Choose the effect “held”, or leave the holder out."
    ),
    "incident.by_when_of_what": _(
        "A time stands there, but nothing that must be done by then. Choose what the customer must do."
    ),
    "incident.pieces_of_one": _("Pieces can be named for one shipment at a time. Open that shipment’s line."),
    "incident.no_such_piece": _(
        "The shipment has no piece with the barcode %(piece)s. Compare it with the shipment’s page."
    ),
    "incident.nothing_listed": _(
        "No affected shipment is in this list any more, so that nothing was said. Look at the list again."
    ),
    "incident.more_are_listed": _(
        "The list now holds %(now)s shipments; you saw %(seen)s. Nothing was said: look at it again, then decide."
    ),
}
