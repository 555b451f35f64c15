"""An approval has its own clock: who is on call, the deputy, the next; reminded half-way, and every step is a row."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.urls import reverse

from tests.cast import make_administrator, make_approver, make_dispatcher, make_manager, make_unit, signed_in
from tidings.kernel import jobs
from tidings.kernel.actor import Actor
from tidings.kernel.models import AuditLine
from tidings.messaging import actions, queries
from tidings.messaging.actions.ask import MOVE_ON
from tidings.messaging.jobs import moving_all_on
from tidings.messaging.models import ApprovalAsk, Freeze, Recipient
from tidings.messaging.rules.approval import answer_by, remind_at
from tidings.messaging.tests.cast import ABOUT, FACTS, WRITER, approve, make_audience
from tidings.people.actions import end_account, put_on_call
from tidings.people.models import User
from tidings.people.queries import actor_of, system_actor

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
CLOCK = system_actor("approval clock")


@pytest.mark.parametrize(
    ("due_by", "expected"),
    [
        (NOON + 4 * HOUR, NOON + HOUR),
        (NOON + 20 * MINUTE, NOON + 5 * MINUTE),
        (NOON + MINUTE, NOON + 2 * MINUTE),
        (NOON - HOUR, NOON + 2 * MINUTE),
        (None, NOON + HOUR),
    ],
    ids=["a quarter", "a quarter of little", "never less than is needed", "past the deadline", "no deadline"],
)
def test_each_has_a_quarter_of_the_time_left(due_by: datetime | None, expected: datetime) -> None:
    assert answer_by(NOON, due_by) == expected
    assert NOON < remind_at(NOON, expected) < expected


def test_three_who_are_asked_leave_two_fifths_of_the_time() -> None:
    at, due_by = NOON, NOON + 4 * HOUR
    for _step in range(3):
        at = answer_by(at, due_by)
    assert (due_by - at) / (4 * HOUR) == pytest.approx(27 / 64)


pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> list[User]:
    """Who is on call, the deputy, and another approver."""
    person, deputy, other, boss = make_approver(), make_approver(), make_approver(), make_manager()
    end_account(actor_of(make_administrator()), boss.pk, None)
    lead = make_manager()
    lead.roles_held.update(role="shift_lead")
    at = datetime.now(UTC)
    put_on_call(
        actor_of(lead),
        person.pk,
        role="approver",
        unit_id=person.unit_id,  # type: ignore[arg-type]
        begins_at=at - HOUR,
        ends_at=at + 24 * HOUR,
        deputy_id=deputy.pk,
    )
    return [person, deputy, other]


def asked(writer: Actor = WRITER, unit: UUID | None = None) -> UUID:
    """A message that waits for an approver, due in four hours."""
    message = actions.write_message(
        writer, about=ABOUT, kind="fire", phase="first_notice", facts=FACTS, unit_id=unit
    )
    actions.freeze_message(writer, message, audience=make_audience(20))
    return message


def now_asked() -> ApprovalAsk:
    return ApprovalAsk.objects.get(ended_at__isnull=True)


def wait_for_the_next() -> None:
    actions.move_approvals_on(CLOCK, now_asked().answer_by)


def mailed(user: User) -> int:
    return Recipient.objects.filter(address=user.email).count()


def test_who_is_on_call_is_asked_by_name_with_a_mail_and_a_quarter_of_the_time(cast: list[User]) -> None:
    asked()
    ask = now_asked()
    assert (ask.person_id, ask.asked_as) == (cast[0].pk, "approver")
    assert (ask.answer_by - ask.asked_at) / HOUR == pytest.approx(1, abs=0.01)
    assert [mailed(one) for one in cast] == [1, 0, 0]


def test_silence_reminds_half_way_and_then_asks_deputy_and_next(cast: list[User]) -> None:
    message = asked()
    first = now_asked()
    assert queries.answer_expected_by(message) == first.answer_by
    actions.move_approvals_on(CLOCK, first.asked_at + 29 * MINUTE)
    assert mailed(cast[0]) == 1, "not half-way yet"
    for _twice in range(2):
        actions.move_approvals_on(CLOCK, first.asked_at + 31 * MINUTE)
    assert mailed(cast[0]) == 2 and now_asked().reminded_at is not None
    wait_for_the_next()
    assert (now_asked().person_id, now_asked().asked_as) == (cast[1].pk, "deputy")
    wait_for_the_next()
    assert (now_asked().person_id, now_asked().asked_as) == (cast[2].pk, "next")
    assert not queries.nobody_answered(message)
    wait_for_the_next()
    assert queries.nobody_answered(message)
    assert queries.answer_expected_by(message) == ApprovalAsk.objects.order_by("-id")[0].ended_at
    assert list(ApprovalAsk.objects.values_list("outcome", flat=True)) == ["passed_on"] * 3
    assert AuditLine.objects.filter(verb="message.ask", thing_id=str(message)).count() == 3
    assert not queries.approvals_to_move_on(datetime.now(UTC) + 24 * HOUR), "and it is left in peace"


@pytest.mark.parametrize("answer", ["approve", "send_back"])
def test_an_answer_of_anybody_ends_the_asking(cast: list[User], answer: str) -> None:
    message = asked()
    if answer == "approve":
        approve(message, actor_of(cast[2]))
    else:
        actions.send_back(actor_of(cast[2]), message, Freeze.objects.get().digest, "Wrong hall.")
    ask = ApprovalAsk.objects.get()
    assert ask.outcome == {"approve": "approved", "send_back": "sent_back"}[answer]
    actions.move_approvals_on(CLOCK, ask.answer_by)
    assert ApprovalAsk.objects.count() == 1 and not queries.nobody_answered(message)


def test_another_version_asks_the_first_again_and_frees_who_was_asked_before(cast: list[User]) -> None:
    message = asked()
    wait_for_the_next()
    actions.change_message(WRITER, message, seen_version=1, facts=FACTS | {"*": FACTS["*"] | {"place": "X"}})
    moving_all_on()
    assert not ApprovalAsk.objects.filter(ended_at__isnull=True).exists(), "nothing is frozen to be approved"
    actions.freeze_message(WRITER, message, audience=make_audience(20))
    assert now_asked().person_id == cast[0].pk
    assert ApprovalAsk.objects.filter(outcome="void").count() == 1


def test_who_wrote_it_is_not_asked_and_whose_account_ends_is_passed_over_at_once(cast: list[User]) -> None:
    author = Actor(WRITER.kind, str(cast[0].pk), WRITER.abilities)
    asked(author)
    assert now_asked().person_id == cast[1].pk
    end_account(actor_of(make_administrator()), cast[1].pk, None)
    moving_all_on()
    assert now_asked().person_id == cast[2].pk


def test_a_text_approved_beforehand_asks_nobody(cast: list[User]) -> None:
    for language in queries.texts_for("fire", "first_notice"):
        text = queries.texts_for("fire", "first_notice")[language]
        actions.approve_text(actor_of(cast[0]), "fire", "first_notice", language, text.digest)
    asked()
    assert not ApprovalAsk.objects.exists()


def test_where_nobody_may_approve_nobody_is_asked_and_it_is_said_at_once() -> None:
    message = asked()
    assert not ApprovalAsk.objects.exists() and queries.nobody_answered(message)
    late = make_approver()
    moving_all_on()
    assert now_asked().person_id == late.pk, "somebody came who may"


def test_another_units_matter_is_asked_of_that_unit() -> None:
    make_unit("Head", "headquarters")
    ours, theirs = make_unit("Delft", "branch"), make_unit("Venlo", "branch")
    make_approver(unit=theirs)
    person = make_approver(unit=ours)
    asked(unit=ours.pk)
    assert now_asked().person_id == person.pk


def test_a_job_waits_for_each_moment_and_finds_what_is_due_itself(cast: list[User]) -> None:
    asked()
    jobs.run_waiting()
    assert now_asked().person_id == cast[0].pk, "too early for either"
    ApprovalAsk.objects.update(answer_by=datetime.now(UTC) - MINUTE)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE task_name = %s", [MOVE_ON])
        assert cursor.rowcount == 2, "one to remind, one to pass on"
    jobs.run_waiting()
    assert now_asked().person_id == cast[1].pk


def test_who_is_asked_sees_it_on_top_with_the_page_to_answer_on(cast: list[User]) -> None:
    message = asked()
    page = signed_in(cast[0]).get("/?mine=1").text
    assert reverse("messaging:decide", args=[message]) in page and cast[0].name in page
    assert "Nothing is yours" in signed_in(cast[1]).get("/?mine=1").text
    decide = signed_in(cast[1]).get(reverse("messaging:decide", args=[message])).text
    assert f"{cast[0].name} is asked, until" in decide


def test_a_dispatcher_is_told_when_nobody_answered(cast: list[User]) -> None:
    desk = make_dispatcher()
    asked()
    assert "Nobody answered" not in signed_in(desk).get("/").text
    for _step in range(3):
        wait_for_the_next()
    assert "Nobody answered, a holding notice may go" in signed_in(desk).get("/").text
