"""`tidings audit` and `tidings secrets`."""

import json

import click
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tidings.kernel import proof, rotation, secrets
from tidings.kernel.models import AuditLine

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

SENTENCES = {
    "changed": _("Line %(seq)s was changed."),
    "swapped": _("Lines %(seq)s and %(until)s were swapped."),
    "missing": _("Lines %(seq)s to %(until)s are missing."),
    "doubled": _("Line %(seq)s is there twice."),
    "cut": _("The end was cut: lines %(seq)s to %(until)s were sealed once and are gone."),
    "rewritten": _(
        "The lines up to %(seq)s are not those that were sealed: the chain was made anew, or the database restored."
    ),
    "facts_changed": _("The facts of line %(seq)s were changed."),
    "person_changed": _("What line %(seq)s says of a person was changed."),
}


@click.group()
def audit() -> None:
    """What was done, by whom, and the proof that it still stands as written."""


@audit.command()
@as_json
def verify(as_json: bool) -> None:
    """Proves the whole chain of audit lines. Exit code 1 names what was changed, is missing, was swapped or cut."""
    found = proof.verify()
    if as_json:
        click.echo(json.dumps(found.as_values()))
    else:
        _say(found)
    if found.faults:
        raise SystemExit(1)


@audit.command()
@click.option("--thing", help="Kind of thing, such as incident.")
@click.option("--id", "thing_id", help="Which one.")
@click.option("--limit", default=50, show_default=True, help="How many lines, newest first.")
@as_json
def show(thing: str | None, thing_id: str | None, limit: int, as_json: bool) -> None:
    """Lists audit lines, newest first."""
    for line in _lines(thing, thing_id)[:limit]:
        if as_json:
            click.echo(json.dumps(_values(line)))
        else:
            number = "unsealed" if line.seq is None else str(line.seq)
            who, what = f"{line.actor_kind}:{line.actor_ref}", f"{line.thing} {line.thing_id}"
            click.echo(
                f"{number:>9}  {line.at:%Y-%m-%d %H:%M:%S}Z  {who}  {line.verb}  {what}  {line.payload or ''}"
            )


@click.group("secrets")
def secrets_group() -> None:
    """The master key, which lies outside TIDINGS_HOME and every backup."""


@secrets_group.command()
@as_json
def status(as_json: bool) -> None:
    """Says where the key file is, which keys it holds and how many values still wait for the newest."""
    keys = [key.id.hex() for key in secrets.own_keys()]
    waiting = rotation.still_under_old_keys()
    if as_json:
        click.echo(
            json.dumps({"file": str(settings.TIDINGS_KEY_FILE), "keys": keys, "under_old_keys": waiting})
        )
        return
    click.echo(gettext("Key file: %(file)s") % {"file": settings.TIDINGS_KEY_FILE})
    click.echo(gettext("Keys, newest last: %(keys)s") % {"keys": " ".join(keys)})
    click.echo(gettext("Values still under an older key: %(values)s") % {"values": waiting})


@secrets_group.command()
@click.option(
    "--drop-old",
    is_flag=True,
    help="Afterwards remove the older keys from the file. Backups made before need them: keep a copy.",
)
@as_json
def rotate(drop_old: bool, as_json: bool) -> None:
    """Adds a new master key and seals everything again with it. Everybody signs in anew afterwards."""
    key = rotation.rotate()
    dropped = rotation.drop_old() if drop_old else []
    if as_json:
        click.echo(json.dumps({"key": key.id.hex(), "dropped": [old.id.hex() for old in dropped]}))
        return
    sentence = gettext("Everything is sealed with the key %(key)s now. Copy %(file)s to its safe place.")
    click.echo(sentence % {"key": key.id.hex(), "file": settings.TIDINGS_KEY_FILE})


def _say(found: proof.Proof) -> None:
    for fault in found.faults:
        click.echo(SENTENCES[fault.what] % {"seq": fault.seq, "until": fault.until}, err=True)
    if found.waiting:
        waiting = gettext("%(lines)s lines have waited over a minute to be sealed: is a worker running?")
        click.echo(waiting % {"lines": found.waiting}, err=True)
    result = gettext("%(lines)s lines looked at, %(faults)s faults. Head: %(head)s")
    facts = {"lines": found.lines, "faults": len(found.faults), "head": found.head or gettext("none yet")}
    click.echo(result % facts)


def _lines(thing: str | None, thing_id: str | None) -> QuerySet[AuditLine]:
    lines = AuditLine.objects.order_by("-id")
    if thing:
        lines = lines.filter(thing=thing)
    return lines.filter(thing_id=thing_id) if thing_id else lines


def _values(line: AuditLine) -> dict[str, object]:
    return {
        "id": str(line.id),
        "seq": line.seq,
        "at": line.at.isoformat(),
        "actor": f"{line.actor_kind}:{line.actor_ref}",
        "verb": line.verb,
        "thing": line.thing,
        "thing_id": line.thing_id,
        "facts": line.facts,
    }


COMMANDS = [audit, secrets_group]
