"""`tidings demo`: the main job on real input without a browser, with the processes it needs when none is running.

It stands here and not in `home`, whose steps it calls, because it starts the database, the catcher and the sender.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tidings.home import demo as job
from tidings.incidents.commands import moment
from tidings.kernel import postgres
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Refused
from tidings.people.actions import leave_demo
from tidings.people.queries import command_actor
from tidings.ui.templatetags.tidings import language_name_local
from tidings.ui.words import label
from tidings.worker import home as folder
from tidings.worker.first_start import first_start, is_local
from tidings.worker.setup import set_up
from tidings.worker.standing import is_embedded

_NEEDED = ("catcher", "sender")


@click.group(invoke_without_command=True)
@click.option(
    "--file", "file", type=click.Path(path_type=Path), help="The file to import; without it, a sample."
)
@click.option("--profile", default="", help="How to read it: a name such as scms, or the path of a profile.")
@click.option(
    "--shipments",
    default=job.DEFAULT_SHIPMENTS,
    show_default=True,
    type=click.IntRange(1, 10_000_000),
    help="How large the sample is.",
)
@click.option("--place", default="", help="Where the incident is; without it, where most goods are.")
@click.option("--from", "window_from", help="Since when: 2026-11-22T05:55.")
@click.option("--until", "window_until", help="Until when; without it, still going on.")
@click.option(
    "--to",
    "last",
    default=job.STORY[-1],
    show_default=True,
    type=click.Choice(job.STORY),
    help="The last message that is sent.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def demo(
    context: click.Context,
    file: Path | None,
    profile: str,
    shipments: int,
    place: str,
    window_from: str | None,
    window_until: str | None,
    last: str,
    as_json: bool,
) -> None:
    """Import, open an incident, find the affected, tell them from first notice to closing, and say what happened."""
    if context.invoked_subcommand:
        return
    source = _source(file, profile, shipments)
    with _installation() as others_run:
        actor = command_actor("demo")
        job.require_demo()
        if not is_local():
            raise Refused("installation.demo_is_local", names=settings.ENVIRONMENT.TIDINGS_BIND)
        cast = first_start(demo=True)
        asked = job.Where(place, _at(window_from), _at(window_until))
        done = job.Demo()
        _say(_("Importing …"))
        found = job.import_source(actor, source, done)
        _say(_("Opening an incident and finding the affected …"))
        job.open_incident(actor, asked if asked.place else found, done)
        with contextlib.nullcontext() if others_run else _processes():
            _tell(actor, done, last)
        job.take_stock(actor, done)
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    for line in _story(done):
        click.echo(line)
    if cast:
        click.echo(
            _("A demo firm was made. Sign in as one of its people; these passwords are shown only now:")
        )
    for member in cast:
        click.echo(f"  {member.email:28} {member.password}   {member.name}, {label(member.role)}")


def _tell(actor: Actor, done: job.Demo, last: str) -> None:
    """The messages of the story up to the last one, each once the one before it was handed over."""
    for phase in job.STORY[: job.STORY.index(last) + 1]:
        _say(_("Sending: %(phase)s …") % {"phase": label(f"incident.phase.{phase}")})
        job.send_message(actor, done, phase)
        job.wait_until_handed_over(done, phase, lambda left: _say(_("%(left)s left") % {"left": left}))


def _source(file: Path | None, profile: str, shipments: int) -> job.Source:
    if profile and file is None:
        raise Refused("demo.profile_needs_file")
    if file is not None and not profile:
        raise Refused("demo.file_needs_profile")
    if file is not None and not file.is_file():
        raise Refused("demo.no_file", file=str(file))
    return job.Source(file, profile, shipments)


@demo.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def leave(as_json: bool) -> None:
    """End the demo: its invented people can no longer sign in, and a relay may be set."""
    with _installation():
        ended = leave_demo(command_actor("demo leave"))
    click.echo(
        json.dumps({"accounts_ended": ended})
        if as_json
        else _(
            "The demo has ended; %(ended)s accounts with it. Invite the first administrator with tidings person invite."
        )
        % {"ended": ended}
    )


@contextlib.contextmanager
def _installation() -> Iterator[bool]:
    """The tables of a database of the firm's own, up to date; the embedded one is already. Gives whether `tidings run` is there,
    which sends and catches by itself."""
    running = _is_running()
    if not running and not is_embedded():
        set_up()
    yield running


def _is_running() -> bool:
    try:
        with folder.claimed(settings.HOME, "tidings demo"):
            return False
    except Refused as taken:
        if taken.code != "run.running":
            raise
        return taken.facts["process"] != str(
            os.getpid()
        )  # this command itself holds it where it started the database


@contextlib.contextmanager
def _processes() -> Iterator[None]:
    """The catcher and the sender, for as long as this command needs them; ended with it, also when it is killed."""
    logs = settings.HOME / "log"
    logs.mkdir(parents=True, exist_ok=True)
    started = []
    try:
        for name in _NEEDED:
            with (logs / f"{name}.log").open("ab") as out:
                started.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "tidings", name],
                        env={**os.environ, "TIDINGS_HOME": str(settings.HOME)},
                        cwd=Path(__file__).resolve().parents[2],
                        stdin=subprocess.DEVNULL,
                        stdout=out,
                        stderr=out,
                        preexec_fn=postgres.dies_with_parent(postgres.TERM),
                    )
                )
        yield
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _story(done: job.Demo) -> Iterator[str]:
    seconds = done.seconds
    yield _(
        "Imported %(shipments)s shipments of %(customers)s customers in %(seconds)s s; %(rejected)s rows rejected."
    ) % {
        "shipments": done.shipments,
        "customers": done.customers,
        "seconds": seconds["import"],
        "rejected": done.rejected_rows,
    }
    yield _(
        "%(number)s touches %(shipments)s shipments of %(customers)s customers, found in %(seconds)s s."
    ) % {
        "number": done.incident,
        "shipments": done.affected_shipments,
        "customers": done.affected_customers,
        "seconds": seconds["find"],
    }
    for phase, languages in done.messages.items():
        said = _(", ").join(f"{language_name_local(code)} {number}" for code, number in languages.items())
        yield _("%(phase)s: %(said)s; handed over in %(seconds)s s.") % {
            "phase": label(f"incident.phase.{phase}"),
            "said": said,
            "seconds": seconds.get(job.hand_over(phase), 0),
        }
        parts = {name: number for name, number in done.reach[phase].items() if name != "total"}
        total = done.reach[phase]["total"]
        said_parts = [f"{label(f'message.part.{name}')} {number}" for name, number in parts.items()]
        said_parts.append(ngettext("%(number)s in all", "%(number)s in all", total) % {"number": total})
        yield "  " + _(", ").join(said_parts)


def _at(text: str | None) -> datetime | None:
    return moment(text) if text else None


def _say(sentence: str) -> None:
    click.echo(sentence, err=True)
