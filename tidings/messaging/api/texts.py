"""Texts for programs: what is ready per kind, phase and language, its versions with their differences, writing and going back.

Approving beforehand is a person's, on the page; a program asks for it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Schema
from pydantic import StringConstraints

from tidings.kernel.errors import Missing, Refused
from tidings.messaging import actions, queries
from tidings.messaging.api.routes import router
from tidings.messaging.rules.checking import oddities
from tidings.messaging.rules.content import CONTRACTS
from tidings.messaging.rules.difference import changes
from tidings.messaging.rules.template import read_template
from tidings.ui.requests import StaffRequest
from tidings.ui.shapes import Page, Paging, Problem, Word, cut_page, example

Source = Annotated[str, StringConstraints(max_length=100_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$")]
Code = Annotated[str, StringConstraints(max_length=60, pattern=r"^[A-Za-z0-9_-]+$")]
_AT = "/texts/{kind}/{phase}/{language}"


class TextOut(Schema):
    """One text. `state` is `shipped`, `own`, `general` (changed through the firm's own general text) or `older` (the firm's own, and the
    shipped one has changed since); `approved`, that a person approved these words beforehand; `asked`, that somebody waits for it."""

    kind: str
    phase: str
    language: str
    state: str
    approved: bool
    asked: bool
    digest: str


class PartOut(Schema):
    """Words that are the `same`, `gone` or `new`."""

    how: str
    words: str


class ChangedOut(Schema):
    """One header or block that differs, in reading order."""

    name: str
    parts: list[PartOut]


class VersionOut(Schema):
    """One version that the firm wrote; `shipped` says that it went back to the shipped text. `author` is a reference such as
    `person:<id>` or `key:<id>`."""

    id: UUID
    written_at: datetime
    author: str
    shipped: bool
    in_force: bool
    approved_by: str | None
    approved_at: datetime | None


class WholeTextOut(TextOut):
    """A text with its words, the shipped words (null where none were shipped), what differs from them, what a reader would stumble
    over (fact or header to the reasons), and the firm's versions, newest first."""

    source: str
    shipped_source: str | None
    since_shipped: list[ChangedOut]
    odd: dict[str, list[str]]
    versions: list[VersionOut]


class WholeVersionOut(VersionOut):
    """A version with its words, and what differs from those it began from (null where they were not kept) and from the shipped ones."""

    source: str
    since_before: list[ChangedOut] | None
    since_shipped: list[ChangedOut]


class TextIn(Schema):
    """The whole text in its own form, and the `digest` of the one that was read: 409 when somebody changed it since."""

    source: Source
    seen_digest: Word

    model_config = example(
        source="subject: {your_shipments}: fire at {place}\nshort: {firm}: fire at {place}.\n\n[what_happened]\nA fire broke out at {place}.\n",
        seen_digest="3b0c…",
    )


class BackIn(Schema):
    """The version to go back to; null is the shipped text."""

    version: UUID | None = None
    seen_digest: Word

    model_config = example(version=None, seen_digest="3b0c…")


class AskIn(Schema):
    """The `digest` of the words that are to be approved: 409 when the text says something else by now."""

    digest: Word

    model_config = example(digest="3b0c…")


@router.get("/texts", response=Page[TextOut], summary="List texts")
def texts(
    request: StaffRequest,
    paging: Query[Paging],
    kind: Word = "",
    phase: Word = "",
    language: Word = "",
    state: Word = "",
) -> dict[str, Any]:
    """By kind, the general one first; `state` also takes `approved` and `unapproved`. Needs message.read."""
    shelf = queries.text_shelf(request.actor, phase=phase, kind=kind, state=state)
    asked = queries.asked_digests()
    found = [
        _text(one, asked)
        for shelved in shelf
        for one in shelved.texts
        if one.is_in(state) and language in ("", one.text.language) and phase in ("", one.text.phase)
    ]
    first = (paging.page - 1) * paging.per_page
    shown = cut_page(found[first : first + paging.per_page + 1], paging)
    return {"items": shown.rows, "page": shown.page, "has_next": shown.has_next, "total": len(found)}


@router.get(_AT, response=WholeTextOut, summary="One text, its versions and differences")
def text(request: StaffRequest, kind: Code, phase: Code, language: Code) -> dict[str, Any]:
    """Needs message.read."""
    request.actor.require("message.read")
    return _whole(request, kind, phase, language)


