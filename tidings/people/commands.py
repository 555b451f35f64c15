"""The staff from the command line: the first administrator, and a new link for somebody who is locked out."""

import json

import click
from django.urls import reverse
from django.utils.translation import gettext as _

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
    user = _by_address(email)
    try:
        path = _link(user)
    except TidingsError as refused:
        raise click.ClickException(say(refused)) from None
    click.echo(json.dumps({"person": str(user.pk), "link": path}) if as_json else path)


@person.command()
@click.option("--email", required=True, help="whose account ends")
@click.option("--successor", default="", help="the address of who takes over what they have in hand")
@click.option("--json", "as_json", is_flag=True)
def end(email: str, successor: str, as_json: bool) -> None:
    """Ends an account at once; what the person has in hand goes to the successor."""
    leaving, taking = _by_address(email), _by_address(successor) if successor else None
    try:
        user = actions.end_account(
            queries.command_actor("person end"), leaving.pk, taking.pk if taking else None
        )
    except TidingsError as refused:
        raise click.ClickException(say(refused)) from None
    click.echo(json.dumps({"person": str(user.pk), "ended": True}) if as_json else _("The account is ended."))


def _by_address(email: str) -> User:
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        raise click.ClickException("There is no account with this address.")
    return user


def _link(user: User) -> str:
    reference, token = actions.password_link(queries.command_actor("person link"), user.pk)
    return reverse("people:new_password", args=[reference, token])


COMMANDS = [person]
