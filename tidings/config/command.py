"""The command-line program `tidings`: gathers each domain's `commands.py`, and turns errors into one sentence.

Every command takes `--json`; exit code 0 is done, 1 could not be done (one sentence on standard error), 2 wrong usage.
"""

import importlib
import importlib.util
import os
import sys

import click

from tidings import __version__
from tidings.kernel.errors import TidingsError
from tidings.kernel.postgres import PostgresFailed
from tidings.kernel.secrets import KeyFileFailed

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
    _gather()
    try:
        program()
    except (TidingsError, PostgresFailed, KeyFileFailed) as wrong:
        click.echo(_sentence(wrong), err=True)
        sys.exit(1)


def _sentence(wrong: Exception) -> str:
    if isinstance(wrong, TidingsError) and importlib.util.find_spec("tidings.ui.words"):
        return str(importlib.import_module("tidings.ui.words").say(wrong))
    return str(wrong)


def _gather() -> None:
    import django  # here: the settings are read only once a command really runs

    django.setup()
    for name in _HOLDERS:
        module = f"tidings.{name}.commands"
        if importlib.util.find_spec(module):
            for command in importlib.import_module(module).COMMANDS:
                program.add_command(command)
