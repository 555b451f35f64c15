"""What the firm opens of the table role × fact × channel: two people's to open, one's to close, and kept to by all that is told."""

import json
from typing import Any

import pytest
from django.db import connection

from tests.cast import make_dispatcher, signed_in
from tests.programs import Program
from tidings.customers.models import Contact
from tidings.incidents import actions, queries, rules
from tidings.incidents.models import OpenedAsk, OpenedCell
from tidings.incidents.rules import CELLS, Cell, Fact
from tidings.incidents.tests.cast import approve, readers
from tidings.incidents.tests.test_policies import admin
from tidings.incidents.tests.test_telling import _theft
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.models import AuditLine
from tidings.messaging.actions import freeze_message
from tidings.messaging.models import Message
from tidings.messaging.rules.wording import Reader, reader_values
from tidings.messaging.texts import words
from tidings.people.queries import command_actor

BY_MAIL = Cell("consignee", Fact.STOLEN, "email")
BY_SMS, BY_VOICE = (Cell("account", Fact.STOLEN, channel) for channel in ("sms", "voice"))
BY_OTHERS = tuple(Cell("account", Fact.STOLEN, channel) for channel in ("wecom", "other"))


@pytest.mark.parametrize("cell", CELLS)
def test_each_cell_is_told_or_may_be_opened_and_opens_nothing_beside_it(cell: Cell) -> None:
    told = rules.may_hear(cell.fact, (cell.role,), cell.channel)
    assert rules.may_be_opened(cell) is not told
    opened = {one for one in CELLS if rules.may_hear(one.fact, (one.role,), one.channel, {cell})}
    shipped = {one for one in CELLS if rules.may_hear(one.fact, (one.role,), one.channel)}
    assert opened - shipped == ({cell} - shipped)


@pytest.mark.parametrize(
    "cell", [Cell("courier", Fact.GOODS, "email"), Cell("consignee", Fact.GOODS, "pigeon")]
)
def test_what_is_no_cell_is_not_opened(cell: Cell) -> None:
    assert not rules.may_be_opened(cell)


def two() -> tuple[Any, Any, Any]:
    (_, asker), (user, second) = admin(name="Robin"), admin(name="Kim")
    return asker, second, user


def open_at_once(*cells: Cell) -> None:
    """By two administrators."""
    asker, second, _ = two()
    for cell in cells:
        asked = actions.open_cell(asker, cell, "Agreed.")
        assert asked
        actions.confirm_cell(second, asked.pk)


@pytest.mark.django_db
def test_opening_waits_for_a_second_administrator_and_closing_holds_at_once() -> None:
    asker, second, _ = two()
    asked = actions.open_cell(asker, BY_MAIL, "Agreed with our consumers.")
    assert asked and not queries.opened()
    with pytest.raises(Refused, match="policy_not_both"):
        actions.confirm_cell(asker, asked.pk)
    with pytest.raises(Refused):
        actions.confirm_cell(command_actor("robin"), asked.pk)
    actions.confirm_cell(second, asked.pk)
    assert queries.opened() == {BY_MAIL}
    row = OpenedCell.objects.get()
    assert (row.asked_by, row.by) == (asker.ref, second.ref)
    with pytest.raises(Missing):
        actions.confirm_cell(second, asked.pk)
    with pytest.raises(Conflict, match="cell_is_open"):
        actions.open_cell(asker, BY_MAIL, "Again.")
    assert actions.close_cell(asker, BY_MAIL) is None
    assert not queries.opened() and OpenedCell.objects.get().ended_by == asker.ref
    verbs = list(AuditLine.objects.filter(thing="telling").values_list("verb", flat=True))
    assert sorted(verbs) == ["telling.ask", "telling.close", "telling.open"]


@pytest.mark.django_db
def test_what_is_told_anyway_or_without_a_reason_is_refused_and_a_declined_wish_opens_nothing() -> None:
    asker, second, _ = two()
    with pytest.raises(Refused, match="cell_told_already"):
        actions.open_cell(asker, Cell("account", Fact.GOODS, "email"), "Why not.")
    with pytest.raises(Refused, match="cell_reason"):
        actions.open_cell(asker, BY_MAIL, " ")
    asked = actions.open_cell(asker, BY_MAIL, "Agreed.")
    assert asked
    actions.decline_cell(second, asked.pk)
    assert not queries.opened() and OpenedAsk.objects.get().outcome == "declined"


