"""A customer's own page: what it shows, to whom, until when; and that nothing else opens it."""

from datetime import timedelta

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from pydantic import ValidationError

from tidings.config.environment import Environment
from tidings.incidents import actions
from tidings.incidents.models import Affected, StateChange
from tidings.incidents.rules import Effect, State
from tidings.incidents.rules.own_page import line_told, link_opens, sentences_told
from tidings.incidents.tests.cast import (
    NOW,
    approve,
    make_actor,
    make_customer,
    make_hub_of_shipments,
    make_opened,
    make_place,
    make_shipment,
)
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Missing, Refused
from tidings.kernel.ids import new_id
from tidings.messaging.actions import freeze_message
from tidings.messaging.models import Broadcast, Recipient, Result
from tidings.messaging.queries import links
from tidings.messaging.rules.wording import code_of


@pytest.mark.parametrize(
    ("state", "ended", "revoked", "opens"),
    [
        ("responding", None, False, True),
        ("responding", timedelta(days=90), False, True),
        ("closed", timedelta(days=29), False, True),
        ("closed", timedelta(days=30), False, False),
        ("dismissed", timedelta(days=31), False, False),
        ("reopened", timedelta(days=60), False, True),
        ("responding", None, True, False),
    ],
)
def test_a_link_opens_until_thirty_days_after_the_end(
    state: str, ended: timedelta | None, revoked: bool, opens: bool
) -> None:
    ended_at = NOW - ended if ended else None
    assert link_opens(state=state, ended_at=ended_at, revoked=revoked, now=NOW) is opens


def test_of_stolen_goods_the_page_tells_no_more_than_a_message_would() -> None:
    line = {"waybill": "WB1", "effect": "stolen", "expected_at": "2026-11-24T16:00:00+00:00"}
    assert line_told(line, ["account"]) == line
    assert line_told(line, ["consignee"]) == {"waybill": "WB1", "effect": "missing"}
    assert line_told(line, []) == {"waybill": "WB1", "effect": "missing"}
    own = {"waybill": "WB1", "effect": "a_code_of_the_firms_own"}
    assert line_told(own, []) == own


def tell(actor: Actor, incident, phase: str = "first_notice", facts: object = None) -> None:
    message = actions.write_phase(actor, incident.pk, phase, facts or {})  # type: ignore[arg-type]
    freeze_message(actor, message)
    approve(message)
    actions.send_phase(actor, incident.pk, message)
    for row in Recipient.objects.filter(message_id=message):
        Result.objects.create(
            delivery_id=row.pk, attempt=1, outcome="accepted", recipient_id=row.pk, broadcast_id=row.broadcast_id, at=now()
        )  # fmt: skip


def token(number: str) -> str:
    """The token in the newest message to the reader of one customer."""
    recipient = Recipient.objects.filter(name=f"Reader {number}").latest("id")
    return links().to(recipient.pk).rpartition("/")[2]


def page(number: str, **query: object):
    return Client().get(reverse("own:page", args=[token(number)]), query)


@pytest.fixture
def told(db):
    cast = make_hub_of_shipments()
    actor, incident = make_opened()
    tell(actor, incident)
    return actor, incident, cast


def test_the_page_shows_their_shipments_what_was_told_and_what_was_promised_in_their_language(told):
    for number, theirs, said in (
        ("C-en", ("WB1", "WB2"), ("Your 2 shipments", "What we told you", "You hear from us again by")),
        ("C-nl", ("WB3",), ("Uw zending", "Wat wij u hebben gemeld", "U hoort opnieuw van ons")),
        ("C-zh-hans", ("WB4",), ("您的快件", "我们告知您的内容", "再次通知您")),
    ):
        shown = page(number)
        assert shown.status_code == 200
        for words in (*theirs, *said):
            assert words in shown.text, (number, words)
        others = {"WB1", "WB2", "WB3", "WB4", "WB5"} - set(theirs)
        assert not [one for one in others if one in shown.text]
        assert code_of(Recipient.objects.get(name=f"Reader {number}").pk) in shown.text


def test_the_page_is_kept_by_nobody_found_by_nobody_and_told_to_nobody(told):
    shown = page("C-en")
    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in shown.headers["X-Robots-Tag"]
    assert shown.headers["Content-Language"] == "en"
    assert not shown.cookies
    assert "<script" not in shown.text


