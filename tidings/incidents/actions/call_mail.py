"""The mails of a team: that somebody is called in, and that nobody of a department comes; in the reader's language."""

from urllib.parse import urljoin
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tidings.incidents.models import Incident, TeamMember
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.installation import firm_name, site_address
from tidings.messaging.actions.account import send_account_mail
from tidings.people.queries import Colleague, colleagues
from tidings.ui.moments import zoned_moment
from tidings.ui.words import label

_MAILER = Actor(ActorKind.SYSTEM, "account mail", frozenset({"message.account"}))


def mail_call(incident: Incident, member: TeamMember) -> None:
    """Who is called in: for what, as what, and until when to answer."""
    page = reverse("incidents:answer_call", args=[incident.number, member.pk])
    for one in colleagues([member.person_id]):
        with translation.override(one.language), timezone.override(ZoneInfo(one.time_zone)):
            subject = _("You are called in: incident %(number)s") % {"number": incident.number}
            facts = {
                "kind": label(f"incident.kind.{incident.kind}"),
                "severity": label(f"incident.severity.{incident.severity}"),
                "department": label(f"incident.department.{member.department}"),
                "until": zoned_moment(member.answer_by),
            }
            said = [
                _("%(kind)s, %(severity)s. You are called in for: %(department)s.") % facts,
                label(f"incident.duty.{member.department}"),
                _("Say until %(until)s whether you are coming. Otherwise the next is called.") % facts,
            ]
            mail_colleague(one, incident, subject, "\n".join(said), page)


def mail_gap(incident: Incident, department: str, person: UUID) -> None:
    """Who leads the team: that nobody of a department comes."""
    page = reverse("incidents:show", args=[incident.number])
    for one in colleagues([person]):
        with translation.override(one.language):
            facts = {"number": incident.number, "department": label(f"incident.department.{department}")}
            subject = _("Nobody comes: %(department)s, incident %(number)s") % facts
            said = _("Of %(department)s nobody answered in time or can come, and the roster has nobody else. Call somebody in yourself.")  # fmt: skip
            mail_colleague(one, incident, subject, said % facts, page)


def mail_colleague(one: Colleague, incident: Incident, subject: str, said: str, page: str) -> None:
    """One mail in the language that is active, with the way to a page of the incident."""
    exercise = f"{_('EXERCISE')}: " if incident.drill else ""
    send_account_mail(
        _MAILER,
        to=one.email,
        subject=f"{exercise}{firm_name()}: {subject}",
        body=f"{_('Hello %(name)s,') % {'name': one.name}}\n\n{said}\n\n{urljoin(site_address(), page)}",
        language=one.language,
    )
