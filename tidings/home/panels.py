"""The worklist and the settings in the rail."""

from django.utils.translation import gettext_lazy as _

from tidings.ui.rail import RailEntry

RAIL = [
    RailEntry("home:worklist", _("Worklist"), order=10, icon="worklist", key="w"),
    RailEntry(
        "home:settings", _("Settings"), order=900, icon="settings", key="e", ability="installation.read"
    ),
]
