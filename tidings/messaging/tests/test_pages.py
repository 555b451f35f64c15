"""The pages: who may see them, what they say, and that nothing of a customer runs in a browser or a spreadsheet."""

import csv
import io

import pytest
from django.urls import reverse

from tests.cast import (
    make_administrator,
    make_agent,
    make_approver,
    make_dispatcher,
    make_person,
    make_unit,
    signed_in,
)
from tidings.kernel.ids import new_id
from tidings.messaging import actions
from tidings.messaging.models import Approval, CaughtMail, FirmText, Freeze, Recipient, Relay, RelaySlot
from tidings.messaging.tests.cast import FACTS, WRITER, make_message, make_sent
from tidings.people.rules import Role

pytestmark = pytest.mark.django_db


def page(client: object, name: str, *args: object, query: str = "", **post: object) -> object:
    url = reverse(f"messaging:{name}", args=args) + query
    return client.post(url, post) if post else client.get(url)  # type: ignore[attr-defined]


def test_a_message_shows_its_words_per_language_and_its_reach() -> None:
    message = make_sent()
    client = signed_in(make_dispatcher())
    listed = page(client, "messages").content.decode()
    assert "First notice" in listed and "INC-2026-11-0001" in listed and "Sent" in listed
    shown = page(client, "message", message, query="?language=zh-hans").content.decode()
    assert "发生火灾" in shown and "尊敬的Contact" in shown, "a real reader's name"
    assert "90 under way" in shown and "10 unreachable" in shown


def test_a_message_opens_in_its_readers_language_and_marks_the_tab_that_is_shown() -> None:
    message = make_sent()
    reader = signed_in(make_person(Role.DISPATCHER, language="nl"))
    shown = page(reader, "message", message).content.decode()
    assert "Beste " in shown and "Dear " not in shown
    asked = page(reader, "message", message, query="?language=en").content.decode()
    assert "Dear Contact" in asked and 'lang="en" aria-current="true"' in asked


def test_the_list_of_messages_sorts_and_exports_what_it_shows() -> None:
    make_sent(3)
    actions.write_message(WRITER, about="INC-2", kind="fire", phase="update", facts=FACTS)
    client = signed_in(make_dispatcher())
    shown = page(client, "messages", query="?sort=phase").content.decode()
    assert 'aria-sort="ascending"' in shown and "2 in all" in shown and "Nederlands" in shown
    answer = page(client, "messages", query="?export=csv&phase=update")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert [row[:3] for row in rows[1:]] == [["INC-2", "Update", "Draft"]]


def test_a_text_is_shown_as_its_reader_sees_it() -> None:
    client = signed_in(make_dispatcher())
    first = page(client, "text", "fire", "first_notice", "nl").content.decode()
    assert "Beste klant," in first and "{name}" in first and "Written for each incident" not in first
    update = page(client, "text", "general", "update", "en").content.decode()
    assert "Written for each incident: how things stand, what changed" in update


def test_only_another_person_approves_and_the_button_is_there_for_nobody_else() -> None:
    message = actions.write_message(WRITER, about="INC-1", kind="fire", phase="first_notice", facts=FACTS)
    actions.freeze_message(WRITER, message)
    dispatcher, approver = signed_in(make_dispatcher()), signed_in(make_approver())
    approve = reverse("messaging:approve", args=[message])
    assert approve not in page(dispatcher, "decide", message).content.decode()
    assert dispatcher.post(approve, follow=True).status_code == 200
    assert "Waiting for approval" in page(dispatcher, "message", message).content.decode()
    assert reverse("messaging:decide", args=[message]) in page(approver, "message", message).content.decode()
    assert approve in page(approver, "decide", message).content.decode()
    stale = approver.post(approve, {"digest": "0" * 64}, follow=True)
    assert "Other words were frozen since you read them" in stale.content.decode()
    approver.post(approve, {"digest": Freeze.objects.get().digest})
    assert "Ready to go" in page(approver, "message", message).content.decode()


def test_a_branch_does_not_see_recipients_that_may_be_anothers() -> None:
    message = make_sent(10)
    branch = signed_in(make_dispatcher(unit=make_unit("Branch Delft", "branch")))
    assert page(branch, "message", message).status_code == 404
    assert page(branch, "recipients", message).status_code == 404
    assert "INC-2026-11-0001" not in page(branch, "messages").content.decode()