@pytest.mark.django_db
def test_a_consignee_reads_of_a_theft_once_that_is_open_by_mail_and_no_longer_once_it_is_closed() -> None:
    open_at_once(BY_MAIL)
    actor, incident = _theft()
    assert queries.kind_told(incident, "first_notice") == "theft"
    message = actions.write_phase(actor, incident.pk, "first_notice", {})
    freeze_message(actor, message)
    approve(message)
    actions.close_cell(two()[0], BY_MAIL)
    with pytest.raises(Refused, match="told_too_openly"):
        actions.send_phase(actor, incident.pk, message)
    open_at_once(BY_MAIL)
    actions.send_phase(actor, incident.pk, message)
    assert [line["effect"] for line in readers(message)["Reader C-2"].lines] == ["stolen"]


@pytest.mark.django_db
def test_opening_never_stops_what_was_written_before() -> None:
    actor, incident = _theft()
    message = actions.write_phase(actor, incident.pk, "first_notice", {})
    freeze_message(actor, message)
    approve(message)
    assert Message.objects.get(pk=message).kind == "loss"
    open_at_once(BY_MAIL)
    assert actions.send_phase(actor, incident.pk, message) == 2


@pytest.mark.django_db
def test_the_short_form_says_it_only_where_every_channel_that_has_it_is_open() -> None:
    def short_of() -> str:
        found = queries.audience(incident, "first_notice", queries_now)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT lines::text FROM ({found.sql}) found WHERE contact_id = %(who)s",
                {**found.params, "who": who},
            )
            lines = json.loads(cursor.fetchone()[0])
        return reader_values(Reader(words("en"), "UTC", 2026), "", lines, {}, "")["shipment_short"]

    _actor, incident = _theft()
    who, queries_now = Contact.objects.get(name="Reader C-1").pk, incident.detected_at
    assert "missing" in short_of()
    for one in (BY_SMS, BY_VOICE, *BY_OTHERS):
        assert "missing" in short_of()
        open_at_once(one)
    assert "stolen" in short_of()


@pytest.mark.django_db
def test_the_page_shows_the_table_and_what_waits_and_only_an_administrator_opens() -> None:
    (user, _asker), (other, _second) = admin(name="Robin"), admin(name="Kim")
    mine, theirs = signed_in(user), signed_in(other)
    given = {"role": "consignee", "fact": "stolen", "channel": "email", "reason": "Agreed."}
    assert mine.post("/incidents/telling/", {**given, "reason": ""}).status_code == 422
    assert mine.post("/incidents/telling/", given).status_code == 302
    assert "so another administrator confirms it" in mine.get("/incidents/telling/").text
    page = theirs.get("/incidents/telling/").text
    for shown in ("Consignee · That goods were stolen · E-mail", "Robin asks that this be told", "not told"):
        assert shown in page
    theirs.post(f"/incidents/telling/confirm/{OpenedAsk.objects.get().pk}/")
    assert "opened: E-mail" in mine.get("/incidents/telling/").text
    mine.post("/incidents/telling/close/", given)
    assert "Closed again" in mine.get("/incidents/telling/").text and not queries.opened()
    assert signed_in(make_dispatcher()).get("/incidents/telling/").status_code == 403


@pytest.mark.django_db
def test_a_program_reads_the_table_and_only_asks() -> None:
    program = Program()
    cells = program.get("/telling").json()
    assert len(cells) == len(CELLS) and not any(one["opened_at"] for one in cells)
    given = {"role": "consignee", "fact": "stolen", "channel": "email"}
    answer = program.post("/telling/open", {**given, "reason": "Agreed."})
    assert answer.status_code == 202 and answer.json()["waits"] and not queries.opened()
    assert [one["what"] for one in program.get("/telling/asked").json()] == ["open"]
    _, other = admin(name="Kim")
    actions.confirm_cell(other, queries.opened_asked(other)[0].pk)
    assert program.post("/telling/close", given).json()["waits"] and queries.opened() == {BY_MAIL}
    assert program.post("/telling/open", {**given, "reason": "Again."}).status_code == 409
