"""Reads of registered forms: which are in force, what they let go, and what is still to be submitted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tidings.kernel.actor import Actor
from tidings.messaging import texts
from tidings.messaging.models import RegisteredForm, Relay
from tidings.messaging.queries.shelf import text_shelf
from tidings.messaging.queries.texts import Text
from tidings.messaging.rules.content import Audience
from tidings.messaging.rules.delivery import MAIL
from tidings.messaging.rules.registered import (
    DEMANDING,
    Form,
    FormState,
    demanding_rungs,
    frozen_form,
    rungs_with_forms,
)

Forms = dict[tuple[str, str, str, str], RegisteredForm]


@dataclass(frozen=True, slots=True)
class Registration:
    """One text with one provider: its form in force, None where there is none; `own` that it is this kind's own and not the
    general text's; `outgrown` that the text changed since.
    """

    text: Text
    event: str
    service: str
    form: RegisteredForm | None
    own: bool = True

    @property
    def state(self) -> str:
        """The form's state, or `missing`."""
        return self.form.state if self.form else "missing"

    @property
    def outgrown(self) -> bool:
        return self.form is not None and self.own and self.form.text_digest != self.text.digest


def services_demanding_forms() -> list[str]:
    """Those in use that carry registered forms only, in order of name."""
    used = Relay.objects.filter(enabled=True, service__in=list(DEMANDING))
    return sorted(set(used.values_list("service", flat=True)))


def rungs_in_use() -> tuple[list[str], dict[str, frozenset[str]]]:
    """The rungs that we can send by now, as `sent_channels`; and rung → services, of those of which every service in use carries
    registered forms only.
    """
    used = list(Relay.objects.filter(enabled=True).values_list("channel", "service").distinct())
    return sorted({MAIL, *(rung for rung, _ in used)}), demanding_rungs(one for one in used if one[1])


def forms_in_force(phases: Iterable[str], kinds: Iterable[str] | None = None) -> Forms:
    """Kind, phase, language and service → the form in force."""
    rows = RegisteredForm.objects.filter(phase__in=list(phases))
    if kinds is not None:
        rows = rows.filter(kind__in=list(kinds))
    key = ("kind", "phase", "language", "service")
    newest = rows.order_by(*key, "-id").distinct(*key)
    return {(one.kind, one.phase, one.language, one.service): one for one in newest if one.state}


def form_in_force(kind: str, phase: str, language: str, service: str) -> RegisteredForm | None:
    """Just this kind's own form."""
    return forms_in_force([phase], [kind]).get((kind, phase, language, service))


def form_versions(kind: str, phase: str, language: str, service: str) -> list[RegisteredForm]:
    """Every version, the newest first."""
    return list(
        RegisteredForm.objects.filter(kind=kind, phase=phase, language=language, service=service).order_by(
            "-id"
        )
    )


def form_of(row: RegisteredForm) -> Form:
    """The form of a version."""
    fields = tuple((name, said) for name, said in row.fields)
    return Form(row.template, row.signature, row.own_language, fields, FormState(row.state))


def registered_words(
    kind: str, phase: str, language: str, facts: Mapping[str, str], voice: Mapping[str, str]
) -> dict[str, Any]:
    """Service → what freezing keeps of its form in one language; only what can go. A kind without a form of its own has the
    general text's.
    """
    found = forms_in_force([phase], {kind, texts.GENERAL})
    frozen = {}
    for service in DEMANDING:
        row = _own_or_general(found, kind, phase, language, service)
        kept = frozen_form(form_of(row), facts, voice) if row else None
        if kept:
            frozen[service] = kept
    return frozen


def _own_or_general(
    found: Forms, kind: str, phase: str, language: str, service: str
) -> RegisteredForm | None:
    """The kind's own form, else the general text's."""
    where = (phase, language, service)
    return found.get((kind, *where)) or found.get((texts.GENERAL, *where))


def within_forms(audience: Audience, words: Mapping[str, Mapping[str, Any]]) -> Audience:
    """The audience on those rungs alone that these words can go by: none that demands a form where its language has none."""
    registered = {language: kept.get("registered", {}) for language, kept in words.items()}
    _, rungs = rungs_in_use()
    return replace(audience, params={**audience.params, **_limits(rungs, registered)}) if rungs else audience


def form_limits(rungs: Mapping[str, frozenset[str]], kind: str, phase: str) -> dict[str, list[str]]:
    """What a ladder needs to know: the rungs that demand a form, and where there is an approved one, as `rung/language`."""
    found = forms_in_force([phase], {kind, texts.GENERAL})
    registered: dict[str, list[str]] = {}
    for service in DEMANDING:
        for language in texts.languages():
            row = _own_or_general(found, kind, phase, language, service)
            if row is not None and row.state == FormState.APPROVED:
                registered.setdefault(language, []).append(service)
    return _limits(rungs, registered)


def _limits(
    rungs: Mapping[str, frozenset[str]], registered: Mapping[str, Iterable[str]]
) -> dict[str, list[str]]:
    return {"at_demanding": sorted(rungs), "at_registered": rungs_with_forms(rungs, registered)}


def registrations(actor: Actor, *, service: str = "", state: str = "") -> list[Registration]:
    """Every text with every provider in use that demands a form, or narrowed to one provider and one state."""
    used = [one for one in services_demanding_forms() if service in ("", one)]
    shelves = text_shelf(actor) if used else []
    found = forms_in_force({shelf.phase for shelf in shelves})
    listed = []
    for shelf in shelves:
        for shelved in shelf.texts:
            for one in used:
                where = (shelf.kind, shelf.phase, shelved.text.language, one)
                form = _own_or_general(found, *where)
                listed.append(Registration(shelved.text, shelf.event, one, form, where in found))
    return [one for one in listed if state in ("", one.state)]
