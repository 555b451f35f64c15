"""Draws what other domains hang on a page; `kernel/panels.py` finds it."""

from uuid import UUID

from django.template.loader import render_to_string

from tidings.kernel.panels import panels_on
from tidings.ui.requests import StaffRequest

EVERYWHERE = UUID(int=0)
"""The id for places that hang on no thing, such as "banner"."""


def rendered(request: StaffRequest, place: str, thing_id: UUID | None) -> list[str]:
    """The fragments for this place that this reader may see, in order."""
    drawn: list[str] = []
    for panel in panels_on(place):
        values = panel.build(request.actor, thing_id or EVERYWHERE)
        if values is not None:
            drawn.append(render_to_string(panel.template, dict(values), request=request))
    return drawn
