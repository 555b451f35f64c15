"""Incidents on the command line: open one, see whom it touches, tell them, see who has heard.

Progress goes to standard error; what is asked for to standard output, with `--json` as one object.
"""

import json
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tidings.customers.rules import language_code
from tidings.incidents import actions, forms, queries, rules
from tidings.incidents.composer import composer
from tidings.incidents.models import Incident
from tidings.incidents.words import shipments_of_customers
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.kernel.installation import firm_time_zone
from tidings.messaging import queries as messaging
from tidings.messaging.rules.content import PhaseReach
from tidings.people.queries import command_actor
from tidings.ui.moments import Counted
from tidings.ui.words import label

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.group()
def incident() -> None:
    """Open incidents, find the affected, tell them, and see who has heard."""


@incident.command(name="open")
@click.option("--kind", required=True, help="What kind: delay, accident, weather, theft …")
@click.option("--place", required=True, help="Code of a hub, a UN/LOCODE or a country.")
@click.option(
    "--from",
    "window_from",
    required=True,
    help="Since when: 2026-11-22T05:55, in the firm's zone unless given.",
)
@click.option("--until", "window_until", help="Until when; without it, still going on.")
@click.option("--title", default="", help="What people call it.")
@click.option(
    "--severity", default="", help="low, medium, high or critical; without it, as the table proposes."
)
@click.option("--detected", help="When somebody first noticed it; without it, now.")
@click.option("--drill", is_flag=True, help="An exercise: nobody outside hears of it.")
@click.option("--users", multiple=True, help="A service whose users are affected too: portal, link …")
@click.option("--pickups", multiple=True, help="A place whose standing pick-ups are affected too.")
@AS_JSON
def open_(
    kind: str,
    place: str,
    window_from: str,
    window_until: str | None,
    title: str,
    severity: str,
    detected: str | None,
    drill: bool,
    users: tuple[str, ...],
    pickups: tuple[str, ...],
    as_json: bool,
) -> None:
    """Open an incident and find its affected."""
    actor = command_actor("incident open")
    report = actions.Report(
        kind=kind,
        place=place,
        window_from=moment(window_from),
        window_until=moment(window_until) if window_until else None,
        title=title,
        severity=severity,
        detected_at=moment(detected) if detected else None,
        drill=drill,
        origin="command",
        users=users,
        pickups=pickups,
    )
    opened = queries.incident(actor, actions.open_incident(actor, report))
    reasons = queries.counts_by_reason(actor, opened)
    if as_json:
        found = {"affected": [_reason(reason) for reason in reasons]}
        alone = {"without_shipment": queries.without_shipment(actor, opened)}
        click.echo(json.dumps(_incident(opened) | found | alone))
        return
    click.echo(_opened(opened))
    _print_reasons(reasons)


def _opened(one: Incident) -> str:
    return _("%(number)s is open, graded %(severity)s; the first notice is due %(due)s.") % {
        "number": one.number,
        "severity": label(f"incident.severity.{one.severity}"),
        "due": _local(one.first_notice_by),
    }


@incident.command(name="correct")
@click.argument("number")
@click.option("--kind", help="What kind it is after all.")
@click.option("--detected", help="When somebody first noticed it after all.")
@click.option("--reason", required=True, help="Why what was reported is wrong.")
@AS_JSON
def correct(number: str, kind: str | None, detected: str | None, reason: str, as_json: bool) -> None:
    """Correct the kind of an incident, or when it was first noticed."""
    actor = command_actor("incident correct")
    what = actions.What(kind, moment(detected) if detected else None)
    actions.correct_what(actor, queries.incident(actor, number).pk, what, reason)
    one = queries.incident(actor, number)
    click.echo(json.dumps(_incident(one)) if as_json else _opened(one))


