"""Sending on the command line: what is paused and why, pause it, let it go again."""

import json
import sys
from dataclasses import asdict
from datetime import UTC
from typing import Any
from uuid import UUID

import click
from django.utils.translation import gettext as _

from tidings.messaging import actions, queries
from tidings.messaging.actions.services import read_webhook_secret
from tidings.people.queries import command_actor
from tidings.ui.words import label

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.group()
def messages() -> None:
    """See what is paused, pause sending, and resume it; the secrets of webhooks."""


@messages.command()
@AS_JSON
def paused(as_json: bool) -> None:
    """List what is paused: since when, why, how many wait."""
    found = queries.paused(command_actor("messages paused"))
    if as_json:
        click.echo(json.dumps([_values(one) for one in found]))
    else:
        _show(found)


@messages.command()
@click.option("--message", type=click.UUID, help="Only this message; without it, everything.")
@click.option("--why", default="", help="A few words for whoever resumes it.")
@AS_JSON
def pause(message: UUID | None, why: str, as_json: bool) -> None:
    """Pause sending until somebody resumes it. Mails that are under way in this second still arrive."""
    actor = command_actor("messages pause")
    made = actions.pause_sending(actor, message_id=message, why=why)
    found = [one for one in queries.paused(actor) if one.id in made]
    if as_json:
        click.echo(json.dumps([_values(one) for one in found]))
    else:
        _show(found)


@messages.command()
@click.argument("pauses", nargs=-1, type=click.UUID)
@click.option("--yes", is_flag=True, help="Do not ask: let go what the list shows.")
@AS_JSON
def resume(pauses: tuple[UUID, ...], yes: bool, as_json: bool) -> None:
    """Show what is paused and how many wait, ask, then let it go: the PAUSES named, or all."""
    actor = command_actor("messages resume")
    found = [one for one in queries.paused(actor) if not pauses or one.id in pauses]
    missing = set(pauses) - {one.id for one in found}
    if missing:
        raise click.ClickException(_("There is no such pause, or it has ended."))
    if not as_json:
        _show(found)
    if found and not yes:
        if as_json or not sys.stdin.isatty():
            raise click.ClickException(_("Nothing was resumed. Give --yes to let it go."))
        click.confirm(_("Let it go?"), abort=True, err=True)
    for one in found:
        actions.resume_sending(actor, one.id, seen=one.waiting)
    if as_json:
        click.echo(json.dumps({"resumed": [_values(one) for one in found]}))
    elif found:
        click.echo(_("Resumed. What was uncertain goes out under the same Message-ID as before."))


@messages.command("webhook-secret")
@click.argument("service")
@click.argument("address")
def webhook_secret(service: str, address: str) -> None:
    """Print the secret by which the owner of ADDRESS checks webhooks of SERVICE (its name here). Hand it over once, safely."""
    click.echo(read_webhook_secret(command_actor("messages webhook-secret"), service, address))


def _show(found: list[queries.Paused]) -> None:
    for one in found:
        click.echo(
            _("%(scope)s %(what)s: paused since %(at)s by %(by)s (%(reason)s). %(id)s")
            % {
                "scope": label(f"message.scope.{one.scope}"),
                "what": one.what,
                "at": f"{one.at.astimezone(UTC):%Y-%m-%d %H:%M}Z",
                "by": one.by,
                "reason": ": ".join(filter(None, [label(f"message.pause.{one.reason}"), one.detail])),
                "id": one.id,
            }
        )
        click.echo(
            _("  %(waiting)s wait; %(uncertain)s of them may have gone out already.")
            % {"waiting": one.waiting, "uncertain": one.uncertain}
        )
    if not found:
        click.echo(_("Nothing is paused."))


def _values(one: queries.Paused) -> dict[str, Any]:
    until = one.until.isoformat() if one.until else None
    return {**asdict(one), "id": str(one.id), "at": one.at.isoformat(), "until": until}


COMMANDS = [messages]
