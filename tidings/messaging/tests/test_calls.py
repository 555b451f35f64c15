"""The call list: nobody is called by two, what came of a call is evidence, and it says beforehand when it will not be done."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.urls import reverse

from tests.cast import make_agent, make_dispatcher, make_person, make_unit, signed_in
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.ids import new_id
from tidings.messaging import actions, queries
from tidings.messaging.models import Call, Message, Pause, Recipient, RefusedAddress, Result
from tidings.messaging.queries import CallFilter
from tidings.messaging.rules.calling import outlook
from tidings.messaging.rules.content import Audience
from tidings.messaging.tests.cast import ABOUT, WRITER, make_message
from tidings.people.rules import Role

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

_TO_CALL = """
    SELECT gen_random_uuid() AS contact_id, 'Contact ' || n AS name, (ARRAY['en', 'nl'])[1 + n %% 2] AS language,
           'UTC' AS time_zone, 'call' AS channel, '+31 970 0000 ' || n AS address,
           now() + make_interval(hours => n::int) AS due_by, ARRAY[gen_random_uuid()] AS shipment_ids,
           jsonb_build_array(jsonb_build_object('waybill', n::text, 'effect', (%(effects)s::text[])[n])) AS lines,
           '[]'::jsonb AS further, '' AS passed_over
    FROM generate_series(1, cardinality(%(effects)s::text[])) AS n