@incident.command(name="list")
@click.option("--all", "every", is_flag=True, help="Closed ones too.")
@AS_JSON
def list_(every: bool, as_json: bool) -> None:
    """List incidents, newest first."""
    actor = command_actor("incident list")
    found = queries.incidents(actor, queries.Filter(state="" if every else "open"))
    if as_json:
        click.echo(json.dumps([_incident(one) for one in found]))
        return
    for one in found:
        title = forms.title_of(one, queries.place_name(one.place))
        words = (
            one.number,
            label(f"incident.severity.{one.severity}"),
            label(f"incident.state.{one.state}"),
            title,
        )
        click.echo("  ".join(words))
    if not found:
        click.echo(_("No incident is open."))


@incident.command()
@click.argument("number")
@AS_JSON
def affected(number: str, as_json: bool) -> None:
    """Ask again whom an incident touches, and count them by reason."""
    actor = command_actor("incident affected")
    one = queries.incident(actor, number)
    found = actions.find_affected(actor, one.pk)
    reasons = queries.counts_by_reason(actor, one)
    alone = queries.without_shipment(actor, one)
    if as_json:
        whole = {"number": one.number, "shipments": found.shipments, "customers": found.customers}
        whole["without_shipment"] = alone
        news = {"came": found.came, "went": found.went, "reasons": [_reason(reason) for reason in reasons]}
        click.echo(json.dumps(whole | news))
        return
    click.echo(
        _("Affected: %(affected)s; came in: %(came)s, left: %(went)s.")
        % {
            "affected": shipments_of_customers(Counted(found.shipments), Counted(found.customers)),
            "came": Counted(found.came),
            "went": Counted(found.went),
        }
    )
    if alone:
        without = ngettext(
            "%(customers)s customer without a shipment.", "%(customers)s customers without a shipment.", alone
        )
        click.echo(without % {"customers": Counted(alone)})
    _print_reasons(reasons)


@incident.command()
@click.argument("number")
@click.argument("phase")
@click.option(
    "--facts", "facts_file", type=click.Path(path_type=Path), help="Sentences per language, as TOML or JSON."
)
@click.option(
    "--corrects",
    type=click.UUID,
    help="For a correction: the message that it puts right, as `--json` names it.",
)
@click.option(
    "--completes",
    is_flag=True,
    help="Only to those who still wait for the sent message in a language that it did not go in.",
)
@AS_JSON
def send(
    number: str,
    phase: str,
    facts_file: Path | None,
    corrects: UUID | None,
    completes: bool,
    as_json: bool,
) -> None:
    """Tell the affected: first_notice, update, restored or closing; correction, all_clear or briefing. A holding notice is a person's own decision, on the page."""
    actor = command_actor("incident send")
    one = queries.incident(actor, number)
    if phase not in rules.SENT_PHASES:
        raise Refused("incident.phase_unknown", phase=phase)
    facts = read_facts(facts_file) if facts_file else None
    if completes:
        outcome = actions.complete_phase(actor, one.pk, queries.awaited(one, phase, now()), facts)
    else:
        outcome = actions.tell_phase(actor, one.pk, phase, facts, corrects=corrects)
    if as_json:
        missing = [kind for kind in messaging.approvals_missing(outcome.message_id) if kind]
        waits = {"waits_for_approval": outcome.sent is None, "approvals_missing": missing}
        which = {"number": one.number, "phase": phase, "message": str(outcome.message_id)}
        click.echo(
            json.dumps({**which, "sent_to": outcome.sent, "already_told": outcome.already_told, **waits})
        )
        return
    if outcome.sent is None:
        size = composer(actor, one, phase, now()).contacts
        said = _(
            "Written for %(contacts)s contacts. It waits for a person’s approval on the page of %(number)s."
        )
        click.echo(said % {"contacts": size, "number": one.number})
        return
    click.echo(_("On its way to %(contacts)s contacts.") % {"contacts": outcome.sent})
    if outcome.already_told:
        said = _("%(contacts)s more are left out: another message had just told them the same.")
        click.echo(said % {"contacts": outcome.already_told})


