"""The command-line program `tidings`: gathers each domain's `commands.py`, and turns errors into one sentence.

Every command takes `--json`; exit code 0 is done, 1 could not be done (one sentence on standard error), 2 wrong usage.
"""

import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import click
import psycopg
from django.db import DatabaseError, InterfaceError, OperationalError

from tidings import __version__
from tidings.kernel import disk, logs
from tidings.kernel.errors import Refused, TidingsError, TryLater
from tidings.kernel.postgres import PostgresFailed
from tidings.kernel.secrets import KeyFileFailed
from tidings.ui.words import say
from tidings.worker.standing import prepared_database

# These start and stop the database themselves, or run below a supervisor that has.
_PROCESSES = {"web", "worker", "sender", "catcher"}
_OWN_DATABASE = {"run", "setup", "db"} | _PROCESSES
_HOLDERS = (
    "config",
    "worker",
    "home",
    "lifeboat",
    "incidents",
    "shipments",
    "messaging",
    "customers",
    "people",
    "kernel",
)


@click.group()
@click.version_option(__version__, prog_name="tidings")
def program() -> None:
    """Every affected customer hears it from us, in time, in their own language, whatever else is broken."""


def main() -> None:
    """Entry point of the `tidings` program."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tidings.config.settings")
    import django  # here: the settings are read only once a command really runs

    django.setup()
    _configure_logs(sys.argv[1:])
    try:
        with _database_for(sys.argv[1:]):
            _program_for(sys.argv[1:])(prog_name="tidings")
    except (TidingsError, PostgresFailed, KeyFileFailed) as wrong:
        click.echo(_sentence(wrong), err=True)
        sys.exit(1)
    except (DatabaseError, psycopg.Error, OSError) as wrong:
        known = _known(wrong)
        if known is None:
            raise
        click.echo(_sentence(known), err=True)
        sys.exit(1)


def _program_for(arguments: Sequence[str]) -> click.Group:
    """A process is started often, and waited for: it loads no other command."""
    from tidings.worker.processes import PROCESSES  # here: Django must be set up

    own = PROCESSES.get(arguments[0]) if arguments else None
    if own is None:
        return gathered()
    program.add_command(own)
    return program


def _known(problem: Exception) -> TidingsError | None:
    """What is no fault of ours, as the person at the terminal hears it: a full disk, a file that cannot be used, a database away."""
    if full := disk.told(problem):
        return full
    if isinstance(problem, OSError) and problem.filename is not None:
        return Refused("file.unusable", file=problem.filename, reason=problem.strerror)
    if not isinstance(problem, OperationalError | InterfaceError | psycopg.OperationalError):
        return None
    return TryLater("database.unreachable", reason=str(problem).strip().splitlines()[-1].strip())


def gathered() -> click.Group:
    """The program with every domain's commands; Django must be set up."""
    for name in _HOLDERS:
        module = f"tidings.{name}.commands"
        if importlib.util.find_spec(module):
            for command in importlib.import_module(module).COMMANDS:
                program.add_command(command)
    return program


def _configure_logs(arguments: Sequence[str]) -> None:
    """A process tells what it does; a command only what is wrong, and what it prints stays its result alone."""
    if _PROCESSES & set(arguments[:1]):
        logs.configure()
    else:
        logs.configure("WARNING", plain=sys.stderr.isatty())


def _database_for(arguments: Sequence[str]) -> AbstractContextManager[None]:
    """The embedded database, up to date, for a command that is given while Tidings does not run."""
    wanted = [argument for argument in arguments if not argument.startswith("-")]
    asks_only = not wanted or {"--help", "--version"} & set(arguments)
    if asks_only or wanted[0] in _OWN_DATABASE:
        return nullcontext()
    return prepared_database(f"tidings {' '.join(wanted[:2])}")


def _sentence(wrong: Exception) -> str:
    if isinstance(wrong, TidingsError):
        return say(wrong)
    return str(wrong)
