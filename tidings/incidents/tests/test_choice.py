"""What customers may choose: offered by a person, answered on their own page, a task for operations, and a default that holds."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from tests.cast import make_auditor, make_dispatcher, signed_in
from tidings.customers.models import Contact
from tidings.incidents import actions
from tidings.incidents.composer import composer
from tidings.incidents.models import Affected, Choice, Incident, Offer, Task, TimelineLine
from tidings.incidents.queries import Narrowed
from tidings.incidents.queries.choices import Counted, answers, counted
from tidings.incidents.rules import Effect, Meaning
from tidings.incidents.rules.choice import in_order, is_offered, may_choose, why_not_offer
from tidings.incidents.tests.cast import NOW, approve, make_actor, make_hub_of_shipments, make_opened
from tidings.incidents.tests.test_own_page import page, tell, token
from tidings.incidents.words.choice import task_words
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Refused
from tidings.kernel.ids import new_id
from tidings.messaging.actions import freeze_message
from tidings.messaging.models import Freeze, Recipient
from tidings.messaging.queries import SeenAgain
from tidings.shipments.models import Shipment

HOUR = timedelta(hours=1)
THREE = ("wait", "redeliver", "return")


@pytest.mark.parametrize(
    ("options", "default", "closes", "wrong"),
    [
        (THREE, "wait", HOUR, ""),
        (("wait",), "wait", HOUR, "incident.choice_needs_two"),
        (("wait", "wait"), "wait", HOUR, "incident.choice_needs_two"),
        (("wait", "sell"), "wait", HOUR, "incident.choice_needs_two"),
        (THREE, "cancel", HOUR, "incident.choice_default_not_offered"),
        (THREE, "wait", timedelta(), "incident.choice_closes_in_the_past"),
    ],
)
def test_what_can_be_offered(options, default, closes, wrong):
    assert why_not_offer(options, default, NOW + closes, NOW) == wrong


def test_an_answer_counts_until_the_offer_closes_or_is_withdrawn():
    assert may_choose(NOW + HOUR, None, NOW)
    assert not may_choose(NOW, None, NOW)
    assert not may_choose(NOW + HOUR, NOW, NOW)
    assert in_order(["return", "wait", "wait"]) == ["wait", "return"]
    assert (
        is_offered("delayed", "") and is_offered("delayed", "delayed") and not is_offered("lost", "delayed")
    )


@pytest.fixture
def told(db):
    make_hub_of_shipments()
    actor, incident = make_opened(kind="delay")
    tell(actor, incident)
    return actor, incident


def offer(actor: Actor, incident, **changes) -> Offer:
    values = {"options": THREE, "default": "wait", "closes_at": now() + HOUR, **changes}
    return Offer.objects.get(pk=actions.offer_choice(actor, incident.pk, **values))


def answer(number: str, made: Offer, option: str, shipment: object = ""):
    return Client(enforce_csrf_checks=True).post(
        reverse("own:choose", args=[token(number)]),
        {"offer": made.pk, "option": option, "shipment": shipment},
    )


def test_a_customer_chooses_for_all_and_then_otherwise_for_one(told):
    made = offer(*told)
    shown = page("C-en")
    for words in ("What shall we do?", "For your 2 shipments at once", "Deliver again", "this holds: Wait"):
        assert words in shown.text
    assert not Choice.objects.exists()
    assert answer("C-en", made, "redeliver").url.endswith("?said=chosen#choice")
    [task] = Task.objects.all()
    assert (task.department, task.origin, task.text) == ("operations", "choice", "Deliver again: WB1, WB2")
    assert counted(make_actor(), made) == [
        Counted("wait", 0, 0),
        Counted("redeliver", 2, 1),
        Counted("return", 0, 0),
    ]
    first = Shipment.objects.get(waybill="WB1")
    answer("C-en", made, "return", first.pk)
    assert counted(make_actor(), made) == [
        Counted("wait", 0, 0),
        Counted("redeliver", 1, 1),
        Counted("return", 1, 1),
    ]
    assert Task.objects.filter(end="").count() == 2
    assert Task.objects.get(text="Return to the sender: WB1").shipment_id == first.pk
    answer("C-en", made, "wait")
    assert Task.objects.filter(end="").count() == 0
    assert Task.objects.filter(end="not_done", reason="The customer chose something else.").count() == 2
    lines = TimelineLine.objects.filter(code="choice_made").order_by("at")
    assert [line.facts for line in lines] == [
        {"option": "redeliver", "shipments": 2}, {"option": "return", "shipments": 1}, {"option": "wait", "shipments": 2},
    ]  # fmt: skip
    assert "You chose: Wait" in page("C-en", said="chosen").text
    story = signed_in(make_dispatcher()).get(reverse("incidents:show", args=[told[1].number])).text
    assert "A customer chose: Return to the sender (shipments: 1)" in story
    assert "Customers may choose; without an answer: Wait" in story


def test_the_same_answer_twice_is_one_and_one_customer_never_answers_for_another(told):
    made = offer(*told)
    for _press in range(2):
        answer("C-nl", made, "redeliver")
    assert (Choice.objects.count(), Task.objects.count()) == (1, 1)
    others = Shipment.objects.get(waybill="WB1")
    assert answer("C-nl", made, "return", others.pk).url.endswith("?said=again#choice")
    assert answer("C-nl", made, "cancel").url.endswith("?said=again#choice")
    assert (Choice.objects.count(), Task.objects.count()) == (1, 1)
    assert Client().get(reverse("own:choose", args=[token("C-nl")])).status_code == 405
    assert Client().post("/m/forged/choose", {"offer": made.pk, "option": "wait"}).status_code == 404


def test_after_the_closing_time_the_default_holds_and_is_said(told):
    actor, incident = told
    made = offer(actor, incident, default="redeliver")
    answer("C-nl", made, "return")
    Offer.objects.update(at=now() - 2 * HOUR, closes_at=now() - HOUR)
    assert answer("C-nl", made, "wait").url.endswith("?said=closed#choice")
    assert counted(make_actor(), made)[2] == Counted("return", 1, 1)
    shown = page("C-en").text
    assert "Where you did not choose, this holds: Deliver again." in shown and "<form" not in shown.split("id=\"shipments\"")[0]  # fmt: skip
    assert actions.settle_choices(make_actor(), task_words) == 1
    assert actions.settle_choices(make_actor(), task_words) == 0
    assert Task.objects.filter(text="Deliver again: every shipment for which nobody answered.").count() == 1
    assert TimelineLine.objects.filter(code="choice_closed").count() == 1


def test_an_answer_after_the_end_of_the_incident_or_after_the_default_was_settled_counts_no_more(told):
    actor, incident = told
    made = offer(actor, incident)
    incident.refresh_from_db()
    before = incident.state
    Incident.objects.filter(pk=incident.pk).update(state="closed")
    assert answer("C-nl", made, "redeliver").url.endswith("?said=closed#choice")
    Incident.objects.filter(pk=incident.pk).update(state=before)
    Offer.objects.update(settled_at=now())
    assert answer("C-nl", made, "wait").url.endswith("?said=closed#choice")
    assert (Choice.objects.count(), Task.objects.count()) == (0, 0)


def said_choices(actor: Actor, incident) -> list[str]:
    with override_settings(TIDINGS_PUBLIC_URL="https://tidings.example.org"):
        drafts = composer(actor, incident, "update", now()).drafts
    own = "https://tidings.example.org/m/…"
    chooses = ("choice", "keuze", "处理方式")
    return [
        next((one for one in draft.paragraphs if own in one and any(said in one for said in chooses)), "")
        for draft in drafts
    ]


def test_no_message_says_until_when_to_choose_once_that_is_over(told):
    actor, incident = told
    made = offer(*told)
    Offer.objects.update(at=now() - 2 * HOUR, closes_at=now() - HOUR)
    assert said_choices(actor, incident) == ["", "", ""], "an offer not settled yet is closed all the same"
    Offer.objects.filter(pk=made.pk).update(closes_at=now() + HOUR)
    assert all(said_choices(actor, incident))


def test_each_reader_hears_until_when_they_may_choose_themselves_in_their_own_zone(told):
    actor, incident = told
    second = Shipment.objects.get(waybill="WB2")
    actions.set_effect_of(actor, incident.pk, Narrowed(shipments=[second.pk]), Meaning(Effect.DAMAGED))
    Contact.objects.filter(name="Reader C-zh-hans").update(time_zone="Asia/Shanghai")
    damaged, delayed = (datetime(now().year + 1, 1, day, 11, tzinfo=UTC) for day in (5, 7))
    offer(actor, incident, effect="damaged", closes_at=damaged)
    english, dutch, _chinese = said_choices(actor, incident)
    assert "WB2: by" in english and "5 January" in english and "12:00 (Dutch time)" in english
    assert dutch == "", "there is nothing to choose for a shipment of another effect"
    offer(actor, incident, effect="delayed", closes_at=delayed)
    english, dutch, chinese = said_choices(actor, incident)
    assert english.index("WB2: by") < english.index("WB1: by") and "7 January" in english
    assert "7 januari" in dutch and "12.00" in dutch and "5 januari" not in dutch
    assert "北京时间" in chinese and "1月7日" in chinese and "19:00" in chinese


def test_a_message_frozen_while_one_could_choose_does_not_go_after_that(told):
    actor, incident = told
    made = offer(actor, incident)
    facts = {code: {"status": "s", "what_changed": "x", "measures": "y"} for code in ("en", "nl", "zh-hans")}
    with override_settings(TIDINGS_PUBLIC_URL="https://tidings.example.org"):
        message = actions.write_phase(actor, incident.pk, "update", facts)
        freeze_message(actor, message)
        approve(message)
    frozen = Freeze.objects.filter(message=message)
    frozen.update(frozen_at=now() - 2 * HOUR)
    Offer.objects.filter(pk=made.pk).update(at=now() - 3 * HOUR, closes_at=now() - HOUR)
    with pytest.raises(Refused) as refused:
        actions.send_phase(actor, incident.pk, message)
    assert refused.value.code == "incident.choice_passed"
    # One that nobody among the readers had was told to nobody.
    Offer.objects.filter(pk=made.pk).update(effect="lost")
    assert actions.send_phase(actor, incident.pk, message) == 3


def test_nor_does_it_go_again(told):
    actor, incident = told
    made = offer(actor, incident)
    facts = {code: {"status": "s", "what_changed": "x", "measures": "y"} for code in ("en", "nl", "zh-hans")}
    tell(actor, incident, "update", facts)
    [row, *_rest] = Recipient.objects.filter(name="Reader C-en").order_by("-pk")
    assert {line["choose_by"] for line in row.lines} == {made.closes_at.isoformat(timespec="seconds")}
    passed = [{**line, "choose_by": (now() - HOUR).isoformat()} for line in row.lines]
    Recipient.objects.filter(pk=row.pk).update(lines=passed)
    with pytest.raises(Refused) as refused:
        actions.send_phase_again(actor, incident.pk, row.message_id, SeenAgain("", 3))
    assert refused.value.code == "incident.choice_passed"


def test_nothing_is_offered_for_a_shipment_that_is_unaffected_after_all():
    assert not is_offered("unaffected", "")
    assert is_offered("", "") and is_offered("lost", "")


def test_an_offer_is_for_the_effect_that_the_reader_was_told(told):
    actor, incident = told
    offer(actor, incident, effect="damaged")
    assert "What shall we do?" not in page("C-en").text
    offer(actor, incident, effect="delayed")
    assert "What shall we do?" in page("C-en").text


def test_a_new_offer_takes_the_place_of_the_old_and_a_withdrawn_one_takes_no_answer(told):
    actor, incident = told
    first = offer(actor, incident)
    second = offer(actor, incident, options=("wait", "cancel"))
    assert answer("C-en", first, "wait").url.endswith("?said=again#choice")
    actions.withdraw_choice(actor, second.pk)
    actions.withdraw_choice(actor, second.pk)
    assert "What shall we do?" not in page("C-en").text
    with pytest.raises(Refused):
        offer(make_actor("auditor"), incident)


def test_the_staff_page_offers_counts_and_exports(told):
    _actor, incident = told
    address = reverse("incidents:choices", args=[incident.number])
    desk = signed_in(make_dispatcher())
    assert "Nothing is offered yet" in desk.get(address).text
    closes = (now() + HOUR).strftime("%Y-%m-%dT%H:%M")
    wrong = desk.post(address, {"options": ["wait"], "default": "wait", "closes_at": closes})
    assert wrong.status_code == 422 and "at least two" in wrong.text
    closes = (now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    right = desk.post(address, {"options": ["wait", "return"], "default": "wait", "closes_at": closes})
    assert right.status_code == 302
    made = Offer.objects.get()
    answer("C-zh-hans", made, "return")
    shown = desk.get(address).text
    assert "Return to the sender" in shown and "holds without an answer" in shown
    exported = desk.get(address, {"export": "csv", "offer": str(made.pk)})
    lines = b"".join(exported.streaming_content).decode()
    assert "WB4" in lines and "Reader C-zh-hans" in lines
    assert "Offer a choice" not in signed_in(make_auditor()).get(address).text
    withdrawn = desk.post(reverse("incidents:withdraw_choice", args=[incident.number, made.pk]))
    assert withdrawn.status_code == 302
    made.refresh_from_db()
    assert made.ended_at is not None


def test_a_unit_counts_and_exports_only_answers_for_shipments_it_sees(told):
    actor, incident = told
    made = offer(actor, incident)
    answer("C-nl", made, "return")
    answer("C-en", made, "return")
    mine = new_id()
    Affected.objects.filter(shipment_id=Shipment.objects.get(waybill="WB3").pk).update(units=[mine])
    branch = make_actor("dispatcher", frozenset({mine}))
    assert counted(branch, made)[2] == Counted("return", 1, 1)
    assert [one.waybill for one in answers(branch, made)] == ["WB3"]
    assert answers(make_actor(), made).count() == 3


def test_the_next_message_says_until_when_and_where_to_choose(told):
    actor, incident = told
    assert said_choices(actor, incident) == ["", "", ""]
    made = offer(actor, incident)
    for told_so, said in zip(
        said_choices(actor, incident), ("You have a choice", "U hebt een keuze", "您可以选择"), strict=True
    ):
        assert said in told_so and told_so.endswith("https://tidings.example.org/m/…")
    actions.withdraw_choice(actor, made.pk)
    assert said_choices(actor, incident) == ["", "", ""]
