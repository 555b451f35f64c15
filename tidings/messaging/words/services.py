"""Words for services beside mail relays: their names, what their settings are called, and what came of trying them.

A setting is called `service.<channel>.<name>` where its channel has words of its own, else `service.setting.<name>`.
"""

from django.utils.translation import gettext_lazy as _

ERRORS = {
    "messaging.no_such_service": _("There is no such service, or it is not used any more."),
    "messaging.another_service": _(
        "This is a service of another kind. Stop using it, and add the new one beside it."
    ),
}

LABELS = {
    "service.tried.taken": _("took the test message"),
    "service.tried.refused": _("refused the address"),
    "service.tried.ours": _("refuses us: look at account, credit and settings"),
    "service.tried.later": _("said to come back later"),
    "service.tried.doubt": _("gave no answer"),
    "service.tried.unsent": _("could not be reached"),
    "service.tried.asked": _("under way"),
    "service.came.new": _("not read yet"),
    "service.came.applied": _("applied"),
    "service.came.nothing": _("says nothing that we need"),
    "service.came.forged": _("not signed by the service: shown, not applied"),
    "service.came.unmatched": _("is about no message of ours"),
    "service.setting.account": _("Account"),
    "service.setting.token": _("Access token"),
    "service.setting.secret": _("Signing secret"),
    "service.setting.key": _("Key"),
    "service.setting.sender": _("Sender that readers see"),
    "service.setting.base": _("Address of the service"),
    "service.setting.host": _("Host"),
    "service.setting.port": _("Port"),
    "service.setting.user": _("User"),
    "service.setting.password": _("Password"),
}
