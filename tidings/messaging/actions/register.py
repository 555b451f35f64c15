"""Registered forms: what a provider approved of our texts. Each change is a new row; nothing is asked of the provider here."""

from collections.abc import Mapping

from django.db import connection, transaction

from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.messaging import queries, sql
from tidings.messaging.models import RegisteredForm
from tidings.messaging.rules.registered import DEMANDING, Form, fault_of_form, unknown_in


def register_form(
    actor: Actor, text: queries.Text, service: str, form: Form, *, note: str = "", seen: str = ""
) -> None:
    """Writes down the form that a provider has of a text. `seen` is the version that was on the screen ("" for none).

    Raises Refused with what `rules.registered.fault_of_form` finds, Conflict("messaging.changed_meanwhile") when somebody
    changed it since.
    """
    actor.require("text.change")
    fault = fault_of_form(service, form)
    if fault:
        raise Refused(fault, slots=unknown_in(form))
    with transaction.atomic():
        _must_stand(text, service, seen)
        _keep(actor, text, service, form.state, note, _columns(form))


def take_out_form(actor: Actor, text: queries.Text, service: str, *, seen: str) -> None:
    """From now on this text has no form with that provider. Raises Missing("messaging.no_such_form"), Conflict."""
    actor.require("text.change")
    if service not in DEMANDING or not seen:
        raise Missing("messaging.no_such_form")
    with transaction.atomic():
        _must_stand(text, service, seen)
        _keep(actor, text, service, "", "", {})


def _must_stand(text: queries.Text, service: str, seen: str) -> None:
    with connection.cursor() as cursor:
        where = f"{text.kind}/{text.phase}.{text.language} {service}"
        cursor.execute(sql.ONE_TEXT_AT_A_TIME, {"text": where})
    stands = queries.form_in_force(text.kind, text.phase, text.language, service)
    if (str(stands.pk) if stands else "") != seen:
        raise Conflict("messaging.changed_meanwhile", version="")


def _columns(form: Form) -> Mapping[str, object]:
    return {
        "template": form.template,
        "signature": form.signature,
        "own_language": form.language,
        "fields": [list(one) for one in form.fields],
    }


def _keep(
    actor: Actor, text: queries.Text, service: str, state: str, note: str, columns: Mapping[str, object]
) -> None:
    row = RegisteredForm.objects.create(
        kind=text.kind,
        phase=text.phase,
        language=text.language,
        service=service,
        state=state,
        text_digest=text.digest,
        note=note,
        set_by=queries.reference_of(actor),
        **columns,
    )
    facts = {"kind": text.kind, "phase": text.phase, "language": text.language, "service": service}
    audit.record(actor, "text.register", "text", row.pk, {**facts, "state": state or "taken_out"})
