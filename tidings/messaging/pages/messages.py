"""Messages: the list, one of them with its words and its reach, its recipients and the evidence for each."""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from tidings.kernel.clock import now
from tidings.messaging import queries
from tidings.messaging.models import Freeze, Message
from tidings.messaging.pages.approval import names_behind
from tidings.messaging.rules.calling import CallOutcome
from tidings.messaging.rules.content import CONTRACTS, Phase
from tidings.messaging.rules.wording import code_of
from tidings.people.queries import name_of
from tidings.ui.export import Streamed, csv_file
from tidings.ui.listing import PER_PAGE, Listing, listing, ordering, sort_of
from tidings.ui.requests import StaffRequest
from tidings.ui.words import label

_EXPORTED = 2000
_SORTS = {"phase": ("phase", "-id"), "about": ("about", "-id"), "written": ("id",)}


@require_safe
def messages(request: StaffRequest) -> HttpResponseBase:
    """Every message, newest first; as a page, or all of them as CSV."""
    wanted = {name: request.GET.get(name, "") for name in ("text", "phase", "waiting")}
    phase = wanted["phase"] if wanted["phase"] in CONTRACTS else ""
    rows = queries.messages(request.actor, text=wanted["text"], phase=phase, waiting=bool(wanted["waiting"]))
    if request.GET.get("export") == "csv":
        return _list_as_csv(rows.order_by(*ordering(_SORTS, sort_of(request, _SORTS, "-written"))))
    page = listing(request, rows, sorts=_SORTS, default="-written", counted=True, exports=True)
    context = {
        "listing": page,
        "rows": queries.listed(page.rows),
        "wanted": wanted,
        "phases": [(code, label(f"message.phase.{code}")) for code in CONTRACTS],
        "narrowed": any(wanted.values()),
    }
    return render(request, "messaging/messages.html", context)


@require_safe
def show(request: StaffRequest, message_id: UUID) -> HttpResponse:
    """One message: its words per language, who approved them, whom it reached."""
    message = queries.message(request.actor, message_id)
    written = queries.newest_texts(message_id)
    asked = (request.GET.get("language", ""), getattr(request, "LANGUAGE_CODE", ""), *written)
    language = next((code for code in asked if code in written), "")
    freeze = queries.current_freeze(message_id)
    [row] = queries.listed([message])
    reader = queries.a_reader(message_id, language) if freeze and request.actor.units is None else None
    shown = queries.told_to(freeze, reader) if freeze and reader else None
    context = {
        "message": message,
        "row": row,
        "example": shown is None,
        "languages": list(written),
        "language": language,
        "preview": shown
        or (
            queries.preview_of(message, written[language], now(), _reader(request, message))
            if language
            else None
        ),
        "version": written[language].version if language else 0,
        "freeze": freeze,
        "may_decide": row.state == "waiting_for_approval" and queries.may_decide(request.actor, message),
        "reach": queries.reach_of(message_id, now()),
        "event": queries.event_word(message.kind),
        **_decided(message, freeze),
    }
    return render(request, "messaging/message.html", context)


def _reader(request: StaffRequest, message: Message) -> str:
    """Whom the example addresses: a briefing is for our own people, and so for whoever looks at it."""
    return name_of(request.actor.ref) if message.phase == Phase.BRIEFING else ""


def _decided(message: Message, freeze: Freeze | None) -> dict[str, object]:
    """Who wrote it, and who approved it or sent it back."""
    approval = getattr(freeze, "approval", None)
    sent_back = getattr(freeze, "sent_back", None)
    given = queries.kinds_given(freeze) if freeze else []
    deciders = [one.approved_by for one in (*([approval] if approval else []), *given)]
    deciders += [sent_back.sent_back_by] if sent_back else []
    names = names_behind({message.written_by, *deciders})
    return {
        "author": names[message.written_by],
        "approval": approval,
        "approver": names[approval.approved_by] if approval else "",
        "given": [
            (label(f"approval.kind.{one.kind}"), names[one.approved_by], one.approved_at) for one in given
        ],
        "sent_back": sent_back,
        "sender_back": names[sent_back.sent_back_by] if sent_back else "",
    }


