"""The staff in the rail."""

from django.utils.translation import gettext_lazy as _

from tidings.ui.rail import RailEntry

RAIL = [RailEntry("people:staff", _("Staff"), order=800, icon="staff", ability="staff.read", key="p")]
