"""Pages of customers: the list, one customer, and changing a contact."""

from collections.abc import Iterator
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tidings.customers import actions, queries
from tidings.customers.forms import ContactForm, FilterForm, NewContactForm, ServicesForm, ladder_of
from tidings.customers.models import Contact
from tidings.customers.rules import address_key
from tidings.customers.words import LABELS
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Refused, TidingsError
from tidings.kernel.installation import firm_time_zone
from tidings.people.queries import name_of
from tidings.ui.export import csv_file, xlsx_file
from tidings.ui.requests import StaffRequest
from tidings.ui.words import say

PER_PAGE = 50


def customers(request: StaffRequest) -> HttpResponseBase:
    request.actor.require("customer.read")
    form = FilterForm(request.GET or None)
    narrowed = form.narrowed()
    export = request.GET.get("export")
    if export in ("csv", "xlsx"):
        made = csv_file if export == "csv" else xlsx_file
        header = [_("Number"), _("Name"), _("Kind"), _("Country"), _("Since")]
        kinds = {code: str(word) for code, word in LABELS.items()}
        return made("customers", header, _cells(request.actor, narrowed, kinds))
    after = request.GET.get("after", "")
    rows = queries.customer_rows(request.actor, narrowed, after, PER_PAGE + 1)
    values = {
        "form": form,
        "rows": rows[:PER_PAGE],
        "countries": any(row.country for row in rows),
        "next": rows[PER_PAGE - 1].number if len(rows) > PER_PAGE else "",
        "after": after,
        "narrowed": narrowed != queries.Narrowed(),
    }
    answer = render(request, "customers/_list.html" if request.htmx else "customers/list.html", values)
    answer.headers["Vary"] = "HX-Request"
    return answer


def customer(request: StaffRequest, customer_id: UUID) -> HttpResponse:
    found = queries.customer(request.actor, customer_id)
    contacts = [(one, _asked(request, one)) for one in queries.contacts_of(found.pk)]
    values = {"customer": found, "contacts": contacts, "services": queries.services_of(found.pk)}
    return render(request, "customers/customer.html", values)


def change_services(request: StaffRequest, customer_id: UUID) -> HttpResponse:
    request.actor.require("contact.change")
    found = queries.customer(request.actor, customer_id)
    used = queries.services_of(found.pk)
    form = ServicesForm(request.POST or None, used=used)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                actions.change_services(
                    request.actor,
                    found.pk,
                    form.uses(),
                    source=given["source"],
                    version=given["version"],
                    at=now(),
                )
            except Conflict as conflict:
                messages.error(request, say(conflict))
                form, status = ServicesForm(used=queries.services_of(found.pk)), 409
            except Refused as refused:
                form.add_error("source", say(refused))
            else:
                messages.success(request, _("%(name)s was changed.") % {"name": found.name})
                return redirect("customers:customer", found.pk)
    values = {"customer": found, "form": form}
    return render(request, "customers/services.html", values, status=status)


def add_contact(request: StaffRequest, customer_id: UUID) -> HttpResponse:
    request.actor.require("contact.change")
    found = queries.customer(request.actor, customer_id)
    first = {"language": get_language(), "time_zone": str(firm_time_zone())}
    form = NewContactForm(request.POST or None, initial=first)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _contact, asked = actions.add_contact(request.actor, found.pk, form.new(), now())
            except Refused as refused:
                form.add_error(None, say(refused))
            else:
                added = _("%(name)s was added.")
                if asked:
                    added = _(
                        "%(name)s was added. Another person must confirm the address first; until then nothing is sent there."
                    )
                messages.success(request, added % {"name": form.cleaned_data["name"]})
                return redirect("customers:customer", found.pk)
    return render(request, "customers/add_contact.html", {"customer": found, "form": form}, status=status)