@router.get(_AT + "/versions/{version_id}", response=WholeVersionOut, summary="One version of a text")
def version(
    request: StaffRequest, kind: Code, phase: Code, language: Code, version_id: UUID
) -> dict[str, Any]:
    """Needs message.read."""
    one = queries.version(request.actor, kind, phase, language, version_id)
    shipped = queries.shipped_text(kind, phase, language)
    words = one.text or shipped
    if words is None:
        raise Missing("messaging.no_text", kind=kind, phase=phase)
    return {
        **_version(one),
        "source": words.source,
        "since_before": _since(one.row.began_source, words.source) if one.row.began_source else None,
        "since_shipped": _since(shipped.source, words.source) if shipped else [],
    }


@router.put(_AT, response=WholeTextOut, summary="Write the firm's own text")
def write(request: StaffRequest, kind: Code, phase: Code, language: Code, given: TextIn) -> dict[str, Any]:
    """Checked as on the page; a slot that nothing fills is refused, and `facts.where` says where it stands. A person must approve it
    before it goes without a second look. Only a key of headquarters. Needs text.change, and message.read for what it answers."""
    request.actor.require("message.read")
    actions.set_text(request.actor, kind, phase, language, given.source, seen_digest=given.seen_digest)
    return _whole(request, kind, phase, language)


@router.post(_AT + "/back", response=WholeTextOut, summary="Go back to an older text")
def back(request: StaffRequest, kind: Code, phase: Code, language: Code, given: BackIn) -> dict[str, Any]:
    """To a version of the firm's own, with its approval, or to the shipped text, which is followed from then on. Needs text.change, and
    message.read for what it answers."""
    request.actor.require("message.read")
    actions.take_back_text(request.actor, kind, phase, language, given.version, seen_digest=given.seen_digest)
    return _whole(request, kind, phase, language)


@router.post(_AT + "/ask", response=WholeTextOut, summary="Ask to approve a text beforehand")
def ask(request: StaffRequest, kind: Code, phase: Code, language: Code, given: AskIn) -> dict[str, Any]:
    """It stands on the worklist of whoever may approve it until somebody does, or the text changes. Twice is no error. Needs
    text.change, and message.read for what it answers."""
    request.actor.require("message.read")
    actions.ask_for_text(request.actor, kind, phase, language, given.digest)
    return _whole(request, kind, phase, language)


@router.post(
    _AT + "/approvals", response={403: Problem}, summary="Approve beforehand: refused, a person does it"
)
def approve(request: StaffRequest, kind: Code, phase: Code, language: Code) -> None:  # noqa: ARG001
    """A person who signed in as themselves approves, on the page of the text."""
    raise Refused("api.people_approve", number=f"{kind}/{phase}.{language}")


def _whole(request: StaffRequest, kind: str, phase: str, language: str) -> dict[str, Any]:
    found = queries.texts_for(kind, phase).get(language) if phase in CONTRACTS else None
    if found is None:
        raise Missing("messaging.no_text", kind=kind, phase=phase)
    shipped = queries.shipped_text(kind, phase, language)
    approved = queries.is_approved_beforehand(kind, phase, language, found.digest)
    versions = queries.versions(request.actor, kind, phase, language)
    return {
        **_text(queries.Shelved(found, approved), queries.asked_digests()),
        "source": found.source,
        "shipped_source": shipped.source if shipped else None,
        "since_shipped": _since(shipped.source, found.source) if shipped else [],
        "odd": oddities(read_template(found.source), kind, language),
        "versions": [_version(one) for one in versions],
    }


def _text(one: queries.Shelved, asked: Mapping[tuple[str, str, str, str], object]) -> dict[str, Any]:
    text = one.text
    where = (text.kind, text.phase, text.language)
    return {
        **dict(zip(("kind", "phase", "language"), where, strict=True)),
        "state": one.state,
        "approved": one.approved,
        "asked": not one.approved and (*where, text.digest) in asked,
        "digest": text.digest,
    }


def _version(one: queries.Version) -> dict[str, Any]:
    return {
        "id": one.row.pk,
        "written_at": one.row.written_at,
        "author": one.row.written_by,
        "shipped": one.text is None,
        "in_force": one.in_force,
        "approved_by": one.approval.approved_by if one.approval else None,
        "approved_at": one.approval.approved_at if one.approval else None,
    }


def _since(before: str, after: str) -> list[dict[str, Any]]:
    return [
        {"name": one.name, "parts": [{"how": how, "words": words} for how, words in one.parts]}
        for one in changes(read_template(before), read_template(after))
    ]
