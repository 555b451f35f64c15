"""Reminding: the owner before and after, then who is on call, each step once, with a mail, a line of the story and the audit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.urls import reverse

from tests.cast import make_dispatcher, make_person, make_unit, signed_in
from tidings.incidents import actions, jobs, queries
from tidings.incidents.actions.remind import remind_of_due
from tidings.incidents.models import Incident, Reminder, TimelineLine
from tidings.incidents.rules import promises
from tidings.incidents.rules.reminders import Step, steps, who_hears
from tidings.incidents.tests.cast import (
    in_every_language,
    make_customer,
    make_opened,
    make_place,
    make_told,
    told,
)
from tidings.kernel.clock import now
from tidings.kernel.models import AuditLine
from tidings.messaging.models import FrozenText, Recipient
from tidings.people.models import Shift, User
from tidings.people.queries import actor_of, system_actor

DUE = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OWNER, LEAD, DEPUTY = (UUID(int=number) for number in range(3))


@pytest.mark.parametrize(
    ("minutes", "found"),
    [
        (-31, []),
        (-30, ["soon"]),
        (-1, ["soon"]),
        (0, ["late"]),
        (14, ["late"]),
        (15, ["late", "lead"]),
        (30, ["late", "lead", "next"]),
    ],
)
def test_steps_follow_one_another(minutes, found):
    assert list(steps(DUE, DUE + minutes * MINUTE)) == found


@pytest.mark.parametrize(
    ("step", "owner", "on_call", "heard", "who"),
    [
        ("soon", OWNER, [LEAD], [], OWNER),
        ("late", OWNER, [LEAD], [], OWNER),
        ("late", None, [LEAD, DEPUTY], [], LEAD),
        ("lead", None, [LEAD, DEPUTY], [LEAD], DEPUTY),
        ("lead", OWNER, [OWNER, DEPUTY], [OWNER], DEPUTY),
        ("next", OWNER, [LEAD, DEPUTY], [OWNER, LEAD], DEPUTY),
        ("next", OWNER, [LEAD], [OWNER, LEAD], None),
        ("late", None, [], [], None),
    ],
)
def test_who_hears_of_it(step, owner, on_call, heard, who):
    assert who_hears(Step(step), owner, on_call, heard) == who


@pytest.mark.parametrize(
    ("given", "broken", "found"),
    [
        ([], 0, (0, 0, 0)),
        ([(0, -1)], 0, (1, 0, 0)),
        ([(0, 0), (0, 1)], 1, (1, 2, 0)),
        ([(-1, None), (0, None), (1, None)], 0, (0, 1, 2)),
    ],
)
def test_promises_are_counted_as_kept_broken_or_open(given, broken, found):
    owed = [(DUE + due * MINUTE, None if kept is None else DUE + kept * MINUTE) for due, kept in given]
    counts = promises.counted(owed, DUE, broken)
    assert (counts.kept, counts.broken, counts.open) == found


def on_call(role: str, *, deputy: User | None = None, **facts: object) -> User:
    user = make_person(role, **facts)
    Shift.objects.create(
        role=role,
        user=user,
        unit=make_unit(),
        deputy=deputy,
        begins_at=now() - timedelta(hours=1),
        ends_at=now() + timedelta(hours=8),
        set_by="test",
        set_at=now(),
    )
    return user


def due_at(incident: Incident, minutes: int) -> None:
    """As if the next update were due in so many minutes."""
    Incident.objects.filter(pk=incident.pk).update(next_update_by=now() + minutes * MINUTE)


def passes(minutes: int) -> None:
    """As if so much time had passed since it was told of."""
    for model in (Incident, Reminder):
        field = "next_update_by" if model is Incident else "due_by"
        for one in model.objects.exclude(**{field: None}):
            setattr(one, field, getattr(one, field) - minutes * MINUTE)
            one.save(update_fields=[field])


def mails(user: User) -> list[str]:
    """The mails to one of the staff, oldest first."""
    rows = Recipient.objects.filter(address=user.email).order_by("pk").values_list("message_id", flat=True)
    return [FrozenText.objects.get(broadcast__message_id=one).source for one in rows]


@pytest.fixture
def incident(db) -> Incident:
    """Told, and in the hands of a Dutch reader."""
    _, found, _ = make_told(severity="medium")
    owner = make_dispatcher(name="Robin", language="nl")
    Incident.objects.update(owner_id=owner.pk)
    found.refresh_from_db()
    return found


def owner_of(incident: Incident) -> User:
    return User.objects.get(pk=incident.owner_id)


def test_the_owner_is_reminded_before_and_after_then_who_is_on_call_each_once(incident):
    deputy = make_person("shift_lead", name="Deputy")
    lead = on_call("shift_lead", deputy=deputy, name="Lead")
    owner = owner_of(incident)
    due_at(incident, 40)
    jobs.remind_of_due()
    assert mails(owner) == []
    passes(15)
    for _ in range(2):
        jobs.remind_of_due()
    assert len(mails(owner)) == 1 and incident.number in mails(owner)[0] and "Update" in mails(owner)[0]
    passes(26)
    for _ in range(2):
        jobs.remind_of_due()
    assert (len(mails(owner)), len(mails(lead))) == (2, 0)
    passes(15)
    jobs.remind_of_due()
    assert (len(mails(owner)), len(mails(lead)), len(mails(deputy))) == (2, 1, 0)
    assert "Robin" in mails(lead)[0]
    passes(15)
    jobs.remind_of_due()
    assert (len(mails(lead)), len(mails(deputy))) == (1, 1)
    story = list(TimelineLine.objects.order_by("pk").values_list("code", flat=True))[-4:]
    assert story == ["reminded", "overdue_told", "overdue_told", "overdue_told"]
    assert AuditLine.objects.filter(verb="incident.overdue_told").count() == 3


def test_the_mail_is_in_the_readers_language(incident):
    due_at(incident, -1)
    jobs.remind_of_due()
    [mail] = mails(owner_of(incident))
    assert "Te laat" in mail and "Overdue" not in mail


def test_what_was_done_in_time_reminds_nobody(incident):
    due_at(incident, 10)
    told(
        actor_of(owner_of(incident)),
        incident,
        "update",
        in_every_language(status="a", what_changed="b", measures="c"),
    )
    assert remind_of_due(system_actor("reminders")) == 0


def test_where_the_roster_has_nobody_the_story_says_so(incident):
    due_at(incident, -20)
    jobs.remind_of_due()
    codes = list(TimelineLine.objects.order_by("pk").values_list("code", flat=True))[-2:]
    assert codes == ["overdue_told", "overdue_nobody"]
    shown = signed_in(make_dispatcher()).get(reverse("incidents:show", args=[incident.number])).text
    assert "Nobody on the roster to be told what is overdue: Update" in shown


def test_a_new_promise_is_reminded_of_anew(incident):
    due_at(incident, 10)
    jobs.remind_of_due()
    due_at(incident, 20)
    jobs.remind_of_due()
    assert len(mails(owner_of(incident))) == 2


def test_what_is_overdue_for_days_mails_nobody(incident):
    due_at(incident, -25 * 60)
    assert remind_of_due(system_actor("reminders")) == 0


@pytest.mark.django_db
def test_tasks_promises_and_the_laws_clocks_are_reminded_of_too():
    make_place()
    _, incident = make_opened(kind="data_breach")
    desk, owner = make_dispatcher(name="Robin"), make_dispatcher(name="Kim")
    me, soon = actor_of(desk), now() + 10 * MINUTE
    actions.add_task(me, incident.pk, "operations", "Reroute the belt.", soon, owner.pk)
    actions.promise_customer(me, incident.pk, make_customer("C-1").pk, "Call Ms Bos.", soon, owner.pk)
    actions.note_legal(me, incident.pk, "gdpr_authority", owner=owner.pk)
    early = incident.detected_at - timedelta(hours=71, minutes=50)
    Incident.objects.update(detected_at=early, first_notice_by=early)
    jobs.remind_of_due()
    said = " ".join(mails(owner))
    assert len(mails(owner)) == 3
    assert "Reroute the belt." in said and "Call Ms Bos." in said and "Data protection authority" in said
    shown = signed_in(make_dispatcher()).get(reverse("incidents:show", args=[incident.number])).text
    assert "Kim was reminded of what is due soon: Task: Reroute the belt." in shown


def test_promises_are_counted_on_the_review_and_for_programs(incident):
    told(
        actor_of(owner_of(incident)),
        incident,
        "update",
        in_every_language(status="a", what_changed="b", measures="c"),
    )
    counts = queries.promises_to_all(incident, now())
    assert (counts.kept, counts.broken, counts.open) == (2, 0, 1)
    late = queries.promises_to_all(incident, now() + timedelta(days=3))
    assert (late.kept, late.broken, late.open) == (2, 1, 0)
    shown = signed_in(make_dispatcher()).get(reverse("incidents:review", args=[incident.number])).text
    assert "To all customers" in shown and "Kept in time" in shown


def _remind_in_a_thread(_number: int) -> int:
    try:
        return remind_of_due(system_actor("reminders"))
    finally:
        connection.close()


def test_two_beats_at_once_remind_once(own_database):
    _, incident, _ = make_told(severity="medium")
    owner = make_dispatcher()
    Incident.objects.update(owner_id=owner.pk)
    due_at(incident, 10)
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(_remind_in_a_thread, range(4))) == 1
    assert len(mails(owner)) == 1
