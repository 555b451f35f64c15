"""The staff from the command line: the first administrator, a new link for somebody who is locked out, keys for programs."""

import json

import click
from django.urls import reverse
from django.utils.translation import gettext as _

from tidings.kernel.errors import Missing, TidingsError
from tidings.people import actions, queries, rules
from tidings.people.models import ApiKey, User
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


@click.group()
def key() -> None:
    """The keys that programs come in with."""


@key.command(name="make")
@click.option("--name", required=True, help="which program uses it, and where")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    help=f"may be given several times: {', '.join(sorted(rules.FOR_KEYS))}",
)
@click.option("--unit", "unit_name", default="", help="name of a unit; without it, headquarters")
@click.option("--days", default=365, show_default=True, help="how long it works")
@click.option("--per-minute", default=actions.PER_MINUTE, show_default=True, help="requests it may make")
@click.option("--json", "as_json", is_flag=True)
def make_key(
    name: str, scopes: tuple[str, ...], unit_name: str, days: int, per_minute: int, as_json: bool
) -> None:
    """Makes a key and prints it: this once, for it is kept nowhere."""
    actor = queries.command_actor("key make")
    unit = queries.unit_named(actor, unit_name) if unit_name else actions.headquarters(actor)
    made = actions.make_key(
        actor, name=name, scopes=scopes, unit_id=unit.pk, days=days, per_minute=per_minute
    )
    click.echo(json.dumps({"id": str(made.key.pk), "key": made.secret}) if as_json else made.secret)


@key.command(name="list")
@click.option("--revoked", is_flag=True, help="those that were revoked")
@click.option("--json", "as_json", is_flag=True)
def list_keys(revoked: bool, as_json: bool) -> None:
    """Lists the keys; never the keys themselves."""
    found = list(queries.keys(queries.command_actor("key list"), ended=revoked))
    if as_json:
        click.echo(json.dumps([_key(one) for one in found]))
        return
    for one in found:
        click.echo(
            "  ".join((one.name, one.unit.name, one.expires_at.date().isoformat(), " ".join(one.scopes)))
        )
    if not found:
        click.echo(_("There is no such key."))


@key.command(name="revoke")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True)
def revoke_key(name: str, as_json: bool) -> None:
    """Ends a key at once."""
    actor = queries.command_actor("key revoke")
    found = queries.keys(actor).filter(name__iexact=name).first()
    if found is None:
        raise Missing("people.no_such_key")
    actions.revoke_key(actor, found.pk)
    click.echo(json.dumps({"id": str(found.pk), "revoked": True}) if as_json else _("The key is revoked."))


def _key(one: ApiKey) -> dict[str, object]:
    use = getattr(one, "use", None)
    return {
        "id": str(one.pk),
        "name": one.name,
        "unit": one.unit.name,
        "scopes": one.scopes,
        "expires_at": one.expires_at.isoformat(),
        "used_at": use.used_at.isoformat() if use else None,
        "waits": one.confirmed_at is None,
    }


COMMANDS = [person, key]
