"""What is done to the staff: invite, change roles and units, end, profile, password; keys for programs; and the demo's cast.

Every one leaves an audit line.
"""

from tidings.people.actions.confirming import confirm_access, decline_access
from tidings.people.actions.demo import DEMO_FIRM, leave_demo, make_demo_cast
from tidings.people.actions.keys import PER_MINUTE, MadeKey, confirm_key, make_key, revoke_key
from tidings.people.actions.password import ask_for_link, mail_link, open_link, password_link, set_password
from tidings.people.actions.roster import end_shift, put_on_call
from tidings.people.actions.staff import (
    change_access,
    change_profile,
    end_account,
    headquarters,
    invite,
    make_unit,
    readmit,
    remove_second_factor,
)

__all__ = [
    "DEMO_FIRM",
    "PER_MINUTE",
    "MadeKey",
    "ask_for_link",
    "change_access",
    "change_profile",
    "confirm_access",
    "confirm_key",
    "decline_access",
    "end_account",
    "end_shift",
    "headquarters",
    "invite",
    "leave_demo",
    "mail_link",
    "make_demo_cast",
    "make_key",
    "make_unit",
    "open_link",
    "password_link",
    "put_on_call",
    "readmit",
    "remove_second_factor",
    "revoke_key",
    "set_password",
]
