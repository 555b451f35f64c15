"""Words of the worklist and the search."""

from django.utils.translation import gettext_lazy as _

LABELS = {
    "worklist.approve": _("Approval"),
    "person": _("Person"),
    "unit": _("Unit"),
    "installation": _("Installation"),
}
