"""The worklist and the settings in the rail; the settings of the installation itself."""

from django.utils.translation import gettext_lazy as _

from tidings.home import queries
from tidings.ui.rail import Counting, RailEntry
from tidings.ui.settings_index import SettingsEntry


def _waiting(counting: Counting) -> tuple[int, int]:
    """What must be done now: what is late, and what waits for this reader's approval."""
    return queries.pressing(counting)


RAIL = [
    RailEntry("home:worklist", _("Worklist"), order=10, icon="worklist", key="w", count=_waiting),
    RailEntry("home:audit", _("Audit"), order=850, icon="audit", key="a", ability="audit.read"),
    RailEntry(
        "home:settings",
        _("Settings"),
        order=900,
        icon="settings",
        key="e",
        ability="installation.read",
        has_settings=True,
    ),
]
SETTINGS = [
    SettingsEntry(
        "home:installation",
        _("Firm"),
        _("Its name and the time zone in which its promises count."),
        order=10,
        ability="installation.read",
    ),
]
