"""The firm's own questions and answers over the shipped ones. Each change is a new row; the newest counts."""

from dataclasses import replace
from uuid import UUID

from django.db import connection, transaction

from tidings.kernel import audit
from tidings.kernel.actor import Actor
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.messaging import faq, queries, sql, texts
from tidings.messaging.models import FirmAnswer
from tidings.messaging.rules.answers import PHASES, Answer, digest_of, fault_of, unknown_slots


def set_answer(actor: Actor, kind: str, wanted: Answer, *, seen_digest: str) -> str:
    """Writes a question of one kind with its answers, in every language given; without a code it is a new one. Gives its code.

    Raises Refused with messaging.answer_empty, messaging.answer_half, messaging.answer_only_slots, messaging.unknown_slots or
    messaging.no_such_phase, Conflict when somebody changed it since `seen_digest`.
    """
    actor.require("text.change")
    _check(wanted)
    with transaction.atomic():
        _one_at_a_time(kind)
        code = wanted.code or _new_code(kind)
        _must_be_seen(kind, code, seen_digest)
        _write(actor, kind, replace(wanted, code=code))
    return code


def take_out_answer(actor: Actor, kind: str, code: str, *, seen_digest: str) -> None:
    """Asks a question no more, shipped ones too; it can be brought back. Raises Missing("messaging.no_such_answer"), Conflict."""
    actor.require("text.change")
    with transaction.atomic():
        _one_at_a_time(kind)
        _must_be_seen(kind, code, seen_digest)
        _write(actor, kind, Answer(code, (), False, {}), out=True)


def take_back_answer(
    actor: Actor, kind: str, code: str, version_id: UUID | None, *, seen_digest: str
) -> None:
    """Goes back to an older version of the firm's own, or without one to the shipped question.

    Raises Missing("messaging.no_such_version"), Refused("messaging.text_in_force") when it is in force already, Conflict.
    """
    actor.require("text.change")
    with transaction.atomic():
        _one_at_a_time(kind)
        stands = _must_be_seen(kind, code, seen_digest)
        if version_id is None:
            wanted = next((one for one in faq.shipped(kind) if one.code == code), None)
            words = Answer(code, (), False, {})
        else:
            older = FirmAnswer.objects.filter(pk=version_id, kind=kind, code=code).exclude(said={}).first()
            wanted = words = older.answer() if older else None  # type: ignore[assignment]
        if wanted is None:
            raise Missing("messaging.no_such_version")
        if stands == digest_of(wanted):
            raise Refused("messaging.text_in_force")
        _write(actor, kind, words, back_to=str(version_id or "shipped"))


def _check(wanted: Answer) -> None:
    fault = fault_of(wanted)
    if fault == "answer_empty":
        raise Refused("messaging.answer_empty")
    if fault == "answer_half":
        raise Refused("messaging.answer_half")
    if fault:
        raise Refused("messaging.answer_only_slots")
    unknown = unknown_slots(wanted)
    if unknown:
        raise Refused("messaging.unknown_slots", slots=unknown)
    for phase in wanted.phases:
        if phase not in PHASES:
            raise Refused("messaging.no_such_phase", phase=phase)
    if not set(wanted.said) <= set(texts.languages()):
        raise Refused("messaging.answer_empty")


def _one_at_a_time(kind: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.ONE_TEXT_AT_A_TIME, {"text": f"answers/{kind}"})


def _new_code(kind: str) -> str:
    taken = FirmAnswer.objects.filter(kind=kind, code__startswith="own_").values("code").distinct().count()
    return f"own_{taken + 1}"


def _must_be_seen(kind: str, code: str, seen_digest: str) -> str:
    stands = next((one.digest for one in queries.kept_answers(kind) if one.answer.code == code), "")
    if not stands and not code.startswith("own_"):
        raise Missing("messaging.no_such_answer")
    if stands != seen_digest:
        raise Conflict("messaging.changed_meanwhile", version="")
    return stands


def _write(actor: Actor, kind: str, wanted: Answer, *, out: bool = False, **told: str) -> None:
    shipped = next((digest_of(one) for one in faq.shipped(kind) if one.code == wanted.code), "")
    row = FirmAnswer.objects.create(
        kind=kind,
        code=wanted.code,
        phases=list(wanted.phases),
        public=wanted.public,
        said={code: {"question": one.question, "answer": one.answer} for code, one in wanted.said.items()},
        out=out,
        shipped_digest=shipped,
        written_by=queries.reference_of(actor),
    )
    facts = {"kind": kind, "code": wanted.code, **told}
    if out:
        audit.record(actor, "answer.out", "answer", row.pk, facts)
    else:
        audit.record(actor, "answer.change", "answer", row.pk, facts)