def test_who_may_not_see_a_message_does_not_approve_it() -> None:
    message = actions.write_message(WRITER, about="INC-1", kind="fire", phase="first_notice", facts=FACTS)
    actions.freeze_message(WRITER, message)
    branch = signed_in(make_approver(unit=make_unit("Branch Delft", "branch")))
    assert branch.post(reverse("messaging:approve", args=[message])).status_code == 404
    assert not Approval.objects.exists()


def test_recipients_filter_by_part_language_and_name() -> None:
    message = make_sent(60, names=("Anna", "Bram"))
    client = signed_in(make_dispatcher())
    unreachable = page(client, "recipients", message, query="?part=unreachable").content.decode()
    assert unreachable.count("no usable address") == 6
    found = page(client, "recipients", message, query="?text=bram 7&language=nl").content.decode()
    assert "Bram 7" in found and found.count("row-link") == 1


def test_a_script_in_a_name_is_text_on_every_page() -> None:
    message = make_sent(3, names=("<script>alert(1)</script>",))
    client = signed_in(make_dispatcher())
    one = Recipient.objects.filter(message_id=message).first()
    assert one is not None
    for answer in (page(client, "recipients", message), page(client, "recipient", one.pk)):
        assert "<script>alert" not in answer.content.decode()
        assert "&lt;script&gt;alert" in answer.content.decode()


