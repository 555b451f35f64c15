"""Sentences for the kernel's errors."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ERRORS: dict[str, Promise] = {
    "not_allowed": _("You may not do this: it needs the right “%(ability)s”. Ask an administrator."),
    "file.missing": _("The file %(digest)s is not in the store. Ask an administrator to look at the backup."),
    "file.damaged": _(
        "The file %(digest)s was damaged in the store. Ask an administrator to look at the backup."
    ),
    "disk.full": _(
        "A disk is full, so this was not done (%(reason)s). Make room there, then do it again; what was there before is unharmed."
    ),
    "file.unusable": _(
        "%(file)s cannot be used: %(reason)s. Give another file or folder, or change who may use this one."
    ),
    "file.store_away": _("The store of files did not answer. It is tried again later."),
    "file.too_large": _("The file is larger than %(megabytes)s MB. Send a smaller one."),
    "secrets.old_keys_needed": _(
        "%(values)s values are still sealed with an older key. Run “tidings secrets rotate” again first."
    ),
    "api.invalid": _("The request does not have the shape that this address takes. At %(where)s: %(why)s."),
    "api.unreadable": _("The request could not be read: %(why)s."),
    "api.too_large": _("A request may hold %(megabytes)s MB. Send it in parts, or import it as a file."),
    "api.people_approve": _(
        "A program asks for an approval and never gives it, nor does it decide to go without one. A person does so on the page of %(number)s."
    ),
    "api.in_progress": _(
        "The first request with this Idempotency-Key is still being worked on. Ask again in a moment."
    ),
    "api.idempotency_reused": _(
        "This Idempotency-Key was used for another request within the last 24 hours. Use a new key for a new request."
    ),
    "api.idempotency_unusable": _(
        "An Idempotency-Key has 1 to %(longest)s printable characters, such as a UUID."
    ),
    "outbound.not_an_address": _(
        "This is not a web address that can be used. It begins with https:// or http://, without a name and password in it."
    ),
    "outbound.forbidden_target": _(
        "The host %(host)s lies inside a private network. An administrator can allow it with TIDINGS_ALLOW_TARGETS."
    ),
    "outbound.too_large": _("The answer of %(host)s was larger than %(kilobytes)s KB and was not read."),
    "outbound.packed": _(
        "The host %(host)s sent a compressed answer, which is not read. It must answer uncompressed."
    ),
    "outbound.no_answer": _("The host %(host)s did not answer. It is tried again later."),
}
LABELS: dict[str, Promise] = {}
