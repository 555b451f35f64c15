"""The processes as commands. Each process has a file of its own beside this one."""

import json

import click
from django.utils.translation import gettext as _

from tidings.worker.db_commands import db
from tidings.worker.run import run as run_all
from tidings.worker.setup import set_up
from tidings.worker.standing import standing_database


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON once it is ready.")
def run(as_json: bool) -> None:
    """Set up and run everything: database, pages, worker, sender and mail catcher, until Ctrl-C."""

    def ready(address: str) -> None:
        if as_json:
            click.echo(json.dumps({"address": address}))
        else:
            click.echo(_("Tidings runs at %(address)s  (Ctrl-C ends it)") % {"address": address})

    run_all(lambda sentence: click.echo(sentence, err=True), ready)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def setup(as_json: bool) -> None:
    """Bring tables, translations and static files up to date; for machines where systemd starts the processes."""
    with standing_database("tidings setup"):
        set_up()
    click.echo(json.dumps({"set_up": True}) if as_json else _("Everything is up to date."))


@click.command()
def web() -> None:
    """Serve the web pages."""
    from tidings.worker.web import serve  # here: the server's library is no other command's business

    serve()


@click.command()
def catcher() -> None:
    """Catch mail on this machine instead of sending it; the page "Caught mail" shows it."""
    from tidings.worker.catcher import catch  # here: the mail server's library is no other command's business

    catch()


@click.command()
def worker() -> None:
    """Do the jobs: timers, sealing, sweeps."""
    from tidings.kernel.jobs import run_worker  # here: what only this process needs

    run_worker()


COMMANDS: list[click.Command] = [run, setup, web, worker, catcher, db]
