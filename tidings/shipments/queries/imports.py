"""Import runs and profiles, as pages and commands read them."""

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from tidings.kernel.errors import Missing
from tidings.shipments.models import EventSource, ImportRun, Profile

_SHIPPED = Path(__file__).parents[1] / "importers" / "profiles"


@dataclass(frozen=True, slots=True)
class ProfileChoice:
    """A profile to choose: its code, what it calls itself, its kind, and whether it ships with Tidings."""

    code: str
    name: str
    kind: str
    shipped: bool


def profiles() -> list[ProfileChoice]:
    """Every profile, the firm's own in place of a shipped one of the same code."""
    found = {path.stem: (path.read_text("utf-8"), True) for path in sorted(_SHIPPED.glob("*.toml"))}
    found |= {row.code: (row.text, False) for row in Profile.objects.order_by("code")}
    heads = [(code, tomllib.loads(text), shipped) for code, (text, shipped) in sorted(found.items())]
    return [ProfileChoice(code, one.get("name", code), one["kind"], shipped) for code, one, shipped in heads]


def profile_text(code: str) -> str:
    """The text of the firm's own profile, else of the shipped one. Raises Missing when there is none."""
    own = Profile.objects.filter(code=code).values_list("text", flat=True).first()
    if own is not None:
        return own
    shipped = _SHIPPED / f"{code}.toml"
    if shipped.parent != _SHIPPED or not shipped.is_file():
        raise Missing("shipments.no_such_profile", profile=code)
    return shipped.read_text("utf-8")


def profile_digest(code: str) -> str:
    """Names the text that a profile has now; empty when there is none."""
    try:
        return digest_of(profile_text(code))
    except Missing:
        return ""


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def import_run(run_id: UUID) -> ImportRun:
    """One import run, with how far it is and what came of it. Raises Missing."""
    run = ImportRun.objects.filter(id=run_id).first()
    if run is None:
        raise Missing("shipments.no_such_import")
    return run


def freshness() -> list[tuple[str, datetime]]:
    """Each source of events and when it last sent any, longest silent first."""
    return list(EventSource.objects.order_by("received_at").values_list("source", "received_at"))
