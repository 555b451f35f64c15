"""Ending the links to a contact's own page, from the customer's page."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tidings.customers.queries import contact
from tidings.incidents import actions
from tidings.incidents.pages.notices import done
from tidings.ui.requests import StaffRequest


@require_POST
def end(request: StaffRequest, contact_id: UUID) -> HttpResponse:
    """Back to the customer with a word that it is done."""
    actions.revoke_links(request.actor, contact_id)
    done(request, _("These links open nothing any more."))
    return redirect("customers:customer", contact(request.actor, contact_id).customer_id)