@require_safe
def recipients(request: StaffRequest, message_id: UUID) -> HttpResponseBase:
    """Who it is for and how it stands with each; as a page, or all of them as CSV."""
    message = queries.message(request.actor, message_id)
    part = request.GET.get("part", "")
    wanted = {
        "part": part if part in queries.PARTS else "",
        "language": request.GET.get("language", ""),
        "text": request.GET.get("text", ""),
        "sort": request.GET.get("sort", "name"),
    }
    if request.GET.get("export") == "csv":
        return _as_csv(request, message, wanted)
    asked = request.GET.get("page", "1")
    number = (
        min(int(asked), 2000)
        if asked.isascii() and asked.isdigit() and asked != "0" and len(asked) < 6
        else 1
    )
    first = (number - 1) * PER_PAGE
    found = queries.recipients(request.actor, message_id, now(), first=first, most=PER_PAGE + 1, **wanted)
    context = {
        "message": message,
        "listing": Listing(
            found[:PER_PAGE], number, len(found) > PER_PAGE, wanted["sort"], None, exports=True
        ),
        "wanted": wanted,
        "parts": [(code, label(f"message.part.{code}")) for code in queries.PARTS],
        "languages": list(queries.newest_texts(message_id)),
        "reach": queries.reach_of(message_id, now()),
    }
    return render(request, "messaging/recipients.html", context)


@require_safe
def recipient(request: StaffRequest, recipient_id: UUID) -> HttpResponse:
    """One recipient: what they were told, and every fact about its delivery."""
    row = queries.recipient(request.actor, recipient_id)
    message = queries.message(request.actor, row.message_id)
    freeze = queries.current_freeze(message.pk)
    context = {
        "message": message,
        "recipient": row,
        "standing": queries.standing(row, now()),
        "evidence": queries.evidence(row),
        "calls": queries.calls_of(row.pk),
        "call_outcomes": frozenset(CallOutcome),
        "preview": queries.told_to(freeze, row) if freeze else None,
        "code": code_of(row.pk),
    }
    return render(request, "messaging/recipient.html", context)


def _list_as_csv(rows: QuerySet[Message]) -> Streamed:
    header = (_("About"), _("Phase"), _("State"), _("Languages"), _("Written"), _("Recipients"))

    def lines() -> Iterator[tuple[object, ...]]:
        first = 0
        while found := list(rows[first : first + _EXPORTED]):
            for one in queries.listed(found):
                message = one.message
                yield (
                    message.about, label(f"message.phase.{message.phase}"), label(f"message.state.{one.state}"),
                    " ".join(one.languages), message.written_at.isoformat(), one.recipients or "",
                )  # fmt: skip
            first += len(found)

    return csv_file("messages", header, lines())


def _as_csv(request: StaffRequest, message: Message, wanted: dict[str, str]) -> Streamed:
    header = (
        pgettext("person", "Name"), _("Language"), _("Channel"), _("Address"), _("Shipments"), _("Due"), _("Standing"),
        _("Evidence"), _("Reached"),
    )  # fmt: skip
    moment = now()

    def rows() -> Iterator[tuple[object, ...]]:
        first = 0
        while found := queries.recipients(
            request.actor, message.pk, moment, first=first, most=_EXPORTED, **wanted
        ):
            for one in found:
                yield (
                    one.name, one.language, label(f"message.channel.{one.channel}") if one.channel else "", one.address,
                    one.shipments, one.due_by.isoformat() if one.due_by else "", label(f"message.part.{one.part}"),
                    label(f"message.strength.{one.strength}") if one.strength else "",
                    one.reached_at.isoformat() if one.reached_at else "",
                )  # fmt: skip
            first += len(found)

    return csv_file(f"recipients-{message.about}-{message.phase}", header, rows())
