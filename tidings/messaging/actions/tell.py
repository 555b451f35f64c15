"""Telling the staff what was decided about their words: open pages at once, and a mail to whoever wants one."""

from collections.abc import Iterable
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tidings.kernel import live
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.installation import firm_name, site_address
from tidings.messaging import queries
from tidings.messaging.actions.account import send_account_mail
from tidings.messaging.models import ApprovalAsk, Freeze, Message
from tidings.people.queries import Colleague, colleagues, name_of
from tidings.ui.moments import zoned_moment
from tidings.ui.words import label

_MAILER = Actor(ActorKind.SYSTEM, "account mail", frozenset({"message.account"}))


def tell_approved(message: Message, freeze: Freeze, actor: Actor, missing: Iterable[str] = ()) -> None:
    """Those who wrote the words or asked for the approval hear that they may go, or whose yes is still `missing`."""
    for one in _authors(message, freeze, actor):
        with translation.override(one.language):
            subject = _("Approved: %(phase)s, %(about)s") % _names(message)
            names = {"by": name_of(actor.ref), "missing": kinds_word(missing)}
            said = (
                _("%(by)s approved it. Still missing: %(missing)s.")
                if missing
                else _("%(by)s approved it. It can be sent now.")
            ) % names
            mail(one, subject, said, message)
    live.notify(f"about:{message.about}")
    live.notify_worklists()


def tell_sent_back(message: Message, freeze: Freeze, actor: Actor, reason: str) -> None:
    """The same people hear that the words do not go, and why."""
    for one in _authors(message, freeze, actor):
        with translation.override(one.language):
            subject = _("Sent back: %(phase)s, %(about)s") % _names(message)
            said = _("%(by)s sent it back:") % {"by": name_of(actor.ref)}
            ask = _("Nothing goes until you have changed it.")
            mail(one, subject, f"{said}\n\n{reason}\n\n{ask}", message)
    live.notify(f"about:{message.about}")
    live.notify_worklists()


def tell_asked(message: Message, asked: ApprovalAsk, *, again: bool) -> None:
    """Who is asked to approve gets a mail with the way to the page where they answer, and until when they can."""
    for one in colleagues([asked.person_id]):
        with translation.override(one.language), timezone.override(ZoneInfo(one.time_zone)):
            names = {**_names(message), "until": zoned_moment(asked.answer_by)}
            subject = (
                _("Still to approve: %(phase)s, %(about)s")
                if again
                else _("To approve: %(phase)s, %(about)s")
            )
            said = _("You are asked to read it and to approve it or send it back, until %(until)s.")
            then = _("If you do not answer by then, the next is asked.")
            for_kind = (
                _("You are asked as: %(kind)s.") % {"kind": kinds_word([asked.kind])} if asked.kind else ""
            )
            body = " ".join(filter(None, (said % names, for_kind, then)))
            mail(one, subject % names, body, message, "messaging:decide")
    live.notify(f"about:{message.about}")
    live.notify_worklists()


def kinds_word(kinds: Iterable[str]) -> str:
    """The names of kinds of approval in the reader's language, joined."""
    return _(", ").join(label(f"approval.kind.{kind}") for kind in kinds)


def mail(one: Colleague, subject: str, body: str, message: Message, page: str = "messaging:message") -> None:
    """One mail in the language that is active, with a link to a page of the message."""
    where = urljoin(site_address(), reverse(page, args=[message.pk]))
    send_account_mail(
        _MAILER,
        to=one.email,
        subject=f"{firm_name()}: {subject}",
        body=f"{_('Hello %(name)s,') % {'name': one.name}}\n\n{body}\n\n{where}",
        language=one.language,
    )


def _authors(message: Message, freeze: Freeze, actor: Actor) -> Iterable[Colleague]:
    """Who had a hand in it and wants to know, but not who decided."""
    references = queries.hands_in(message, freeze) - {queries.reference_of(actor)}
    return [one for one in colleagues(queries.people_among(references)) if one.mails_answers]


def _names(message: Message) -> dict[str, str]:
    return {"phase": label(f"message.phase.{message.phase}"), "about": message.about}
