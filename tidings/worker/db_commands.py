"""`tidings db …`: the life of the database."""

import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import click
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tidings.kernel import archive, postgres
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.kernel.postgres.upgrade import upgrade as upgrade_cluster
from tidings.worker.backup import default_name, make_backup
from tidings.worker.home import claimed
from tidings.worker.progress import Printed
from tidings.worker.restore import restore as restore_archive
from tidings.worker.standing import is_embedded, place, standing_database
from tidings.worker.status import status as status_of

_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
_PASSPHRASE = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the passphrase.",
)


@click.group()
def db() -> None:
    """Start, stop, copy and move the database."""


@db.command()
@_JSON
def start(as_json: bool) -> None:
    """Start the embedded database, and leave it running until `tidings db stop`."""
    _require_embedded()
    cluster = postgres.cluster_of(settings.HOME)
    if not postgres.is_running(cluster):
        with claimed(settings.HOME, "tidings db start"):
            postgres.start(cluster, outlives_us=True)
    _tell({"running": True, "connection": cluster.conninfo()}, _("The database runs."), as_json)


@db.command()
@_JSON
def stop(as_json: bool) -> None:
    """Stop the embedded database that `tidings db start` started."""
    _require_embedded()
    with claimed(settings.HOME, "tidings db stop"):
        stopped = postgres.stop_by_data(postgres.cluster_of(settings.HOME))
    sentence = _("The database has stopped.") if stopped else _("The database was not running.")
    _tell({"running": False, "stopped": stopped}, sentence, as_json)


@db.command()
@_JSON
def status(as_json: bool) -> None:
    """Tell where the database is, whether it runs, its version and its size."""
    found = status_of()
    lines = [f"{name.replace('_', ' ')}: {value}" for name, value in asdict(found).items()]
    _tell(asdict(found), "\n".join(lines), as_json)


@db.command()
@click.option("--owner", is_flag=True, help="As the role that owns the tables.")
def shell(owner: bool) -> None:
    """Open psql on the database."""
    found = place()
    words = dict(found.words)
    if is_embedded() and not owner:
        words["user"] = postgres.APP_ROLE
    with standing_database("tidings db shell"):
        environment = replace(found, words=words).environment()
        sys.exit(subprocess.run([found.tools / "psql"], env=environment).returncode)


@db.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--recipient", "recipients", multiple=True, help="A public age key (age1…) that may open it; repeatable."
)
@_PASSPHRASE
@_JSON
def backup(
    file: Path | None, recipients: tuple[str, ...], passphrase_file: Path | None, as_json: bool
) -> None:
    """Write everything into one encrypted FILE (default: backups/ in TIDINGS_HOME), and read it back."""
    if file is None:
        file = settings.HOME / "backups" / default_name(now())
        file.parent.mkdir(parents=True, exist_ok=True)
    passphrase = "" if recipients else _passphrase(passphrase_file, "backup.no_lock", confirm=True)
    lock = archive.Lock(passphrase, recipients)
    with standing_database("tidings db backup"), Printed() as progress:
        made = make_backup(file.absolute(), lock, progress)
    facts = {**asdict(made), "file": str(made.file)}
    sentence = _(
        "%(file)s: %(rows)s rows of %(tables)s tables and %(files)s files of %(files_from)s, %(bytes)s bytes, read back "
        "and right."
    )
    _tell(facts, sentence % facts, as_json)
    _warn_of_missing(made.files_missing, made.files_from)


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--identity-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="age key file."
)
@_PASSPHRASE
@_JSON
def restore(file: Path, identity_file: Path | None, passphrase_file: Path | None, as_json: bool) -> None:
    """Fill an empty installation from a backup. Sending stays paused until a person resumes it."""
    identity = identity_file.read_text() if identity_file else ""
    opener = archive.Opener(
        "" if identity else _passphrase(passphrase_file, "restore.no_opener", confirm=False), identity
    )
    with Printed() as progress:
        done = restore_archive(file.absolute(), opener, progress)
    sentence = _(
        "Restored the backup of %(made_at)s: %(rows)s rows of %(tables)s tables and %(files)s files into %(files_to)s. "
        "Sending is paused; look first at what was on its way, then resume it."
    )
    _tell(asdict(done), sentence % asdict(done), as_json)
    _warn_of_missing(done.files_missing, done.files_to)


@db.command()
@_JSON
def upgrade(as_json: bool) -> None:
    """Move the embedded database to the current PostgreSQL; the old data is kept."""
    _require_embedded()
    cluster = postgres.cluster_of(settings.HOME)
    with claimed(settings.HOME, "tidings db upgrade"), Printed() as progress:
        done = upgrade_cluster(cluster, now(), lambda bytes_done: progress("copy", bytes_done))
    facts = {**asdict(done), "kept": str(done.kept)}
    sentence = _(
        "PostgreSQL %(before)s is now %(after)s: %(rows)s rows of %(tables)s tables, compared. "
        "The old data is kept in %(kept)s."
    )
    _tell(facts, sentence % facts, as_json)


def _warn_of_missing(number: int, store: str) -> None:
    if number:
        told = ngettext(
            "Attention: %(number)s file that the database names is missing or damaged in %(store)s.",
            "Attention: %(number)s files that the database names are missing or damaged in %(store)s.",
            number,
        )
        click.echo(told % {"number": number, "store": store}, err=True)


def _require_embedded() -> None:
    if not is_embedded():
        raise Refused("database.not_ours")


def _passphrase(file: Path | None, without: str, *, confirm: bool) -> str:
    if file is not None:
        return file.read_text().rstrip("\n")
    if settings.ENVIRONMENT.TIDINGS_BACKUP_PASSPHRASE:
        return str(settings.ENVIRONMENT.TIDINGS_BACKUP_PASSPHRASE)
    if not sys.stdin.isatty():
        raise Refused(without)
    return str(click.prompt(_("Passphrase"), hide_input=True, confirmation_prompt=confirm, err=True))


def _tell(facts: dict[str, object], sentence: str, as_json: bool) -> None:
    click.echo(json.dumps(facts) if as_json else sentence)
