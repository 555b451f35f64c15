"""The mails about what is due: to its owner before and after, and to who is on call; in the reader's language."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tidings.incidents import queries
from tidings.incidents.actions.call_mail import mail_colleague
from tidings.incidents.rules.reminders import Step
from tidings.people.queries import colleagues, name_of
from tidings.ui.moments import zoned_moment
from tidings.ui.words import label


def mail_due(due: queries.Due, person: UUID, step: Step) -> None:
    """What is due, when, and what is expected of the one who reads it."""
    for one in colleagues([person]):
        with translation.override(one.language), timezone.override(ZoneInfo(one.time_zone)):
            facts = {
                "what": due_word(due),
                "number": due.incident.number,
                "at": zoned_moment(due.due_by),
                "owner": name_of(str(due.owner)) if due.owner else "",
            }
            if step == Step.SOON:
                subject = _("Due soon: %(what)s, incident %(number)s")
                said = _("%(what)s is due %(at)s.")
            else:
                subject = _("Overdue: %(what)s, incident %(number)s")
                said = _("%(what)s was due %(at)s.")
            body = "\n\n".join(filter(None, (said % facts, due.text, _expected(due, person) % facts)))
            mail_colleague(one, due.incident, subject % facts, body, _page(due))


def due_word(due: queries.Due) -> str:
    """What is due, in the language that is active."""
    return label(f"incident.law.{due.thing}") if due.what == "law" else label(f"incident.due.{due.what}")


def _expected(due: queries.Due, person: UUID) -> str:
    if due.owner == person:
        return _("It is in your hands.")
    if due.owner:
        return _("It is in the hands of %(owner)s. See to it that somebody does it.")
    return _("Nobody has it in hand. See to it that somebody does it.")


def _page(due: queries.Due) -> str:
    number = due.incident.number
    if due.what == "task":
        return reverse("incidents:task", args=[number, due.thing])
    if due.what == "promise":
        return reverse("incidents:end_promise", args=[number, due.thing])
    if due.what == "law":
        return reverse("incidents:legal", args=[number, due.thing])
    return reverse("incidents:show", args=[number])