def test_a_formula_in_an_exported_name_is_no_formula() -> None:
    message = make_sent(60, names=("=HYPERLINK(1)", "+31", "-2", "@sum", "\tx"))
    answer = page(signed_in(make_dispatcher()), "recipients", message, query="?export=csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 61
    assert all(row[0].startswith("'") for row in rows[1:])


def test_the_words_are_shown_as_a_real_reader_has_them_or_marked_as_an_example() -> None:
    client, sent = signed_in(make_dispatcher()), make_sent(3, names=("Reader",))
    shown = page(client, "message", sent, query="?language=nl").content.decode()
    one = Recipient.objects.get(message_id=sent, language="nl")
    assert f"Beste {one.name}" in shown and "made up here" not in shown
    waiting = make_message(about="INC-2026-11-0009")
    shown = page(client, "message", waiting, query="?language=nl").content.decode()
    assert "made up here" in shown and "1234567890" in shown


def test_who_cannot_be_reached_is_not_said_to_have_been_told() -> None:
    message = make_sent(10)
    one = Recipient.objects.get(message_id=message, state="unreachable")
    shown = page(signed_in(make_dispatcher()), "recipient", one.pk).content.decode()
    assert "What they were told" not in shown
    assert "Not told: no usable address" in shown and "would have been sent" in shown
    waiting = Recipient.objects.filter(message_id=message, state="waiting").first()
    assert waiting is not None
    shown = page(signed_in(make_dispatcher()), "recipient", waiting.pk).content.decode()
    assert "What they were told" not in shown and "on their way" in shown


def test_what_one_person_was_told_stands_beside_the_evidence() -> None:
    message = make_sent(3)
    one = Recipient.objects.get(message_id=message, language="nl")
    told = page(signed_in(make_dispatcher()), "recipient", one.pk).content.decode()
    assert "Uw zending 1234567890: brand in Venlo" in told
    assert f"Beste {one.name}" in told


def test_caught_mail_is_read_in_a_sandbox_by_those_who_may() -> None:
    raw = (
        b"Subject: =?utf-8?b?5oKo5aW9?=\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        b"<p>hello</p><script>alert(1)</script><img src='https://elsewhere.example/x'>"
    )
    mail = CaughtMail.objects.create(sender="", recipients="a@example.org", subject="您好", raw=raw)
    assert page(signed_in(make_agent()), "caught").status_code == 403
    assert page(signed_in(make_agent()), "caught_html", mail.pk).status_code == 403
    client = signed_in(make_administrator())
    assert "您好" in page(client, "caught", query="?text=example.org").content.decode()
    shown = page(client, "caught_mail", mail.pk).content.decode()
    assert 'sandbox=""' in shown and "alert(1)" not in shown
    framed = page(client, "caught_html", mail.pk)
    policy = framed.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox;") and "default-src 'none'" in policy and "script-src" not in policy
    assert framed.headers["X-Frame-Options"] == "SAMEORIGIN"


RELAY = {
    "code": "office", "host": "mail.example.org", "port": "587", "security": "starttls", "user": "tidings",
    "password": "a secret of ours", "connections": "6", "reserved": "2", "rate": "100", "receipts": "on",
}  # fmt: skip


def test_a_relay_is_set_with_its_password_sealed_and_slots_that_share_its_rate() -> None:
    client = signed_in(make_administrator())
    assert "No mail relay" in page(client, "messages").content.decode()
    assert page(client, "new_relay", **RELAY).status_code == 302
    relay = Relay.objects.get(code="office")
    assert b"a secret of ours" not in bytes(relay.secret)
    assert actions.unsealed(bytes(relay.secret)) == "a secret of ours"
    slots = RelaySlot.objects.filter(relay=relay)
    assert (slots.filter(lane="bulk").count(), slots.filter(lane="single").count()) == (6, 2)
    assert sum(slots.values_list("rate", flat=True)) == 100
    shown = page(client, "relay", relay.pk).content.decode()
    assert "a secret of ours" not in shown
    assert "No mail relay" not in page(client, "messages").content.decode()
    page(client, "relay", relay.pk, **{**RELAY, "password": "", "port": "465"})
    kept = Relay.objects.get(code="office")
    assert (kept.port, bytes(kept.secret)) == (465, bytes(relay.secret))
    client.post(reverse("messaging:end_relay", args=[relay.pk]))
    assert "No mail relay" in page(client, "messages").content.decode()


def test_a_password_never_goes_over_an_open_connection() -> None:
    answer = page(signed_in(make_administrator()), "new_relay", **{**RELAY, "security": "none"})
    assert answer.status_code == 422
    assert "open connection" in answer.content.decode()
    assert not Relay.objects.filter(code="office").exists()


def test_a_dispatcher_does_not_change_relays() -> None:
    assert page(signed_in(make_dispatcher()), "new_relay", **RELAY).status_code == 403


def test_a_changed_text_is_the_firms_own_and_not_approved_any_more() -> None:
    client, approver = signed_in(make_dispatcher()), signed_in(make_approver())
    where = ("fire", "first_notice", "nl")
    read = page(approver, "text", *where)
    digest = read.context["text"].digest
    approver.post(reverse("messaging:approve_text", args=where), {"digest": digest})
    shown = page(client, "text", *where)
    assert "approved beforehand" in shown.content.decode()
    form = shown.context["form"]
    source = form.initial["source"].replace("brand uitgebroken", "brand ontstaan")
    saved = page(client, "text", *where, source=source, seen_digest=form.initial["seen_digest"])
    assert saved.status_code == 302
    assert FirmText.objects.get().kind == "fire"
    after = page(client, "text", *where).content.decode()
    assert "brand ontstaan" in after and "not approved" in after
    again = page(client, "text", *where, source=source, seen_digest=form.initial["seen_digest"])
    assert again.status_code == 422 and "saved a newer version" in again.content.decode()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("subject: x\nshort: y\n\n[a]\n{nonsense}", "nonsense"),
        ("subject: x\n\n[a]\ntext", "short form"),
        ("no header at all", "line 1"),
    ],
)
def test_a_text_that_could_never_go_is_refused_with_the_reason(source: str, said: str) -> None:
    client = signed_in(make_dispatcher())
    digest = page(client, "text", "fire", "first_notice", "en").context["form"].initial["seen_digest"]
    answer = page(client, "text", "fire", "first_notice", "en", source=source, seen_digest=digest)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_the_message_list_asks_the_database_no_more_for_many_than_for_few(
    django_assert_max_num_queries: object,
) -> None:
    for _ in range(12):
        make_message(about=str(new_id()))
    client = signed_in(make_dispatcher())
    page(client, "messages")
    with django_assert_max_num_queries(26):  # type: ignore[operator]
        page(client, "messages")
