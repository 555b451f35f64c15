"""Words of shipments, in the reader's language: labels per code, with the thing before it, and the sentences of errors."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tidings.shipments.importers.fields import BadField

ERRORS = {
    "import.missing": _("There is no such import, or somebody else of another unit asked for it."),
    "import.file_missing": _("This file was not sent here, or is no longer kept. Send it again."),
    "shipment.missing": _(
        "There is no such shipment, or it belongs to a unit that you do not see. Search for it by its number."
    ),
    "list.too_long_for_xlsx": _(
        "A spreadsheet holds at most %(most)s rows, and this list is longer. Narrow it, or export it as CSV."
    ),
    "shipments.no_such_place": _(
        "No place is known by the code %(place)s. Use a hub’s code, a UN/LOCODE, or a country’s two letters."
    ),
    "shipments.no_such_client": _(
        "No customer has the number %(client)s. Look for it in the list of customers."
    ),
    "shipments.no_such_profile": _(
        "There is no import profile %(profile)s. Choose a shipped one, or save your own first."
    ),
    "shipments.no_such_import": _("There is no such import."),
    "shipments.import_needs_a_unit": _(
        "You belong to no unit, so you would not see what you import. Ask an administrator to put you into one."
    ),
    "shipments.profile_code_wrong": _(
        "A profile’s name has small letters, digits, hyphens and underscores only; %(profile)s has others."
    ),
    "shipments.profile_unreadable": _("The profile is not a readable TOML file: %(problem)s."),
    "shipments.profile_key_unknown": _(
        "The profile says %(where)s, which Tidings does not know. Check its spelling."
    ),
    "shipments.profile_value_wrong": _(
        "The profile’s %(where)s cannot be %(value)s. Correct it and try again."
    ),
    "shipments.profile_incomplete": _(
        "The profile’s part %(where)s does not say where these come from: %(fields)s."
    ),
    "shipments.profile_field_has_no_source": _(
        "The profile’s %(where)s must name one source: column, columns, template or constant."
    ),
    "shipments.profile_is_for": _(
        "This profile reads %(kind)s, but the file was given as %(asked)s. Choose another profile."
    ),
    "shipments.columns_missing": _(
        "The file lacks columns that the profile reads: %(columns)s. It has: %(found)s."
    ),
    "shipments.format_unknown": _("The format %(format)s is not known; known are %(known)s."),
    "shipments.encoding_unknown": _(
        "The encoding %(encoding)s is not known. Use utf-8, utf-16, gb18030 or latin-1, or leave it out."
    ),
    "shipments.epcis_wrong": _("Nothing was taken, because the document has a fault. At %(at)s: %(why)s."),
    "shipments.json_unreadable": _(
        "This is not readable JSON: it breaks off at line %(line)s, column %(column)s."
    ),
    "shipments.json_no_list": _(
        "The JSON must be a list of objects, each an event or a row. At %(at)s it is not."
    ),
    "shipments.json_too_large": _("The JSON is larger than %(megabytes)s MB. Send it in parts."),
    "shipments.too_many_events": _(
        "There are %(events)s rows, and at most %(most)s are taken at once. Send them in parts."
    ),
    "shipments.file_empty": _("The file is empty. Export it again."),
    "shipments.file_is_archive": _(
        "The file is an archive or a workbook, not text. Unpack it, or save the sheet as CSV, and try again."
    ),
    "shipments.file_is_binary": _("The file is not a text file. Save the table as CSV and try again."),
    "shipments.file_has_no_columns": _("The file’s first line names no columns."),
    "shipments.file_has_too_many_columns": _(
        "The file has %(columns)s columns; at most %(most)s are read. Check the delimiter."
    ),
    "shipments.file_too_large": _(
        "The file has %(megabytes)s MB; at most %(most)s MB are read at once. Split it and import the parts."
    ),
    "shipments.profile_taken": _(
        "There is a profile of this name already. Choose another name, or save once more to put yours in its place."
    ),
    "shipments.import_reading_ended": _(
        "Reading the file was cut off by the machine, most often for want of memory. Nothing of it was kept. Split the file, or try again when less else runs."
    ),
    "shipments.import_database_fault": _(
        "The database did not take this import (%(problem)s), and nothing of it was kept. Tell whoever looks after Tidings."
    ),
    "shipments.import_given_up": _(
        "This import was broken off again and again for half an hour and is not tried any more. Nothing of it was kept. Import the file again."
    ),
    "shipments.file_unreadable": _("The file %(path)s cannot be read: %(problem)s."),
}

LABELS = {
    "found.shipment": _("Shipments"),
    "found.message": _("Messages"),
    "found.code": pgettext_lazy("message", "Code"),
    "found.incident": _("Incidents"),
    "found.customer": _("Customers"),
    "found.number": _("Number"),
    "found.master": _("Master"),
    "found.piece": _("Barcode of a piece"),
    "found.name": _("Name"),
    "found.postcode": _("Postcode and house number"),
    "found.email": _("E-mail"),
    "found.sms": _("Mobile telephone"),
    "found.voice": _("Telephone"),
    "found.call": _("Telephone"),
    "found.order": _("Order number"),
    "found.shop_order": _("Shop order"),
    "found.container": _("Container"),
    "found.booking": _("Booking"),
    "found.invoice": _("Invoice"),
    "found.client": _("Client’s reference"),
    "kind.shipments": _("Shipments"),
    "kind.customers": _("Customers"),
    "kind.events": _("Events"),
    "group.shipment": _("Shipment"),
    "group.party.account": _("Account customer"),
    "group.party.consignee": _("Consignee"),
    "group.party.shipper": _("Shipper"),
    "group.party.notify": _("Notify party"),
    "group.references": _("Other numbers"),
    "group.events": _("Moments of events"),
    "group.pieces": _("Pieces"),
    "group.customer": _("Customer"),
    "group.event": _("Event"),
    "delimiter.,": _("comma"),
    "delimiter.;": _("semicolon"),
    "delimiter.\t": _("tab"),
    "delimiter.|": _("vertical bar"),
    "epcis.required": _("this is missing"),
    "epcis.not_one_of": _("this is not one of the words that EPCIS 2.0 allows here"),
    "epcis.not_version_two": _("only schema version 2 is read"),
    "epcis.not_a_moment": _("this is no moment with an offset"),
    "epcis.not_an_offset": _("this is no offset such as +01:00"),
    "epcis.not_text": _("this must be text"),
    "epcis.not_a_list": _("this must be a list"),
    "epcis.not_an_object": _("this must be an object"),
    "epcis.not_an_identifier": _("this is no identifier that can be read"),
    "epcis.no_context": _("the EPCIS context is missing, so the words in it have no meaning"),
    "shipment.expected": _("No events yet"),
    "shipment.under_way": _("On its way"),
    "shipment.late": _("Late"),
    "shipment.delivered": _("Delivered"),
    "shipment.delivered_late": _("Delivered late"),
    "shipment.ended": _("Ended without delivery"),
    "kind.planned": _("Planned"),
    "kind.estimated": _("Estimated"),
    "kind.promised": _("Promised"),
    "party.account": _("Account customer"),
    "party.shipper": _("Shipper"),
    "party.consignee": _("Consignee"),
    "party.notify": _("Notify party"),
    "party.agent": _("Agent"),
    "party.seller": _("Seller"),
    "reference.order": _("Order number"),
    "reference.shop_order": _("Shop order"),
    "reference.container": _("Container"),
    "reference.booking": _("Booking"),
    "reference.master": _("Master"),
    "reference.house": _("House"),
    "reference.client": _("Client’s reference"),
    "reference.invoice": _("Invoice"),
    "transport.vehicle": _("Vehicle"),
    "transport.voyage": _("Voyage"),
    "transport.flight": _("Flight"),
    "transport.train": _("Train"),
    "mode.air": _("Air"),
    "mode.sea": _("Sea"),
    "mode.road": _("Road"),
    "mode.rail": _("Rail"),
    "mode.express": _("Express"),
    "mode.post": _("Post"),
    "event.booked": _("Booked"),
    "event.announced": _("Announced"),
    "event.collected": _("Collected"),
    "event.picked_up": _("Picked up"),
    "event.received": _("Received"),
    "event.accepted": _("Accepted"),
    "event.sorted": _("Sorted"),
    "event.arrived": _("Arrived"),
    "event.departed": _("Departed"),
    "event.loaded": _("Loaded"),
    "event.unloaded": _("Unloaded"),
    "event.discharged": _("Discharged"),
    "event.transferred": _("Transferred"),
    "event.stored": _("Stored"),
    "event.gate_in": _("In at the gate"),
    "event.gate_out": _("Out at the gate"),
    "event.customs": _("At customs"),
    "event.customs_held": _("Held by customs"),
    "event.customs_cleared": _("Cleared by customs"),
    "event.out_for_delivery": _("Out for delivery"),
    "event.delivery": _("Delivery"),
    "event.delivered": _("Delivered"),
    "event.delivery_failed": _("Delivery attempt failed"),
    "event.attempted": _("Delivery attempt failed"),
    "event.picked_up_by_consignee": _("Picked up by the consignee"),
    "event.exception": _("Exception"),
    "event.delayed": _("Delayed"),
    "event.held": _("Held"),
    "event.released": _("Released"),
    "event.damaged": _("Damaged"),
    "event.missing": _("Missing"),
    "event.found": _("Found"),
    "event.lost": _("Lost"),
    "event.stolen": _("Stolen"),
    "event.returned": _("Returned"),
    "event.returning": _("On its way back"),
    "event.destroyed": _("Destroyed"),
    "event.cancelled": _("Cancelled"),
    "event.rerouted": _("Rerouted"),
    "event.handed_over": _("Handed over"),
    "awaited.collected": pgettext_lazy("awaited", "Collection"),
    "awaited.picked_up": pgettext_lazy("awaited", "Pick-up"),
    "awaited.arrived": pgettext_lazy("awaited", "Arrival"),
    "awaited.departed": pgettext_lazy("awaited", "Departure"),
    "awaited.loaded": pgettext_lazy("awaited", "Loading"),
    "awaited.unloaded": pgettext_lazy("awaited", "Unloading"),
    "awaited.discharged": pgettext_lazy("awaited", "Discharge"),
    "awaited.transferred": pgettext_lazy("awaited", "Transfer"),
    "awaited.delivered": pgettext_lazy("awaited", "Delivery"),
    "import.waiting": pgettext_lazy("import", "Waiting"),
    "import.reading": _("Reading the file"),
    "import.merging": _("Merging"),
    "import.done": _("Done"),
    "import.failed": _("Failed"),
    "thing.customers": _("Customers"),
    "thing.contacts": _("Contacts"),
    "thing.addresses": _("Addresses"),
    "thing.bases": _("Legal bases"),
    "thing.services": _("Services that customers use"),
    "thing.places": _("Places"),
    "thing.shipments": _("Shipments"),
    "thing.parties": _("Parties"),
    "thing.references": _("References"),
    "thing.pieces": _("Pieces"),
    "thing.legs": _("Legs"),
    "thing.events": _("Events"),
}

FIELDS = {
    "waybill": _("Waybill number"),
    "carrier": _("Carrier"),
    "started_on": _("Day it started"),
    "master": _("Number of its master"),
    "service": _("Service"),
    "mode": _("Mode of transport"),
    "goods": _("Goods"),
    "origin": _("Place of origin"),
    "destination": _("Place of destination"),
    "promised_at": _("Delivery promised at"),
    "estimated_at": _("Delivery estimated at"),
    "piece_count": _("Number of pieces"),
    "weight": _("Weight in kilograms"),
    "value": _("Declared value"),
    "value_currency": _("Currency of the declared value"),
    "cod": _("Cash on delivery"),
    "cod_currency": _("Currency of the cash on delivery"),
    "number": _("Customer number"),
    "name": _("Name"),
    "contact_name": _("Name of the contact"),
    "language": _("Language"),
    "time_zone": _("Time zone"),
    "country": _("Country (two letters)"),
    "email": _("E-mail address"),
    "sms": _("Mobile telephone"),
    "voice": _("Telephone"),
    "fax": _("Fax"),
    "whatsapp": _("WhatsApp"),
    "wechat": _("WeChat"),
    "telegram": _("Telegram"),
    "wecom": _("WeCom group"),
    "webhook": _("Webhook of the client’s system"),
    "postcode": _("Postcode"),
    "house_number": _("House number"),
    "order": _("Order number"),
    "shop_order": _("Shop order"),
    "container": _("Container"),
    "booking": _("Booking"),
    "invoice": _("Invoice"),
    "client": _("Client’s reference"),
    "picked_up": _("Picked up at"),
    "departed": _("Departed from the origin at"),
    "arrived": _("Arrived at the destination at"),
    "delivered": _("Delivered at"),
    "barcode": _("Barcode of a piece"),
    "code": _("What happened (code)"),
    "kind": _("Planned, estimated or actual"),
    "happened_at": _("When it happened"),
    "recorded_at": _("When the carrier recorded it"),
    "place": _("Place code"),
    "transport_number": _("Vehicle, voyage or flight"),
    "piece": _("Barcode of the piece"),
    "remark": _("Remark"),
}
"""What a column of a file may hold, as the mapping page offers it."""

REASONS: dict[str, Promise] = {
    "cell_count": _("the row has more or fewer cells than the first line has columns"),
    "unreadable": _("a quotation mark is opened and not closed, or a cell is too long"),
    "control_character": _("%(column)s holds a control character"),
    "undecodable": _("%(column)s holds bytes that are no text in the file’s encoding"),
    "missing": _("%(column)s is empty"),
    "not_in_map": _("%(column)s says %(value)s, which the profile does not map"),
    "not_a_date": _("%(column)s says %(value)s, which is no date in the declared style"),
    "date_out_of_range": _("%(column)s says %(value)s, which lies too far back or ahead"),
    "happened_in_the_future": _("%(column)s says %(value)s, which has not come yet"),
    "not_a_number": _("%(column)s says %(value)s, which is no number"),
    "not_a_whole_number": _("%(column)s says %(value)s, which is no whole number"),
    "number_out_of_range": _("%(column)s says %(value)s, which is too large or below zero"),
    "not_a_number_of_a_document": _("%(column)s says %(value)s, which holds no letter or digit"),
    "too_long": _("%(column)s is too long"),
    "formula": _("%(column)s holds a formula"),
    "not_a_code": _("%(column)s says %(value)s, which makes no code"),
    "not_services": _(
        "%(column)s says %(value)s: a standing pick-up has a place and days from 1 to 7, every other service one word"
    ),
    "not_one_of": _("%(column)s says %(value)s, which is none of the known words"),
    "not_a_place_code": _("%(column)s says %(value)s, which is no code of a place"),
    "not_a_country": _("%(column)s says %(value)s, which is no country’s two letters"),
    "not_a_currency": _("%(column)s says %(value)s, which is no currency’s three letters"),
    "not_a_language": _("%(column)s says %(value)s, which is no language’s code"),
    "not_a_time_zone": _("%(column)s says %(value)s, which is no time zone"),
    "not_an_email_address": _("%(column)s holds no usable e-mail address"),
    "not_a_chat": _("%(column)s holds no Telegram chat"),
    "not_a_robot": _("%(column)s holds no key of a group robot"),
    "not_an_address_of_a_system": _("%(column)s holds no address such as https://client.example.org/hooks"),
    "not_a_telephone_number": _("%(column)s holds no usable telephone number"),
    "amount_without_currency": _("%(column)s has an amount without a currency"),
    "other_line_rejected": _("another line about this shipment was rejected, and its lines are added up"),
    "currencies_differ": _(
        "lines about this shipment have amounts in several currencies, which cannot be added up"
    ),
    "no_such_shipment": _("no shipment is known by this number"),
    "shipment_not_yours": _("this number is taken by a shipment of another unit, which you may not change"),
    "customer_not_yours": _("this number is taken by a customer of another unit, whom you may not change"),
}
"""Why a row was not taken: what stands behind it in the file of rejected rows."""


def explain(bad: BadField) -> str:
    """The reason in the reader's language, short enough for a cell."""
    facts = {"column": bad.column, "value": " ".join(bad.value.split())[:60]}
    sentence = REASONS.get(bad.reason)
    return bad.reason if sentence is None else str(sentence) % facts
