"""Words of the staff and of the installation, in the reader's language."""

from django.utils.translation import gettext_lazy as _

ERRORS = {
    "not_allowed": _("Your role does not allow this (%(ability)s). Ask an administrator if you need it."),
    "installation.not_empty": _(
        "This installation is already in use, so it cannot become a demo. Use another TIDINGS_HOME for a demo."
    ),
    "installation.not_demo": _("This installation is not a demo, so there is nothing to leave."),
    "installation.demo_forbids": _(
        "A demo may not have this: %(what)s. Leave the demo first with “tidings demo leave”."
    ),
    "installation.demo_is_local": _(
        "A demo listens on this machine only, but these names reach further: %(names)s. Remove them from TIDINGS_BIND and TIDINGS_HOSTS, or leave the demo first with “tidings demo leave”."
    ),
    "people.no_such_person": _("There is no such person, or they belong to a unit that you do not see."),
}

LABELS = {
    "agent": _("agent"),
    "shift_lead": _("shift lead"),
    "dispatcher": _("dispatcher"),
    "communicator": _("communicator"),
    "translator": _("translator"),
    "approver": _("approver"),
    "manager": _("manager"),
    "finance": _("finance"),
    "administrator": _("administrator"),
    "auditor": _("auditor"),
    "integration": _("integration"),
    "headquarters": _("headquarters"),
    "region": _("region"),
    "branch": _("branch"),
    "franchise": _("franchise"),
    "partner": _("partner"),
    "client_team": _("client team"),
    "relay": _("a mail relay"),
    "host": _("a public host name"),
    "bind": _("another address to listen on"),
}
