"""Words for texts as providers approve them beforehand."""

from django.utils.translation import gettext_lazy as _

ERRORS = {
    "messaging.no_such_form": _("There is no such form, or its service takes any text."),
    "messaging.form_without_id": _("Give the id that the provider gave this form."),
    "messaging.form_without_signature": _(
        "Give the signature under which it was approved, without brackets."
    ),
    "messaging.form_field_twice": _("Two fields have the same name. Keep one of them."),
    "messaging.form_unknown_slot": _(
        "Nothing fills these slots: %(slots)s. Choose from those that are listed under the fields."
    ),
}

LABELS = {
    "registered.state.missing": _("missing"),
    "registered.state.submitted": _("submitted"),
    "registered.state.approved": _("approved by the provider"),
    "registered.state.paused": _("paused by the provider"),
    "registered.state.refused": _("refused by the provider"),
}
