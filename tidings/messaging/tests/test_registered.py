"""Registered forms as people keep them, on pages and in files, and what freezing takes along."""

import json

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from tests.cast import make_administrator, make_auditor, make_communicator, signed_in
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.messaging import actions, queries
from tidings.messaging.actions.register import register_form, take_out_form
from tidings.messaging.actions.services import Service, set_service
from tidings.messaging.models import Freeze, RegisteredForm
from tidings.messaging.rules.registered import Form, FormState
from tidings.messaging.tests.cast import WRITER, make_message
from tidings.people.queries import actor_of

pytestmark = pytest.mark.django_db
WHERE = ("general", "first_notice", "nl")
FORM = Form("late_1", "", "nl", (("1", "{waybill}"), ("2", "{outcome}")), FormState.APPROVED)


def text() -> queries.Text:
    return queries.texts_for(*WHERE[:2])[WHERE[2]]


def use(service: str, rung: str) -> None:
    set_service(actor_of(make_administrator()), Service(service, service, rung, {"number_id": "1"}))


def registered(form: Form = FORM, service: str = "whatsapp", seen: str = "") -> RegisteredForm:
    register_form(actor_of(make_communicator()), text(), service, form, seen=seen)
    found = queries.form_in_force(*WHERE, service)
    assert found is not None
    return found


def test_each_change_is_a_new_version_and_the_newest_counts() -> None:
    first = registered(Form("", "", "nl", FORM.fields, FormState.SUBMITTED))
    second = registered(seen=str(first.pk))
    assert queries.form_in_force(*WHERE, "whatsapp") == second
    assert [one.state for one in queries.form_versions(*WHERE, "whatsapp")] == ["approved", "submitted"]
    with pytest.raises(Conflict):
        registered(seen=str(first.pk))
    take_out_form(actor_of(make_communicator()), text(), "whatsapp", seen=str(second.pk))
    assert queries.form_in_force(*WHERE, "whatsapp") is None
    with pytest.raises(Missing):
        take_out_form(actor_of(make_communicator()), text(), "whatsapp", seen="")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT payload::text FROM kernel_auditline WHERE verb = 'text.register' ORDER BY id DESC"
        )
        assert "taken_out" in cursor.fetchone()[0]


def test_who_may_not_change_texts_registers_none_and_nothing_is_left_behind() -> None:
    with pytest.raises(Refused):
        register_form(actor_of(make_auditor()), text(), "whatsapp", FORM)
    with pytest.raises(Refused):
        registered(Form("", "", "", (), FormState.APPROVED))
    assert not RegisteredForm.objects.exists()


def test_the_database_keeps_no_approved_form_without_an_id() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RegisteredForm.objects.create(
            kind="general", phase="update", language="nl", service="whatsapp", state="approved", set_by="x"
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        RegisteredForm.objects.create(
            kind="general", phase="update", language="nl", service="whatsapp", state="odd", set_by="x"
        )


def test_freezing_takes_along_what_can_go_and_nothing_where_there_is_none() -> None:
    message = make_message()
    frozen = Freeze.objects.get(pk=actions.freeze_message(WRITER, message))
    assert all("registered" not in words for words in frozen.words.values())
    registered()
    again = Freeze.objects.get(pk=actions.freeze_message(WRITER, message))
    kept = again.words["nl"]["registered"]["whatsapp"]
    assert (kept["template"], kept["fields"]["1"]) == ("late_1", [{"slot": "waybill"}])
    assert "registered" not in again.words["en"]
    assert again.digest != frozen.digest, "an approval covers the form too"


def test_a_rung_is_open_where_a_form_can_go() -> None:
    use("whatsapp", "whatsapp")
    channels, rungs = queries.rungs_in_use()
    assert "whatsapp" in channels
    assert queries.form_limits(rungs, "delay", "first_notice") == {
        "at_demanding": ["whatsapp"],
        "at_registered": [],
    }
    registered()
    assert queries.form_limits(rungs, "delay", "first_notice")["at_registered"] == ["whatsapp/nl"]


def test_the_list_shows_gaps_and_goes_out_as_a_file() -> None:
    use("whatsapp", "whatsapp")
    registered()
    desk: Client = signed_in(make_communicator())
    page = desk.get(reverse("messaging:registered")).content.decode()
    assert "missing" in page
    assert "approved by the provider" in page
    missing = desk.get(reverse("messaging:registered"), {"state": "missing", "export": "csv"})
    rows = b"".join(missing.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "late_1" not in rows
    assert rows.count("\n") > 10
    book = desk.get(reverse("messaging:registered"), {"export": "xlsx"})
    assert b"".join(book.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]


def test_a_form_is_written_and_taken_out_on_its_page() -> None:
    use("whatsapp", "whatsapp")
    desk: Client = signed_in(make_communicator())
    address = reverse("messaging:registered_form", args=[*WHERE, "whatsapp"])
    assert desk.get(address).status_code == 200
    given = {
        "template": "late_1",
        "language": "nl",
        "fields_written": "1 = {waybill}",
        "state": "approved",
        "seen": "",
    }
    odd = desk.post(address, {**given, "fields_written": "{waybill}"})
    assert (odd.status_code, "cannot be read" in odd.content.decode()) == (422, True)
    assert desk.post(address, given).status_code == 302
    row = queries.form_in_force(*WHERE, "whatsapp")
    assert row is not None
    assert row.fields == [["1", "{waybill}"]]
    assert desk.post(address, given).status_code == 422, "somebody else was first"
    out = reverse("messaging:take_out_form", args=[*WHERE, "whatsapp"])
    assert desk.post(out, {"seen": str(row.pk)}).status_code == 302
    assert queries.form_in_force(*WHERE, "whatsapp") is None
    assert signed_in(make_auditor()).post(address, given).status_code == 403
    assert desk.get(reverse("messaging:registered_form", args=[*WHERE, "twilio"])).status_code == 404
    assert json.dumps(row.fields)
