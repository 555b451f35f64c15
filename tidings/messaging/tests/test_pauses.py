"""Pausing and resuming: who may, what they see first, what goes, and that patience waits."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.urls import reverse

from tests.cast import make_agent, make_dispatcher, make_unit, signed_in
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.ids import new_id
from tidings.messaging import actions, queries
from tidings.messaging.commands import messages
from tidings.messaging.models import Message, Pause, Recipient
from tidings.messaging.tests.cast import ABOUT, make_message, make_sent

pytestmark = pytest.mark.django_db
ABLE = frozenset({"message.read", "message.send", "message.stop"})
LEAD = Actor(ActorKind.PERSON, str(new_id()), ABLE)
BRANCH = Actor(ActorKind.PERSON, str(new_id()), ABLE, frozenset({new_id()}))
READER = Actor(ActorKind.PERSON, str(new_id()), frozenset({"message.read"}))


def hold() -> queries.Paused:
    actions.hold_after_restore(LEAD, "restored", detail="2026-11-22T02:30")
    [held] = queries.paused(LEAD)
    return held


def test_everything_is_paused_once_and_resumed_by_who_saw_the_size() -> None:
    make_sent(30)
    [made] = actions.pause_sending(LEAD, why="wrong hub")
    assert actions.pause_sending(LEAD) == [made]
    [seen] = queries.paused(READER)
    assert (seen.scope, seen.detail, seen.waiting, seen.uncertain) == ("everything", "wrong hub", 27, 0)
    make_sent(10, about="INC-2")
    with pytest.raises(Conflict, match="more_wait_now"):
        actions.resume_sending(LEAD, made, seen=seen.waiting)
    assert actions.resume_sending(LEAD, made, seen=36).waiting == 36
    assert queries.paused(READER) == []
    with pytest.raises(Missing, match="no_such_pause"):
        actions.resume_sending(LEAD, made, seen=36)


def test_one_message_is_paused_alone() -> None:
    one = make_sent(30)
    make_sent(10, about="INC-2")
    actions.pause_sending(LEAD, message_id=one)
    [seen] = queries.paused(LEAD)
    assert (seen.scope, seen.what, seen.waiting) == ("broadcast", ABOUT, 27)
    with pytest.raises(Conflict, match="not_sent_yet"):
        actions.pause_sending(LEAD, message_id=make_message(about="INC-3"))


def test_a_stopped_message_is_named_only_to_whose_unit_it_is() -> None:
    one = make_sent(30)
    ours = next(iter(BRANCH.units or ()))
    [stopped] = actions.pause_sending(LEAD, message_id=one)
    assert queries.paused(BRANCH) == []
    Message.objects.filter(pk=one).update(unit_id=ours)
    assert [(held.id, held.what) for held in queries.paused(BRANCH)] == [(stopped, ABOUT)]
    Message.objects.filter(pk=one).update(unit_id=new_id(), written_by=queries.reference_of(BRANCH))
    assert [held.id for held in queries.paused(BRANCH)] == [stopped]
    [everything] = actions.pause_sending(LEAD, why="wrong hub")
    assert [held.id for held in queries.paused(BRANCH)] == [everything, stopped]


@pytest.mark.parametrize(("actor", "code"), [(BRANCH, "only_headquarters"), (READER, "not_allowed")])
def test_neither_a_branch_nor_a_reader_stops_the_firm_or_lets_it_go(actor: Actor, code: str) -> None:
    held = hold()
    with pytest.raises(Refused, match=code):
        actions.pause_sending(actor)
    with pytest.raises(Refused, match=code):
        actions.resume_sending(actor, held.id, seen=1000)
    assert not Pause.objects.exclude(ended_at=None).exists()


def test_patience_is_given_back_the_time_that_a_pause_took() -> None:
    make_sent(10)
    [made] = actions.pause_sending(LEAD)
    long_ago, lately = now() - timedelta(hours=9), now() - timedelta(hours=8)
    Pause.objects.update(paused_at=lately)
    Recipient.objects.filter(state="waiting").update(
        state="trying", standing="later", next_at=lately, rung_began_at=long_ago
    )
    actions.resume_sending(LEAD, made, seen=1000)
    began = Recipient.objects.filter(state="trying").values_list("rung_began_at", flat=True)
    assert len(began) == 9
    assert all(timedelta(minutes=59) < now() - at < timedelta(minutes=61) for at in began if at)


def test_a_red_bar_says_so_and_the_page_lets_go_what_was_shown() -> None:
    message = make_sent(30)
    held = hold()
    client = signed_in(make_dispatcher())
    bar = client.get(reverse("messaging:messages")).content.decode()
    assert "Sending is paused" in bar and "27 recipients wait." in bar
    shown = client.get(reverse("messaging:paused")).content.decode()
    assert "27 of them may have had it already" in shown and "Resume: 27 recipients" in shown
    recipients = client.get(reverse("messaging:recipients", args=[message])).content.decode()
    assert recipients.count("uncertain since a restore") == 27
    resume = reverse("messaging:resume", args=[held.id])
    for wrong in ({}, {"seen": "26"}, {"seen": "all"}):
        client.post(resume, wrong)
        assert queries.paused(LEAD)
    after = client.post(resume, {"seen": "27"}, follow=True).content.decode()
    assert queries.paused(LEAD) == []
    assert "Nothing is paused" in after and "Sending is paused" not in after


def test_who_may_not_resume_sees_the_bar_and_no_button() -> None:
    held = hold()
    for person in (make_agent(), make_dispatcher(unit=make_unit("Branch Delft", "branch"))):
        client = signed_in(person)
        assert "Sending is paused" in client.get(reverse("messaging:paused")).content.decode()
        assert "Resume:" not in client.get(reverse("messaging:paused")).content.decode()
        client.post(reverse("messaging:resume", args=[held.id]), {"seen": "1000"})
        assert queries.paused(LEAD)


def test_the_command_lists_first_and_lets_nothing_go_unasked() -> None:
    make_sent(30)
    held = hold()
    run = CliRunner()
    asked = run.invoke(messages, ["resume"])
    assert asked.exit_code == 1
    assert "27 wait; 27 of them may have gone out already." in asked.output
    assert queries.paused(LEAD)
    assert run.invoke(messages, ["resume", str(new_id()), "--yes"]).exit_code == 1
    [listed] = json.loads(run.invoke(messages, ["paused", "--json"]).output)
    assert (listed["id"], listed["reason"], listed["waiting"]) == (str(held.id), "restored", 27)
    done = run.invoke(messages, ["resume", str(held.id), "--yes", "--json"])
    assert [one["id"] for one in json.loads(done.output)["resumed"]] == [str(held.id)]
    assert "Nothing is paused." in run.invoke(messages, ["paused"]).output
    paused = run.invoke(messages, ["pause", "--why", "wrong hub"]).output
    assert "wrong hub" in paused and "27 wait; 27 of them" in paused
