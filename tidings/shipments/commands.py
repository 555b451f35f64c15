"""`tidings import`: customers, shipments and events from files, by a profile."""

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

import click

from tidings.kernel import files
from tidings.kernel.clock import now
from tidings.people.queries import command_actor
from tidings.shipments.actions import import_file
from tidings.shipments.actions.imports import ImportResult, Progress
from tidings.shipments.queries.imports import profiles
from tidings.shipments.sample import (
    CUSTOMERS_PROFILE,
    EVENTS_PROFILE,
    SHIPMENTS_PROFILE,
    write_day,
    write_sample,
)
from tidings.shipments.words import explain
from tidings.ui.words import label


@click.command("import")
@click.argument("kind", type=click.Choice(["customers", "shipments", "events"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--profile", required=True, help="A profile's name (see `tidings profiles`), or the path of a .toml file."
)
@click.option("--dry-run", is_flag=True, help="Read and merge, count, and change nothing.")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where rejected rows go; by default NAME.rejected.csv beside NAME.csv.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def import_(kind: str, file: Path, profile: str, dry_run: bool, rejects: Path | None, as_json: bool) -> None:
    """Import customers, shipments or events from FILE. The same file twice changes nothing."""
    began = time.monotonic()
    result = import_file(
        command_actor("import"), file, kind, profile, dry_run=dry_run, explain=explain,
        on_progress=None if as_json else _show,
    )  # fmt: skip
    seconds = time.monotonic() - began
    kept = _keep_rejects(result, rejects or file.with_name(f"{file.stem}.rejected{file.suffix}"))
    if as_json:
        facts = asdict(result) | {"run": str(result.run), "seconds": round(seconds, 1), "reject_file": kept}
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        _tell(result, seconds, kept)


@click.command("profiles")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def profiles_(as_json: bool) -> None:
    """List the import profiles: the shipped ones and the firm's own."""
    found = profiles()
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False))
        return
    for one in found:
        click.echo(f"{one.code:20} {one.kind:10} {one.name}")


@click.command("sample")
@click.argument("folder", type=click.Path(file_okay=False, writable=True, path_type=Path))
@click.option("--shipments", default=20_000, show_default=True, type=click.IntRange(1, 10_000_000))
@click.option("--day", is_flag=True, help="Also what comes in during a day of an incident there.")
@click.option("--seed", default=1, show_default=True, help="Another seed makes other rows.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def sample_(folder: Path, shipments: int, day: bool, seed: int, as_json: bool) -> None:
    """Write the made-up courier's files into FOLDER, to try imports with."""
    whole = write_day(folder, shipments, seed, now()) if day else None
    made = whole.sample if whole else write_sample(folder, shipments, seed, now())
    later = [*whole.grows, whole.shrinks] if whole else []
    if as_json:
        facts: dict[str, object] = {name: str(value) for name, value in asdict(made).items()}
        click.echo(json.dumps(facts | {"later": [str(path) for path in later]} if later else facts))
        return
    click.echo(f"bin/tidings import shipments {made.shipments} --profile {SHIPMENTS_PROFILE}")
    click.echo(f"bin/tidings import events {made.events} --profile {EVENTS_PROFILE}")
    click.echo(f"bin/tidings import customers {made.customers} --profile {CUSTOMERS_PROFILE}")
    click.echo(
        f"An incident at {made.place} from {made.from_at:%Y-%m-%dT%H:%MZ} until {made.until_at:%Y-%m-%dT%H:%MZ} affects many."
    )
    for path in later:
        click.echo(f"bin/tidings import events {path} --profile {EVENTS_PROFILE}")


def _keep_rejects(result: ImportResult, path: Path) -> str:
    if not result.reject_digest:
        return ""
    with path.open("wb") as out:
        for piece in files.stream(result.reject_digest):
            out.write(piece)
    return str(path)


def _show(progress: Progress) -> None:
    part = f"{100 * progress.bytes_read // progress.bytes_total} %" if progress.bytes_total else ""
    end = "\n" if progress.state == "merging" else ""
    click.echo(
        f"\r{label(f'import.{progress.state}')}: {progress.rows:,} rows {part}   {end}", nl=False, err=True
    )
    sys.stderr.flush()


def _tell(result: ImportResult, seconds: float, kept: str) -> None:
    click.echo(
        f"{result.rows:,} rows in {seconds:.1f} s: {result.created:,} created, {result.changed:,} changed, "
        f"{result.unchanged:,} unchanged, {result.rejected:,} rejected"
        + (" (dry run: nothing was changed)" if result.dry_run else "")
    )
    for thing, counted in result.things.items():
        if any(counted.values()):
            click.echo(
                f"  {label(f'thing.{thing}')}: "
                + ", ".join(f"{count:,} {word}" for word, count in counted.items() if count)
            )
    if result.left:
        click.echo(
            f"{result.left:,} customers of other units stand on these shipments; their details stay as they were."
        )
    if kept:
        click.echo(
            f"The rejected rows are in {kept}, each with its line and reason: mend and import it again."
        )


COMMANDS = [import_, profiles_, sample_]