@incident.command()
@click.argument("number")
@AS_JSON
def reach(number: str, as_json: bool) -> None:
    """Show who has heard, phase by phase; the figures add up."""
    actor = command_actor("incident reach")
    one = queries.incident(actor, number)
    phases = queries.reach(one, now())
    if as_json:
        click.echo(
            json.dumps({"number": one.number, "reach": {phase.phase: reach_json(phase) for phase in phases}})
        )
        return
    if not phases:
        click.echo(_("Nobody has been told yet."))
    for phase in phases:
        click.echo(
            _(
                "%(phase)s: %(in_time)s in time, %(late)s late, %(under_way)s under way, %(overdue)s overdue, "
                "%(unreachable)s unreachable: together %(total)s."
            )
            % {**reach_json(phase), "phase": label(f"incident.phase.{phase.phase}")}
        )


@incident.command()
@click.argument("number")
@click.option("--language", default="en", help="Language of the answers: en, nl, zh-hans …")
@click.option("--public", is_flag=True, help="Only those that customers may read.")
@AS_JSON
def questions(number: str, language: str, public: bool, as_json: bool) -> None:
    """Show what customers ask about an incident, and what we answer."""
    one = queries.incident(command_actor("incident questions"), number)
    zone = str(firm_time_zone())
    found = queries.answers_to(one, language_code(language), zone, now(), only_public=public)
    if as_json:
        rows = [
            {"code": said.code, "language": said.language, "question": said.question}
            | {"answer": "\n\n".join(said.paragraphs), "public": said.public}
            for said in found
        ]
        click.echo(json.dumps({"number": one.number, "questions": rows}))
        return
    for said in found:
        click.echo("\n\n".join([said.question, *said.paragraphs, ""]))


def moment(text: str) -> datetime:
    """A moment as written on the command line; without an offset it is in the firm's own zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused("incident.time_unreadable", value=text) from None
    return at if at.tzinfo else at.replace(tzinfo=firm_time_zone())


def read_facts(path: Path) -> dict[str, dict[str, str]]:
    """Language to sentences, from a TOML or JSON file. Raises Refused("incident.facts_unreadable")."""
    try:
        text = path.read_text("utf-8")
        loaded: Any = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, UnicodeError, ValueError) as wrong:
        reason = wrong.strerror if isinstance(wrong, OSError) else str(wrong)
        raise Refused("incident.facts_unreadable", file=str(path), why=reason) from None
    if not isinstance(loaded, dict) or not all(isinstance(told, dict) for told in loaded.values()):
        raise Refused(
            "incident.facts_unreadable", file=str(path), why=_("each language needs a table of its own")
        )
    return {
        language_code(str(code)): {fact: str(said) for fact, said in told.items()}
        for code, told in loaded.items()
    }


def reach_json(phase: PhaseReach) -> dict[str, object]:
    """The figures of one phase as plain values."""
    names = (
        "in_time",
        "late",
        "under_way",
        "overdue",
        "unreachable",
        "total",
        "presumed",
        "delivered",
        "confirmed",
    )
    languages = {
        code: {"reached": one.reached, "total": one.total} for code, one in phase.by_language.items()
    }
    return {name: getattr(phase, name) for name in names} | {"by_language": languages}


def _incident(one: Any) -> dict[str, Any]:
    moments = {
        name: at.isoformat() if (at := getattr(one, name)) else None
        for name in (
            "detected_at",
            "window_from",
            "window_until",
            "first_notice_by",
            "first_notice_at",
            "next_update_by",
        )
    }
    return {
        name: getattr(one, name) for name in ("number", "title", "kind", "severity", "state", "place")
    } | moments


def _reason(reason: Any) -> dict[str, Any]:
    return {name: getattr(reason, name) for name in ("why", "certainty", "shipments", "customers", "effect")}


def _print_reasons(reasons: list[Any]) -> None:
    for reason in reasons:
        click.echo(
            _("  %(why)s: %(affected)s, %(effect)s")
            % {
                "why": label(f"incident.why.{reason.why}"),
                "affected": shipments_of_customers(Counted(reason.shipments), Counted(reason.customers)),
                "effect": label(f"incident.effect.{reason.effect}"),
            }
        )


def _local(at: datetime) -> str:
    return f"{at.astimezone(firm_time_zone()):%Y-%m-%d %H:%M %Z}"


COMMANDS: list[click.Command] = [incident]
