"""Words of the staff and of the installation, in the reader's language."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, ngettext_lazy, pgettext_lazy

ERRORS = {
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
    "people.address_taken": _(
        "This e-mail address already has an account. Look it up in the list, ended accounts included."
    ),
    "people.unknown_role": _("There is no such role: %(roles)s."),
    "people.no_role": _("Choose at least one role. To take every role away, end the account."),
    "people.no_shift_for_role": _("A roster has no shifts for the role “%(role)s”."),
    "people.shift_backwards": _("The shift ends before it begins. Change one of the two times."),
    "people.deputy_is_same": _("The deputy must be somebody else than who is on call."),
    "people.cannot_be_on_call": _(
        "%(name)s cannot be on call here: the account is ended, has not this role (%(role)s), or does not see this unit."
    ),
    "people.on_call_already": _(
        "%(name)s is on call at that time already. Take that shift off, or choose other times."
    ),
    "people.no_such_shift": _("There is no such shift, or it is another unit’s."),
    "people.no_such_unit": _("There is no such unit, or it is not one of yours."),
    "people.unit_needed": _("Choose a unit: you give accounts within your own units only."),
    "people.not_yourself": _("You cannot change your own access. Ask another administrator."),
    "people.confirm_as_yourself": _(
        "More rights are confirmed by a person who is signed in, on the page of the staff."
    ),
    "people.not_both": _("You asked for this yourself. Another administrator confirms it."),
    "people.no_such_ask": _(
        "Nothing waits here any more: somebody else has answered it, or it was asked anew."
    ),
    "people.only_your_own": _("A profile is changed by the person it belongs to."),
    "people.unknown_language": _("There is no such language here: %(language)s."),
    "people.last_administrator": _(
        "This is the last administrator. Make somebody else an administrator first."
    ),
    "people.changed_meanwhile": _(
        "The access of %(name)s was changed by somebody else while you had this page open. Look at it again before you save."
    ),
    "people.successor_needed": _(
        "%(name)s still has work in hand: %(count)s. Choose who takes it over, then end the account."
    ),
    "people.successor_cannot": _(
        "%(name)s cannot take over what is in hand. Choose somebody with an open account and a role that may do it."
    ),
    "people.already_ended": _("The account of %(name)s was already ended."),
    "people.not_ended": _("The account of %(name)s is open."),
    "people.ended": _("The account of %(name)s is ended, so it gets no link. Open it again first."),
    "people.link_dead": _("This link was used already, is too old, or is not whole. Ask for a new one."),
    "people.unit_name_taken": _("There is already a unit named %(name)s."),
    "people.only_headquarters": _(
        "A headquarters sees every other unit: only somebody at headquarters makes one."
    ),
    "people.no_such_key": _("There is no such key, or it belongs to a unit that you do not see."),
    "people.key_name_taken": _(
        "There is already a key named %(name)s. Revoke it first, or choose another name."
    ),
    "people.key_scope": _(
        "A key cannot be given this: %(scopes)s. Choose among what the page of keys or “tidings key make --help” offers."
    ),
    "people.key_scope_needed": _("Choose at least one thing that the key may do."),
    "people.key_lasts": _("A key works for 1 to %(days)s days. Choose a number between them."),
    "people.key_per_minute": _("A key must be allowed at least one request a minute."),
    "people.key_ended": _("The key %(name)s was revoked already."),
    "api.key_needed": _("This needs a key. Send it in the header “Authorization: Bearer …”."),
    "api.key_unknown": _(
        "This key is not known here. Check that it was copied whole, or ask an administrator for a new one."
    ),
    "api.key_revoked": _("The key %(name)s was revoked. Ask an administrator for a new one."),
    "api.key_expired": _("The key %(name)s has expired. Ask an administrator for a new one."),
    "api.key_waits": _("The key %(name)s waits until a second administrator confirms it."),
    "api.too_often": _(
        "This key may make %(per_minute)s requests a minute, and made them. Wait %(seconds)s seconds."
    ),
    "people.unknown_unit_kind": _("There is no such kind of unit: %(kind)s."),
}

LABELS = {
    "agent": _("agent"),
    "shift_lead": _("shift lead"),
    "dispatcher": _("dispatcher"),
    "communicator": _("communicator"),
    "translator": _("translator"),
    "approver": _("approver (legal and management)"),
    "legal_approver": _("legal approver"),
    "management_approver": _("management approver"),
    "department.operations": pgettext_lazy("on call", "Operations department"),
    "department.customer_service": pgettext_lazy("on call", "Customer service department"),
    "department.it": pgettext_lazy("on call", "IT department"),
    "department.legal": pgettext_lazy("on call", "Legal department"),
    "department.marketing": pgettext_lazy("on call", "Marketing department"),
    "department.couriers": pgettext_lazy("on call", "Couriers"),
    "department.finance": pgettext_lazy("on call", "Finance department"),
    "department.branches": pgettext_lazy("on call", "Branches"),
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
    "shipment.read": _("read shipments"),
    "customer.read": _("read customers and contacts"),
    "incident.read": _("read incidents"),
    "message.read": _("read messages and who got them"),
    "import.read": _("read imports"),
    "shipment.import": _("import shipments and events"),
    "shipment.change": _("change shipments"),
    "shipment.note": _("write notes on shipments"),
    "customer.import": _("import customers"),
    "contact.change": _("change contacts"),
    "incident.report": _("report incidents, write notes"),
    "incident.open": _("open incidents"),
    "incident.assess": _("change facts, effects and states"),
    "incident.grade": _("grade incidents"),
    "incident.scope": _("change the affected scope"),
    "incident.task": _("give tasks"),
    "incident.resolve": _("resolve incidents"),
    "incident.close": _("close incidents"),
    "message.write": _("write messages"),
    "message.translate": _("translate messages"),
    "message.preview": _("preview messages"),
    "message.send": _("send messages that may go"),
    "message.stop": _("stop sending"),
    "message.hold": _("hold the sending"),
    "text.change": _("write the texts kept ready, go back to older ones, and ask for approval"),
    "policy.ask": _("ask for other policies and grading"),
    "arrival.read": _("read what customers answered"),
    "arrival.bring": _("hand in raw mail that came back"),
    "call.take": _("work the call list"),
    "message.confirm": _("note that a customer has the message"),
}

OTHERS = (
    gettext_noop("Your password can’t be too similar to your other personal information."),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
        "min_length",
    ),
    gettext_noop("Your password can’t be a commonly used password."),
    gettext_noop("Your old password was entered incorrectly. Please enter it again."),
    gettext_noop("Use authenticator app or code"),
)
"""Sentences of Django and allauth that our catalogues say in our own voice: theirs are too familiar, or unclear."""
