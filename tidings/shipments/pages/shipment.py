"""One shipment: the story of its events, its promise and what became of it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from tidings.kernel.clock import now
from tidings.shipments.queries import parts, seen, story
from tidings.ui.requests import StaffRequest


def shipment(request: StaffRequest, shipment_id: UUID) -> HttpResponse:
    found = seen.shipment(request.actor, shipment_id)
    at = now()
    told = story.story_of(found, at)
    return render(
        request,
        "shipments/shipment.html",
        {
            "shipment": found,
            "promise": story.promise_of(found, at),
            "story": told,
            "parts": parts.parts_of(request.actor, found, at, all_pieces="pieces" in request.GET),
            "destination_zone": story.zone_of(found.destination.time_zone if found.destination else "UTC"),
            "zone_of": story.zone_of,
        },
    )
