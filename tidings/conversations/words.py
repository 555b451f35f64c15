"""Words of what comes in, in the reader's language."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ERRORS = {
    "arrival.empty": _("There is nothing in it: hand in a whole mail, with its head."),
    "arrival.no_such_arrival": _("There is no such mail, or it belongs to a unit that you do not see."),
    "arrival.no_such_conversation": _(
        "There is no such conversation, or it belongs to a unit that you do not see."
    ),
    "door.no_such_door": _("There is no such door, or it is not used any more."),
    "door.unknown": _("There is no kind of door “%(kind)s”."),
    "door.settings": _("The settings of this door are not whole. Fill in every field."),
    "door.name_taken": _("Another door is called “%(name)s”. Choose another name."),
    "door.in_the_clear": _(
        "Without encryption a password can be read on the way. Choose TLS, or have the host named in TIDINGS_ALLOW_TARGETS."
    ),
    "door.secret_for_another_server": _("The password was given for another server or user. Type it again."),
    "door.no_answer": _("%(host)s does not answer."),
    "door.said_no": _("%(host)s answers, but does not do what it was asked."),
    "door.sign_in": _(
        "%(host)s does not take this user and password. Some providers want an authorisation code instead of the password."
    ),
    "door.certificate": _("The certificate of %(host)s does not prove that it is this server."),
    "door.no_folder": _("There is no folder “%(folder)s” in this mailbox."),
    "door.token": _(
        "The sign-in service gave no access token (status %(status)s). Allow this program there again."
    ),
    "door.forged": _("This request bears no valid signature of this door, or an old one."),
}

LABELS = {
    "arrival.view.answers": _("Answers"),
    "arrival.view.not_applied": _("Bounces not applied"),
    "arrival.view.open": _("Names nothing of ours"),
    "arrival.view.applied": _("Bounces and receipts"),
    "arrival.view.automatic": _("Automatic mail"),
    "arrival.view.all": _("Everything"),
    "arrival.kind.hard": _("Came back: the address is at fault"),
    "arrival.kind.soft": _("Came back: not delivered"),
    "arrival.kind.full": _("Came back: the mailbox is full"),
    "arrival.kind.blocked": _("Came back: our mail was refused"),
    "arrival.kind.delayed": _("Delayed, still tried"),
    "arrival.kind.relayed": _("Receipt: handed on"),
    "arrival.kind.delivered": _("Receipt: delivered"),
    "arrival.kind.complaint": _("Spam complaint"),
    "arrival.kind.out_of_office": _("Out of office"),
    "arrival.kind.automatic": _("Automatic mail"),
    "arrival.kind.ordinary": _("Mail of a person"),
    "arrival.kind.": _("Not read yet"),
    "arrival.outcome.applied": _("applied to its delivery"),
    "arrival.outcome.known": _("said what was known already"),
    "arrival.outcome.noted": _("says nothing of the delivery"),
    "arrival.outcome.unknown": _("its delivery is not kept any more"),
    "arrival.outcome.unkeyed": _("not applied: it bears no valid key of ours"),
    "arrival.outcome.unreadable": _("could not be read: look at it yourself"),
    "arrival.outcome.kept": _("kept, not answered"),
    "arrival.outcome.answer": _("an answer to a message"),
    "arrival.outcome.open": _("waits for a person"),
    "arrival.outcome.": _("is being read"),
    "door.code.imap": _("Mailbox (IMAP)"),
    "door.code.lmtp": _("From our own mail server (LMTP)"),
    "door.code.http": _("Posted by another server (HTTP)"),
    "door.about.imap": _("A mailbox that bounces and answers come to, read every half minute."),
    "door.about.lmtp": _("Your mail server hands mail over as it comes, without a mailbox between."),
    "door.about.http": _("A mail service posts each raw mail to an address of ours, signed with a secret."),
    "door.state.": _("not looked at yet"),
    "door.state.open": pgettext_lazy("door", "open"),
    "door.state.unreachable": _("does not answer"),
    "door.state.refused": _("does not let us in"),
    "door.said.door.no_answer": _("The server does not answer."),
    "door.said.door.said_no": _("The server answers, but does not do what it was asked."),
    "door.said.door.sign_in": _("The server does not take this user and password."),
    "door.said.door.certificate": _("The certificate does not prove that it is this server."),
    "door.said.door.no_folder": _("There is no such folder in this mailbox."),
    "door.said.door.token": _("The sign-in service gave no access token."),
    "door.said.outbound.forbidden_target": _(
        "The address leads into our own network. Have the host named in TIDINGS_ALLOW_TARGETS."
    ),
    "door.field.host": _("Host"),
    "door.field.port": _("Port"),
    "door.field.security": _("Encryption"),
    "door.field.user": _("User"),
    "door.field.password": _("Password"),
    "door.field.folder": _("Folder"),
    "door.field.moves_to": _("Move what was taken to"),
    "door.field.token_url": _("Address for access tokens (OAuth)"),
    "door.field.client_id": _("Client id (OAuth)"),
    "door.field.client_secret": _("Client secret (OAuth)"),
    "door.field.refresh_token": _("Refresh token (OAuth)"),
    "door.field.networks": _("Takes mail from"),
    "door.field.secret": _("Secret"),
    "door.help.imap.moves_to": _(
        "A folder; it is made where there is none. Empty: mail stays where it is, marked as read."
    ),
    "door.help.imap.token_url": _(
        "Only for Microsoft 365 and Gmail, which want XOAUTH2 instead of a password."
    ),
    "door.help.imap.password": _(
        "163, 126 and QQ want the authorisation code from their settings. Kept encrypted, never shown again; leave it empty to keep it."
    ),
    "door.help.lmtp.networks": _(
        "Networks by comma. LMTP knows no sign-in, so name your own mail server only."
    ),
    "door.help.lmtp.port": _("Give this address to your mail server as its transport for the bounce domain."),
    "door.help.http.secret": _(
        "Leave it empty and one is made. It is shown until the first mail has come in."
    ),
    "door.security.tls": _("TLS from the start"),
    "door.security.starttls": _("STARTTLS"),
    "door.security.none": _("None (in-house only)"),
    "arrival.ask.address": _("another address or number"),
    "arrival.ask.bank": _("another bank account"),
    "arrival.ask.delivery": _("another delivery"),
}
