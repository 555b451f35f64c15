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
    "run.catcher_port_taken": _(
        "Port %(port)s, where the mail catcher listens, is taken by another program: stop that one, or set "
        "TIDINGS_CATCHER_PORT to a free port."
    ),
    "run.port_closed": _("Tidings cannot listen on %(bind)s port %(port)s: %(reason)s."),
    "run.web_silent": _("The web pages did not answer within %(seconds)s seconds; the reason is in %(log)s."),
    "database.unreachable": _("The database cannot be reached: %(reason)s."),
    "database.version": _(
        "The database is PostgreSQL %(version)s; Tidings works with %(oldest)s to %(newest)s."
    ),
    "database.not_ours": _(
        "DATABASE_URL names this database: start, stop and upgrade it with its own tools."
    ),
    "backup.no_lock": _(
        "A backup is encrypted: give --recipient with a public age key, --passphrase-file, or TIDINGS_BACKUP_PASSPHRASE."
    ),
    "restore.no_opener": _(
        "A backup is encrypted: give --identity-file with the age key, --passphrase-file, or TIDINGS_BACKUP_PASSPHRASE."
    ),
    "backup.recipient": _("%(recipient)s is not a public age key (they begin with age1)."),
    "backup.exists": _("%(file)s is there already; give another name."),
    "backup.folder": _("The backup cannot be written into %(folder)s: %(reason)s."),
    "backup.disk_full": _("The disk that holds %(folder)s is full; the unfinished backup was removed."),
    "backup.not_one": _("%(file)s is not a Tidings backup."),
    "backup.wrong_key": _("This passphrase or key does not open the backup."),
    "backup.damaged": _("The backup is damaged; nothing was restored from it. Use another one."),
    "restore.not_empty": _(
        "%(folder)s or its database holds something already. A restore fills an empty installation: set TIDINGS_HOME to a "
        "new folder, or move the old one away."
    ),
    "restore.differs": _(
        "What was restored differs from the backup in %(tables)s; the installation is empty again."
    ),
}
