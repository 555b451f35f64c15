"""Words of the worklist, the search and the demo."""

from django.utils.translation import gettext_lazy as _

LABELS = {
    "worklist.approve": _("Approval"),
    "command": _("command line"),
    "system": _("by itself"),
    "key": _("program"),
    "person": _("Person"),
    "unit": _("Unit"),
    "installation": _("Installation"),
}

ERRORS = {
    "demo.real_installation": _(
        "This installation belongs to a firm: the demo runs on an empty one only. Set TIDINGS_HOME to another folder."
    ),
    "demo.nothing_there": _(
        "No shipment has an event anywhere, so that no incident can touch one. Import events first."
    ),
    "demo.waits_for_approval": _(
        "The first notice of %(number)s waits for an approval, because its text is not the shipped one. Approve it on its page."
    ),
    "demo.sender_silent": _(
        "%(left)s messages have not been handed over for two minutes. Look at the sender's log."
    ),
    "demo.file_needs_profile": _("A file needs its profile: add --profile with a name or the path of one."),
    "demo.no_file": _("There is no file %(file)s."),
}
