"""Words of the worklist and the search."""

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