def test_what_is_written_and_not_sent_is_not_on_the_page_nor_an_effect_that_no_message_told(told):
    actor, incident, _ = told
    actions.set_effect(actor, incident.pk, "lost")
    facts = {"en": {"status": "The hall is open again.", "what_changed": "x", "measures": "y"}}
    actions.write_phase(actor, incident.pk, "update", facts)
    shown = page("C-en")
    assert "The hall is open again" not in shown.text and "lost" not in shown.text
    tell(actor, incident, "update", {code: facts["en"] for code in ("en", "nl", "zh-hans")})
    shown = page("C-en")
    assert "The hall is open again." in shown.text and "lost" in shown.text
    assert shown.text.index("The hall is open again.") < shown.text.index("First notice")


def test_a_message_that_was_stopped_before_it_left_is_not_on_the_page(told):
    actor, incident, _ = told
    first = token("C-en")
    message = actions.write_phase(actor, incident.pk, "update", {code: {"status": "Not so.", "what_changed": "x", "measures": "y"} for code in ("en", "nl", "zh-hans")})  # fmt: skip
    freeze_message(actor, message)
    approve(message)
    actions.send_phase(actor, incident.pk, message)
    assert "Not so." not in Client().get(reverse("own:page", args=[first])).text


def test_a_consignee_reads_on_the_page_only_what_its_role_may_hear_today(told):
    actor, incident, cast = told
    actions.set_effect(actor, incident.pk, Effect.STOLEN)
    tell(actor, incident, "update", {code: {"status": "s", "what_changed": "x", "measures": "y"} for code in ("en", "nl", "zh-hans")})  # fmt: skip
    assert "stolen" in page("C-en").text
    Affected.objects.filter(customer_id=cast["en"].pk).update(roles=["consignee"])
    shown = page("C-en").text
    assert "stolen" not in shown and "not found yet" in shown


def test_of_a_theft_a_consignee_does_not_read_in_the_sentences_either(db):
    cast = make_hub_of_shipments()
    actor, incident = make_opened(kind="theft")
    tell(actor, incident)
    shown = page("C-en").text
    assert "stolen" in shown.casefold() or "theft" in shown.casefold()
    Affected.objects.filter(customer_id=cast["en"].pk).update(roles=["consignee"])
    shown = page("C-en")
    assert shown.status_code == 200 and "WB1" in shown.text and "does not repeat" in shown.text
    for word in ("stolen", "theft", "thief", "police"):
        assert word not in shown.text.casefold()
    assert "diefstal" in page("C-nl").text.casefold(), "who may hear of it reads it still"


@pytest.mark.parametrize(
    ("kind", "effect", "roles", "may"),
    [
        ("theft", "missing", [["account"]], True),
        ("theft", "missing", [["consignee"]], False),
        ("theft", "missing", [["account"], ["consignee"]], False),
        ("accident", "delayed", [["consignee"]], True),
        ("accident", "stolen", [["consignee"]], False),
        ("accident", "stolen", [["account", "consignee"]], True),
        ("theft", "missing", [[]], False),
    ],
)
def test_sentences_that_speak_of_theft_are_for_who_may_hear_of_it(kind, effect, roles, may):
    assert sentences_told(kind, [({"effect": effect}, one) for one in roles]) is may


def test_four_hundred_shipments_are_paged_and_found_by_their_number(db):
    customer, hub = make_customer("C-1"), make_place()
    for number in range(120):
        make_shipment(f"WB{number:03}", customer, hub)
    actor, incident = make_opened()
    tell(actor, incident)
    shown = page("C-1")
    assert shown.text.count("<li>") == 50 and "Page 1 of 3" in shown.text
    assert page("C-1", page=3).text.count("<li>") == 20
    found = page("C-1", q="wb11")
    assert found.text.count("<li>") == 10 and "WB119" in found.text
    assert "nothing on this page" in page("C-1", page=9).text
    assert "None of your shipments here" in page("C-1", q="<x>").text


