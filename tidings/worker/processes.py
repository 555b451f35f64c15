"""The processes as commands. Each process has a file of its own beside this one; what another command needs is not loaded here."""

import json
from dataclasses import asdict

import click
from django.utils.translation import gettext as _

from tidings.ui.words import label
from tidings.worker.first_start import SignIn, first_start
from tidings.worker.run import run as run_all
from tidings.worker.setup import set_up
from tidings.worker.standing import standing_database


@click.command()
@click.option("--demo/--no-demo", default=True, help="Make an empty installation a demo firm (the default).")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON once it is ready.")
def run(demo: bool, as_json: bool) -> None:
    """Set up and run everything: database, pages, worker, sender and mail catcher, until Ctrl-C."""
    cast: list[SignIn] = []

    def prepare() -> None:
        cast.extend(first_start(demo=demo))
        if cast and not as_json:  # at once: nobody can show them a second time
            _show(cast)
        if cast:
            from tidings.home.demo import furnish  # here: only a first start needs the whole house

            furnish()

    def ready(address: str) -> None:
        if as_json:
            click.echo(json.dumps({"address": address, "sign_in": [asdict(one) for one in cast]}))
        else:
            click.echo(_("Tidings runs at %(address)s  (Ctrl-C ends it)") % {"address": address})

    run_all(lambda sentence: click.echo(sentence, err=True), ready, prepare)


def _show(cast: list[SignIn]) -> None:
    click.echo(_("A demo firm was made. Sign in as one of its people; these passwords are shown only now:"))
    wide = max(len(one.email) for one in cast)
    for one in cast:
        click.echo(f"  {one.email:{wide}}  {one.password}  {label(one.role)}")


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
def doors() -> None:
    """Listen for mail that your own mail server hands over (LMTP)."""
    from tidings.worker.doors import attend  # here: what only this process needs

    attend()


@click.command()
def sender() -> None:
    """Send what is planned: lease, send, record; exactly what the ledger releases."""
    from tidings.worker.sender import send  # here: what only this process needs

    send()


@click.command()
def worker() -> None:
    """Do the jobs: timers, sealing, sweeps."""
    from tidings.kernel.jobs import run_worker  # here: what only this process needs

    run_worker()


PROCESSES: dict[str, click.Command] = {
    str(command.name): command for command in (run, setup, web, worker, sender, catcher, doors)
}
