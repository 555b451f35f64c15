"""The staff in the rail and among the settings."""

from django.utils.translation import gettext_lazy as _

from tidings.ui.rail import RailEntry
from tidings.ui.settings_index import SettingsEntry

RAIL = [
    RailEntry("people:roster", _("Roster"), order=790, icon="clock", ability="roster.read", key="r"),
    RailEntry("people:staff", _("Staff"), order=800, icon="staff", ability="staff.read", key="p"),
]
SETTINGS = [
    SettingsEntry(
        "people:staff",
        _("Staff"),
        _("Who signs in, with which roles; inviting and ending."),
        order=20,
        ability="staff.read",
    ),
    SettingsEntry(
        "people:units",
        _("Units"),
        _("Headquarters, regions, branches, partners and client teams."),
        order=30,
        ability="staff.read",
    ),
    SettingsEntry(
        "people:keys",
        _("Keys for programs"),
        _("Which programs may use the API, what each may do, until when."),
        order=35,
        ability="key.read",
    ),
]
