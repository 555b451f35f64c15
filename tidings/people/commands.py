"""The staff from the command line: the first administrator, and a new link for somebody who is locked out."""

import json

import click
from django.urls import reverse

from tidings.kernel.errors import TidingsError
from tidings.people import actions, queries
from tidings.people.models import User
from tidings.ui.words import say


@click.group()
def person() -> None:
    """The people who sign in."""


@person.command()
@click.option("--email", required=True, help="the address they sign in with")
@click.option("--name", required=True)
@click.option(
    "--role", "roles", multiple=True, required=True, help="may be given several times, e.g. administrator"
)
@click.option("--language", default="en", show_default=True)
@click.option("--time-zone", default="Europe/Amsterdam", show_default=True)
@click.option("--json", "as_json", is_flag=True)
def invite(
    email: str, name: str, roles: tuple[str, ...], language: str, time_zone: str, as_json: bool
) -> None:
    """Makes an account and prints the path of the link with which they set their password."""
    actor = queries.command_actor("person invite")
    try:
        user = actions.invite(
            actor,
            email=email,
            name=name,
            roles=roles,
            unit_id=actions.headquarters(actor).pk,
            language=language,
            time_zone=time_zone,
        )
        path = _link(user)
    except TidingsError as refused:
        raise click.ClickException(say(refused)) from None
    click.echo(json.dumps({"person": str(user.pk), "link": path}) if as_json else path)


@person.command()
@click.option("--email", required=True)
@click.option("--json", "as_json", is_flag=True)
def link(email: str, as_json: bool) -> None:
    """Prints the path of a new link with which somebody sets their password."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        raise click.ClickException("There is no account with this address.")
    try:
        path = _link(user)
    except TidingsError as refused:
        raise click.ClickException(say(refused)) from None
    click.echo(json.dumps({"person": str(user.pk), "link": path}) if as_json else path)


def _link(user: User) -> str:
    reference, token = actions.password_link(queries.command_actor("person link"), user.pk)
    return reverse("people:new_password", args=[reference, token])


COMMANDS = [person]