def test_a_token_that_is_not_ours_and_one_whose_time_is_over_get_the_same_sentence(told):
    actor, incident, cast = told
    dead = Client().get("/m/AaIuDVancACBTc1T2tbo2jr_RFPka52l98c")
    assert dead.status_code == 404 and "This link opens nothing" in dead.text
    kept = token("C-en")
    actions.revoke_links(actor, cast["en"].contacts.get().pk)
    revoked = Client().get(reverse("own:page", args=[kept]))
    assert (revoked.status_code, revoked.text) == (404, dead.text)
    assert page("C-nl").status_code == 200
    tell(actor, incident, "update", {code: {"status": "s", "what_changed": "x", "measures": "y"} for code in ("en", "nl", "zh-hans")})  # fmt: skip
    assert page("C-en").status_code == 200
    assert Client().get(reverse("own:page", args=[kept])).status_code == 404


def test_a_link_that_was_ended_stays_so_when_its_message_is_sent_again(told):
    actor, _, cast = told
    kept = token("C-en")
    actions.revoke_links(actor, cast["en"].contacts.get().pk)
    row = Recipient.objects.get(name="Reader C-en")
    again = Broadcast.objects.create(message_id=row.message_id, lane=row.broadcast.lane, settle_seconds=0)
    Recipient.objects.filter(pk=row.pk).update(broadcast=again)
    assert Client().get(reverse("own:page", args=[kept])).status_code == 404


def test_a_link_ends_thirty_days_after_the_incident_and_with_its_contact(told):
    _, incident, cast = told
    cast["nl"].contacts.update(ended_at=now())
    assert page("C-nl").status_code == 404
    incident.state = State.CLOSED
    incident.save(update_fields=["state"])
    StateChange.objects.create(
        incident=incident, state="closed", reason="x", at=now() - timedelta(days=31), by_kind="person", by="x"
    )
    assert page("C-en").status_code == 404


def test_reading_proves_nothing_and_pressing_confirms_what_was_shown(told):
    first = token("C-en")
    assert page("C-en").status_code == 200
    assert Client().head(reverse("own:page", args=[first])).status_code == 200
    assert not Result.objects.filter(outcome="confirmed").exists()
    recipient = Recipient.objects.get(name="Reader C-en")
    pressed = Client(enforce_csrf_checks=True).post(
        reverse("own:read", args=[first]), {"seen": str(recipient.pk)}
    )
    assert pressed.status_code == 302 and pressed.url == reverse("own:page", args=[first])
    [fact] = Result.objects.filter(outcome="confirmed")
    assert fact.recipient_id == recipient.pk
    assert "You told us on" in page("C-en").text
    assert Client().get(reverse("own:read", args=[first])).status_code == 405
    assert Client().post("/m/forged/read", {"seen": str(recipient.pk)}).status_code == 404


@override_settings(PUBLIC_RATE_LIMITS={"own_page": 2, "own_page_answer": 2})
def test_who_asks_too_often_waits_and_no_log_names_the_address(told, caplog):
    ours = token("C-en")
    answers = [Client().get(f"/m/{ours}") for _ in range(6)]
    assert {answer.status_code for answer in answers} == {200, 429}
    assert "Wait a minute" in answers[-1].text and answers[-1].headers["Retry-After"]
    assert {Client().post(f"/m/{ours}/read").status_code for _ in range(6)} == {302, 429}
    assert Client().get("/m/guess", REMOTE_ADDR="2001:db8::1").status_code == 404
    assert Client().post(f"/m/{ours}").status_code == 405
    assert "/m/" not in caplog.text


def test_only_who_sees_the_contact_may_end_its_links(told):

    _, _, cast = told
    contact = cast["en"].contacts.get().pk
    with pytest.raises(Missing):
        actions.revoke_links(make_actor("agent", frozenset({new_id()})), contact)
    with pytest.raises(Refused):
        actions.revoke_links(make_actor("auditor"), contact)
    assert page("C-en").status_code == 200


@pytest.mark.parametrize(
    ("given", "address"),
    [("", ""), ("https://t.example.org/", "https://t.example.org"), ("http://localhost:8000", "http://localhost:8000")],
)  # fmt: skip
def test_the_public_address_is_a_host_and_nothing_more(given: str, address: str) -> None:
    assert address == Environment(TIDINGS_PUBLIC_URL=given).TIDINGS_PUBLIC_URL
    for odd in ("t.example.org", "https://t.example.org/a", "https://t.example.org?x", "javascript:x"):
        with pytest.raises(ValidationError):
            Environment(TIDINGS_PUBLIC_URL=odd)
