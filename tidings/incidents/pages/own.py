"""A customer's own page, opened by the link in their message: no account, no cookie, no script, nothing kept.

The token in the address is all that authorises, so there is no cookie that a foreign page could make use of, and a form
needs no token against that. Opening it changes nothing: mail scanners open links too. No log line names the address.
"""

from contextlib import suppress
from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt

from tidings.incidents.actions import Chooser, client_agrees
from tidings.incidents.actions import choose as choose_for
from tidings.incidents.actions.survey import answer_survey
from tidings.incidents.queries import own_page as queries
from tidings.incidents.queries.survey import own_survey
from tidings.incidents.rules.survey import MARKS, is_mark
from tidings.incidents.words.choice import task_words
from tidings.incidents.words.survey import SURVEY_QUESTIONS
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Refused
from tidings.messaging.actions import confirm
from tidings.messaging.queries import voice
from tidings.messaging.rules.delivery import Confirming
from tidings.ui.public import methods, public_page, too_many, within


@login_not_required
@methods("GET", "HEAD")
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Their shipments, what we told them, when they hear next, and whom to ask."""
    if not within(request, "own_page"):
        return too_many(request, voice().firm)
    moment = now()
    link = queries.own_link(token, moment)
    if link is None:
        return _closed(request)
    text, number = request.GET.get("q", "").strip()[:60], _page(request)
    offers = queries.own_offers(link, moment)
    shipments = queries.own_shipments(link, offers, text=text, page=number)
    promised, confirmed = queries.promised_by(link), link.newest.confirmed_at if link.newest else None
    ours = voice()
    context = {
        "firm": ours.firm,
        "ours": ours,
        "token": token,
        "link": link,
        "heading": queries.heading(link),
        "story": [
            (f"message.phase.{one.phase}", queries.said_moment(link, one.at), one) for one in link.heard
        ],
        "offers": [(one, queries.said_moment(link, one.closes_at, zone=True)) for one in offers],
        "said": request.GET.get("said", ""),
        **_consignees(link, moment),
        "shipments": shipments,
        "services": queries.own_services(link),
        "zone": queries.said_zone(link),
        "text": text,
        "page": number,
        "pages": -(-shipments.found // queries.SHIPMENTS_ON_A_PAGE),
        "promised": queries.said_moment(link, promised, zone=True) if promised else "",
        "late": promised is not None and promised < moment,
        "confirmed": queries.said_moment(link, confirmed) if confirmed else "",
        "code": queries.own_code(link),
        "answers": queries.own_answers(link, moment),
        "survey": _survey(link),
    }
    return public_page(request, "incidents/own/page.html", context, language=link.language)


@csrf_exempt
@login_not_required
@methods("POST")
def read(request: HttpRequest, token: str) -> HttpResponse:
    """ "I have read this": proof for everything that the page showed."""
    if not within(request, "own_page_answer"):
        return too_many(request, voice().firm)
    moment = now()
    link = queries.own_link(token, moment)
    if link is None:
        return _closed(request)
    seen = request.POST.get("seen", "")
    shown = [str(one.recipient_id) for one in link.heard]
    for one in link.heard[shown.index(seen) :] if seen in shown else ():
        confirm(one.recipient_id, Confirming.LINK, moment)
    return redirect("own:page", token)


@csrf_exempt
@login_not_required
@methods("POST")
def choose(request: HttpRequest, token: str) -> HttpResponse:
    """Their answer for one shipment or for all of an offer; it stands until changed, or until the offer closes."""
    if not within(request, "own_page_answer"):
        return too_many(request, voice().firm)
    moment = now()
    link = queries.own_link(token, moment)
    if link is None:
        return _closed(request)
    asked = request.POST
    offer = next((one for one in queries.own_offers(link, moment) if str(one.id) == asked.get("offer")), None)
    only = asked.get("shipment", "")
    shipments = {
        one: waybill
        for one, waybill in (offer.shipments.items() if offer else ())
        if not only or str(one) == only
    }
    said = "again"
    if offer and shipments:
        chooser = Chooser(link.customer_id, link.contact_id)
        try:
            choose_for(offer.id, chooser, shipments, asked.get("option", ""), task_words)
        except Conflict:
            said = "closed"
        except Refused:
            said = "again"
        else:
            said = "chosen"
    return redirect(f"{reverse('own:page', args=[token])}?said={said}#choice")


@csrf_exempt
@login_not_required
@methods("POST")
def agree(request: HttpRequest, token: str) -> HttpResponse:
    """ "You may tell my consignees": a client's word, once for this incident. Twice is no error."""
    if not within(request, "own_page_answer"):
        return too_many(request, voice().firm)
    link = queries.own_link(token, now())
    if link is None:
        return _closed(request)
    with suppress(Refused):  # said before, or nobody waits any more: the page tells how it stands
        client_agrees(link.incident.pk, Chooser(link.customer_id, link.contact_id))
    return redirect(f"{reverse('own:page', args=[token])}#consignees")


@csrf_exempt
@login_not_required
@methods("POST")
def survey(request: HttpRequest, token: str) -> HttpResponse:
    """Two marks and free words, once it is over; said again, the later holds."""
    if not within(request, "own_page_answer"):
        return too_many(request, voice().firm)
    link = queries.own_link(token, now())
    if link is None or not own_survey(link)[0]:
        return _closed(request)
    marks = {name: request.POST.get(name, "") for name in ("informed", "solved")}
    if not all(map(is_mark, marks.values())):
        return redirect(f"{reverse('own:page', args=[token])}?said=survey_again#survey")
    who = Chooser(link.customer_id, link.contact_id)
    given = {name: int(mark) for name, mark in marks.items()}
    answer_survey(link.incident.pk, who, **given, words=request.POST.get("words", ""), language=link.language)
    return redirect(f"{reverse('own:page', args=[token])}#survey")


def _survey(link: queries.OwnLink) -> dict[str, object] | None:
    """The two questions with the reader's own marks, where they are asked."""
    asked, mine = own_survey(link)
    if not asked:
        return None
    questions = [
        (name, question, getattr(mine, name) if mine else 0) for name, question in SURVEY_QUESTIONS.items()
    ]
    return {"mine": mine, "questions": questions, "marks": MARKS}


def _consignees(link: queries.OwnLink, moment: datetime) -> dict[str, object]:
    """Whether others wait for this reader's word, or since when they do not."""
    waiting, agreed = queries.own_consignees(link, moment)
    return {"waiting": waiting, "agreed": queries.said_moment(link, agreed) if agreed else ""}


def _closed(request: HttpRequest) -> HttpResponse:
    """The one answer for a link that does not open, whatever the reason."""
    context = {"firm": voice().firm, "phone": voice().phone}
    return public_page(
        request, "incidents/own/closed.html", context, language=get_language() or "en", status=404
    )


def _page(request: HttpRequest) -> int:
    asked = request.GET.get("page", "1")
    return int(asked) if asked.isascii() and asked.isdigit() and 0 < len(asked) < 5 and asked != "0" else 1