"""


def agent(units: frozenset[UUID] | None = None) -> Actor:
    abilities = frozenset({"call.take", "message.confirm", "message.read"})
    return Actor(ActorKind.PERSON, str(new_id()), abilities, units)


def make_call_list(*effects: str, drill: bool = False) -> None:
    message = make_message(drill=drill)
    actions.send_message(WRITER, message, Audience(_TO_CALL, {"effects": list(effects)}, ladder=True))


def taken(actor: Actor, **wanted: str) -> Recipient | None:
    call = actions.take_call(actor, CallFilter(**wanted))
    return Recipient.objects.get(pk=call.recipient_id) if call else None


def test_the_gravest_effect_is_called_first_then_the_nearest_deadline() -> None:
    make_call_list("delayed", "delayed", "lost", "held")
    order = [taken(agent()).lines[0]["waybill"] for _ in range(4)]  # type: ignore[union-attr]
    assert order == ["3", "4", "1", "2"]
    assert taken(agent()) is None
    assert [one.effect for one in queries.calls(agent(), now(), CallFilter())][:2] == ["lost", "held"]


def test_a_call_is_ones_own_until_its_time_is_up_and_two_presses_take_one() -> None:
    make_call_list("delayed")
    me, other = agent(), agent()
    mine = actions.take_call(me)
    assert mine is not None and actions.take_call(me) == mine
    assert actions.take_call(other) is None
    Recipient.objects.update(next_at=now())
    Call.objects.update(leased_until=now())
    theirs = actions.take_call(other)
    assert theirs is not None and theirs.recipient_id == mine.recipient_id
    with pytest.raises(Conflict):
        actions.end_call(me, mine.pk, "reached")
    with pytest.raises(Missing):
        actions.end_call(me, theirs.pk, "reached")
    actions.end_call(other, theirs.pk, "reached")
    assert list(Call.objects.order_by("taken_at").values_list("outcome", flat=True)) == ["lapsed", "reached"]


def test_a_filter_by_incident_and_language_narrows_what_is_taken_and_shown() -> None:
    make_call_list("delayed", "delayed")
    assert taken(agent(), about="INC-OTHER") is None
    assert taken(agent(), language="nl").language == "nl"  # type: ignore[union-attr]
    assert taken(agent(), language="nl") is None
    assert [one.language for one in queries.calls(agent(), now(), CallFilter(language="en"))] == ["en"]
    assert queries.calls_about(agent(), now()) == [(ABOUT, "en", 1), (ABOUT, "nl", 1)]


def test_only_who_was_reached_counts_as_reached_and_a_word_left_does_not() -> None:
    make_call_list("lost", "lost", "lost")
    me = agent()
    for outcome in ("reached", "left_word", "no_answer"):
        call = actions.take_call(me)
        assert call is not None
        actions.end_call(me, call.pk, outcome, "Spoke to the desk")
    [reach] = queries.reach(ABOUT, now())
    assert (reach.confirmed, reach.in_time, reach.under_way, reach.total) == (1, 1, 2, 3)
    again = dict(Recipient.objects.filter(state="call_list").values_list("reason", "next_at"))
    assert timedelta(minutes=115) < again["left_word"] - now() < timedelta(minutes=121)
    assert timedelta(minutes=25) < again["no_answer"] - now() < timedelta(minutes=31)
    assert actions.take_call(me) is None, "both are called again later"
    assert sorted(Result.objects.values_list("outcome", "reply")) == [
        ("confirmed", "call"), ("later", "left_word"), ("later", "no_answer"),
    ]  # fmt: skip
    assert {one.note for one in Call.objects.all()} == {"Spoke to the desk"}


def test_a_moment_to_call_again_may_be_chosen_but_not_one_that_has_passed() -> None:
    make_call_list("delayed")
    me = agent()
    call = actions.take_call(me)
    assert call is not None
    with pytest.raises(Refused):
        actions.end_call(me, call.pk, "no_answer", again_at=now() - MINUTE)
    chosen = now() + timedelta(hours=5)
    actions.end_call(me, call.pk, "no_answer", again_at=chosen)
    assert Recipient.objects.get().next_at == chosen == Call.objects.get().again_at


@pytest.mark.parametrize("outcome", ["wrong_number", "refuses_calls"])
@pytest.mark.parametrize("drill", [False, True])
def test_a_number_at_fault_is_told_upwards_except_in_a_drill(outcome: str, drill: bool) -> None:
    make_call_list("delayed", drill=drill)
    me = agent()
    call = actions.take_call(me)
    assert call is not None
    actions.end_call(me, call.pk, outcome)
    row = Recipient.objects.get()
    assert (row.state, row.standing) == ("call_list", "refused")
    assert row.next_at is not None and row.next_at <= now(), "the sender takes the next rung"
    told = list(RefusedAddress.objects.values_list("channel", "address", "reply"))
    assert told == ([] if drill else [("call", row.address, outcome)])


def test_a_call_that_was_put_back_is_anybodys_at_once() -> None:
    make_call_list("delayed")
    me = agent()
    call = actions.take_call(me)
    assert call is not None
    actions.give_back_call(me, call.pk)
    assert taken(agent()) is not None
    assert not Result.objects.exists()


def test_whoever_confirmed_by_the_link_while_being_called_stays_confirmed() -> None:
    make_call_list("lost")
    me = agent()
    call = actions.take_call(me)
    assert call is not None
    actions.confirm(call.recipient_id, "link", now())
    actions.end_call(me, call.pk, "no_answer")
    row = Recipient.objects.get()
    assert (row.state, row.standing, row.next_at) == ("reached", "confirmed", None)
    assert actions.take_call(me) is None


def test_nobody_is_called_about_what_was_stopped() -> None:
    make_call_list("delayed")
    pause = Pause.objects.create(scope="everything", reason="asked")
    assert taken(agent()) is None
    Pause.objects.filter(pk=pause.pk).update(ended_at=now())
    assert taken(agent()) is not None


def test_a_unit_calls_for_its_own_messages_only() -> None:
    make_call_list("delayed")
    branch = make_unit("Branch", "branch").pk
    assert taken(agent(frozenset({branch}))) is None
    Message.objects.update(unit_id=branch)
    assert queries.call_outlook(agent(frozenset({branch})), now()).left == 1
    assert taken(agent(frozenset({branch}))) is not None
    with pytest.raises(Refused):
        queries.calls(Actor(ActorKind.PERSON, "x", frozenset({"message.read"})), now(), CallFilter())


@pytest.mark.parametrize(
    ("dues", "people", "a_call", "late", "needed", "done"),
    [
        ([], 0, None, 0, 0, 0),
        ([60] * 10, 1, 4, 0, 1, 40),
        ([60] * 30, 1, 4, 15, 2, 120),
        ([60] * 30, 2, 4, 0, 2, 60),
        ([60] * 30, 0, 4, 15, 2, 120),
        ([-5, 60], 1, 4, 1, 1, 8),
        ([None] * 5, 1, None, 0, 1, 20),
        ([10, 10, 10], 1, 5, 1, 2, 15),
    ],
)
def test_the_list_says_beforehand_when_it_will_not_be_done_in_time(
    dues: list[int | None], people: int, a_call: int | None, late: int, needed: int, done: int
) -> None:
    moments = [NOON + due * MINUTE if due is not None else None for due in dues]
    seen = outlook(moments, a_call=a_call * MINUTE if a_call else None, people=people, now=NOON)
    assert (seen.left, seen.late, seen.people_needed) == (len(dues), late, needed)
    assert seen.done_at == NOON + done * MINUTE
    assert seen.more_needed == max(needed - people, 0)


def test_the_pace_is_that_of_the_last_hour() -> None:
    make_call_list("delayed", "delayed")
    for minutes, ago in ((2, 30), (6, 40), (10, 200)):
        Call.objects.create(
            recipient_id=new_id(), delivery_id=new_id(), about=ABOUT, taken_by=f"person:{minutes}", outcome="no_answer",
            taken_at=now() - (ago + minutes) * MINUTE, leased_until=now(), ended_at=now() - ago * MINUTE,
        )  # fmt: skip
    seen = queries.call_outlook(agent(), now())
    assert (seen.left, seen.people, round(seen.a_call / MINUTE)) == (2, 2, 6)


def press(client: object, name: str, *args: object, **post: object) -> object:
    return client.post(reverse(f"messaging:{name}", args=args), post, follow=True)  # type: ignore[attr-defined]


def test_an_agent_works_the_list_from_its_page_call_after_call() -> None:
    make_call_list("lost", "delayed")
    client = signed_in(make_agent())
    shown = client.get(reverse("messaging:calls")).content.decode()
    assert "2 calls left, at 4 min each" in shown and "nobody has called in the last hour" in shown
    assert "Contact 1" in shown and "Lost" in shown
    first = press(client, "take_call").content.decode()  # type: ignore[attr-defined]
    assert (
        "tel:+31" in first and "What to say" in first and "Nederlands" in first and "Beste Contact 1" in first
    )
    call = Call.objects.get()
    nothing = press(client, "call", call.pk, about="")
    assert nothing.status_code == 422, "an outcome is needed"  # type: ignore[attr-defined]
    second = press(
        client, "call", call.pk, outcome="reached", note="Spoke to the desk", next="1"
    ).content.decode()  # type: ignore[attr-defined]
    assert "Noted: Reached, and confirmed." in second and "Contact 2" in second
    other = Call.objects.get(ended_at=None)
    assert "on the list again" in press(client, "give_back_call", other.pk).content.decode()  # type: ignore[attr-defined]
    row = Recipient.objects.get(pk=call.recipient_id)
    evidence = (
        signed_in(make_dispatcher()).get(reverse("messaging:recipient", args=[row.pk])).content.decode()
    )
    assert "Spoke to the desk" in evidence and "by telephone" in evidence


def test_a_call_is_nobody_elses_page_and_an_auditor_calls_nobody() -> None:
    make_call_list("lost")
    call = actions.take_call(agent())
    assert call is not None
    assert signed_in(make_agent()).get(reverse("messaging:call", args=[call.pk])).status_code == 404
    assert signed_in(make_person(Role.AUDITOR)).get(reverse("messaging:calls")).status_code == 403


def test_an_exercise_shows_no_number_to_call() -> None:
    make_call_list("lost", drill=True)
    shown = press(signed_in(make_agent()), "take_call").content.decode()  # type: ignore[attr-defined]
    assert "EXERCISE" in shown and "do not call" in shown and "+31 970" not in shown


def test_the_worklist_asks_for_people_while_the_list_will_not_be_done_in_time() -> None:
    agent = signed_in(make_agent())
    assert "calls left" not in agent.get("/").content.decode()
    make_call_list(*["delayed"] * 3)
    Recipient.objects.update(due_by=now() + 7 * MINUTE)
    shown = agent.get("/").content.decode()
    assert "3 calls left" in shown and "2 come after their deadline: 2 more people are needed" in shown
    assert "calls left" not in signed_in(make_person(Role.AUDITOR)).get("/").content.decode()


@pytest.mark.parametrize("outcome", ["reached", "wrong_number", "no_answer"])
def test_somebody_who_missed_two_messages_is_called_once_for_both(outcome: str) -> None:
    make_call_list("delayed")
    first = Recipient.objects.get()
    second = make_message()
    again = Audience(
        "SELECT contact_id, name, language, time_zone, channel, address, due_by, shipment_ids, lines"
        " FROM messaging_recipient WHERE id = %(first)s",
        {"first": first.pk},
    )
    actions.send_message(WRITER, second, again)
    me = agent()
    assert queries.call_outlook(me, now()).left == len(queries.calls(me, now(), CallFilter())) == 1
    call = actions.take_call(me)
    assert call is not None and call.recipient_id != first.pk, "the newest"
    assert actions.take_call(agent()) is None
    told = queries.conversation(me, call.pk)
    assert [message.phase for message, _words in told.also] == ["first_notice"]
    actions.end_call(me, call.pk, outcome)
    standings = {"reached": "confirmed", "wrong_number": "refused", "no_answer": ""}
    first.refresh_from_db()
    assert first.standing == standings[outcome]
    assert actions.take_call(agent()) is None, "a number at fault is not offered until the next rung is taken"


def test_what_came_while_they_talked_was_not_told() -> None:
    make_call_list("lost")
    first, me = Recipient.objects.get(), agent()
    call = actions.take_call(me)
    assert call is not None
    later = Audience(
        "SELECT contact_id, name, language, time_zone, channel, address, due_by, shipment_ids, lines"
        " FROM messaging_recipient WHERE id = %(first)s",
        {"first": first.pk},
    )
    update = make_message()
    actions.send_message(WRITER, update, later)
    assert queries.conversation(me, call.pk).also == []
    actions.end_call(me, call.pk, "reached")
    first.refresh_from_db()
    assert first.standing == "confirmed"
    assert Recipient.objects.get(message_id=update).standing == "", "nobody has said it to them"
    assert actions.take_call(me) is not None, "and they are called for it"
