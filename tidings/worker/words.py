"""Sentences for what may keep an installation from starting."""

from django.utils.translation import gettext_lazy as _

ERRORS = {
    "run.running": _("Tidings is already running on %(folder)s (process %(process)s, %(address)s)."),
    "run.home_closed": _("The folder %(folder)s cannot be written: %(reason)s."),
    "run.disk_full": _(
        "The disk that holds %(folder)s is full (%(free_mb)s MB free, 300 needed): make room there, then start again."
    ),
    "run.port_taken": _(
        "Port %(port)s on %(bind)s is taken by another program: stop that one, or set TIDINGS_PORT to a free port."
    ),
    "run.port_closed": _("The web pages cannot listen on %(bind)s port %(port)s: %(reason)s."),
    "catcher.port_taken": _(
        "Port %(port)s, where the mail catcher listens, is taken by another program: stop that one, or set"
        " TIDINGS_CATCHER_PORT to a free port."
    ),
    "run.web_silent": _("The web pages did not answer within %(seconds)s seconds; the reason is in %(log)s."),
    "database.unreachable": _("The database cannot be reached: %(reason)s."),
    "database.version": _(
        "The database is PostgreSQL %(version)s; Tidings works with %(oldest)s to %(newest)s."
    ),
}