def change_contact(request: StaffRequest, contact_id: UUID) -> HttpResponse:
    request.actor.require("contact.change")
    contact = queries.contact(request.actor, contact_id)
    if request.method != "POST":
        return _contact_page(request, contact)
    form = ContactForm(request.POST, language=contact.language)
    ladder = ladder_of(contact, request.POST)
    if not (form.is_valid() & ladder.is_valid()):
        return _contact_page(request, contact, form, ladder, status=422)
    try:
        asked = actions.change_contact(request.actor, contact_id, **form.cleaned_data, ladder=ladder.rungs())
    except Conflict as conflict:
        messages.error(request, say(conflict))
        return _contact_page(request, queries.contact(request.actor, contact_id), status=409)
    except Refused as refused:
        form.add_error(None, say(refused))
        return _contact_page(request, contact, form, ladder, status=422)
    changed = _("%(name)s was changed.")
    if asked:
        changed = _(
            "%(name)s was changed, but for the new address: another person must confirm it first. Until then the old ladder is used."
        )
    messages.success(request, changed % {"name": contact.name})
    return redirect("customers:customer", contact.customer_id)


@require_POST
def confirm_address(request: StaffRequest, contact_id: UUID, ask_id: UUID) -> HttpResponse:
    """The second person's yes to another ladder."""
    contact = queries.contact(request.actor, contact_id)
    try:
        actions.confirm_address(request.actor, contact_id, ask_id)
    except TidingsError as problem:
        messages.error(request, say(problem))
    else:
        messages.success(request, _("%(name)s was changed.") % {"name": contact.name})
    return redirect("customers:customer", contact.customer_id)


@require_POST
def decline_address(request: StaffRequest, contact_id: UUID, ask_id: UUID) -> HttpResponse:
    """No, or taken back by whoever asked."""
    contact = queries.contact(request.actor, contact_id)
    try:
        actions.decline_address(request.actor, contact_id, ask_id)
    except TidingsError as problem:
        messages.error(request, say(problem))
    else:
        messages.success(request, _("The ladder stays as it is."))
    return redirect("customers:customer", contact.customer_id)


def _asked(request: StaffRequest, contact: Contact) -> dict[str, object] | None:
    """What somebody asked for, beside what stands: which addresses are new, and which would go."""
    found = next(iter(contact.asks.all()), None)
    if found is None:
        return None
    stands = {(one.channel, one.key): one.value for one in contact.addresses.all()}
    wanted = [(channel, value, address_key(channel, value)) for channel, value, _alive in found.ladder]
    keys = {(channel, key) for channel, _value, key in wanted}
    may, mine = request.actor.may("contact.change"), found.asked_by == request.actor.ref
    return {
        "ask": found,
        "by": name_of(found.asked_by),
        "comes": [(channel, value) for channel, value, key in wanted if (channel, key) not in stands],
        "goes": [(channel, value) for (channel, key), value in stands.items() if (channel, key) not in keys],
        "confirms": may and not mine,
        "declines": may,
    }


def _contact_page(
    request: StaffRequest, contact: Contact, form: object = None, ladder: object = None, status: int = 200
) -> HttpResponse:
    initial = {
        "version": queries.version_of(contact),
        "language": contact.language,
        "time_zone": contact.time_zone,
        "how_much": contact.how_much,
        "quiet_from": contact.quiet_from,
        "quiet_until": contact.quiet_until,
    }
    values = {
        "contact": contact,
        "asked": _asked(request, contact),
        "form": form or ContactForm(initial=initial, language=contact.language),
        "ladder": ladder or ladder_of(contact),
    }
    return render(request, "customers/contact.html", values, status=status)


def _cells(actor: Actor, narrowed: queries.Narrowed, kinds: dict[str, str]) -> Iterator[list[object]]:
    after = ""
    while rows := queries.customer_rows(actor, narrowed, after, 2000):
        for row in rows:
            kind = kinds.get(f"customer.{row.kind}", row.kind)
            yield [row.number, row.name, kind, row.country, row.created_at.date()]
        after = rows[-1].number
