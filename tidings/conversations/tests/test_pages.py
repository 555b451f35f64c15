"""The pages: who may see them, what they say, and that nothing of a stranger runs in a browser."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import make_administrator, make_agent, make_auditor, make_dispatcher, make_unit, signed_in
from tidings.conversations.models import Answer, Arrival, Conversation, Door
from tidings.conversations.queries import opened_settings
from tidings.conversations.tests.cast import bounce, came, reply, told_one
from tidings.customers.models import Address
from tidings.messaging.tests.test_bounces import mail
from tidings.people.rules import UnitKind

pytestmark = pytest.mark.django_db


def page(
    client: Client, view: str, /, *args: object, query: str = "", status: int = 200, **post: object
) -> str:
    url = reverse(f"conversations:{view}", args=args) + query
    answer = client.post(url, post, follow=True) if post else client.get(url, follow=True)
    assert answer.status_code == status, answer.text
    return str(answer.content.decode())


def test_answers_stand_on_the_incident_with_customer_and_shipments_until_they_are_read() -> None:
    _actor, incident, row = told_one()
    came(
        reply(
            row,
            "We need it <script>alert(1)</script> on Monday.\n\nOn Tue, Dec 1, 2026 at 10:03, X <x@y.example> wrote:\n> quoted words",
        )
    )
    client = signed_in(make_dispatcher())
    shown = client.get(reverse("incidents:show", args=[incident.number])).text
    assert (
        "What customers answered" in shown
        and "on Monday" in shown
        and "WB1" in shown
        and "Customer C-en" in shown
    )
    assert "<script>alert" not in shown and "quoted words" not in shown
    assert "answer that nobody has read" in client.get(reverse("home:worklist")).text
    client.post(reverse("conversations:read", args=[Conversation.objects.get().pk]), {"from": "incident"})
    assert Answer.objects.get().read_at is not None
    assert "nobody has read" not in client.get(reverse("home:worklist")).text


def test_an_answer_that_asks_for_another_account_says_to_call_back_on_the_known_number() -> None:

    _actor, _incident, row = told_one()
    Address.objects.create(
        contact_id=row.contact_id, channel="sms", value="+31 970 141 234", key="31970141234", position=1
    )
    came(reply(row, "Our bank account has changed. Call me on +44 1234."))
    shown = page(signed_in(make_agent()), "conversation", Conversation.objects.get().pk)
    assert "Call back on the known number" in shown and "+31 970 141 234" in shown


def test_the_list_parts_answers_from_bounces_that_were_not_applied_and_from_open_mail() -> None:
    _actor, _incident, row = told_one()
    came(reply(row, "Thanks"))
    stray = came(bounce(row, keyed=False))
    came(mail("Where is it?", "Where is my parcel?", "Ann <ann@example.org>"))
    client = signed_in(make_agent())
    assert "Re: Hub closed" in page(client, "arrivals")
    not_applied = page(client, "arrivals", query="?view=not_applied")
    assert "Undelivered Mail" in not_applied and "Re: Hub closed" not in not_applied
    assert "Where is it?" in page(client, "arrivals", query="?view=open")
    assert "Where is it?" not in page(client, "arrivals", query="?view=all&text=Hub")
    shown = page(client, "arrival", stray.pk)
    assert "Not applied to anybody" in shown and row.address in shown
    page(client, "seen", stray.pk, go=1)
    assert Arrival.objects.get(pk=stray.pk).seen_at is not None
    saved = client.get(reverse("conversations:raw", args=[stray.pk]))
    assert saved["Content-Disposition"].startswith("attachment") and saved.content.startswith(b"Return-Path")


def test_units_and_readers_are_kept_apart() -> None:
    _actor, _incident, row = told_one()
    came(reply(row, "Thanks"))
    talk = Conversation.objects.get().pk
    branch = signed_in(make_agent(unit=make_unit("Branch", UnitKind.BRANCH)))
    assert "Re: Hub closed" not in page(branch, "arrivals")
    page(branch, "conversation", talk, status=404)
    auditor = signed_in(make_auditor())
    page(auditor, "conversation", talk)
    page(auditor, "end", talk, go=1, status=403)
    assert Conversation.objects.get().ended_at is None
    page(signed_in(make_agent()), "end", talk, go=1)
    assert Conversation.objects.get().ended_at is not None


def test_a_door_is_opened_changed_and_ended_and_its_password_never_shown(settings: object) -> None:
    settings.TIDINGS_ALLOW_TARGETS = ["127.0.0.1"]  # type: ignore[attr-defined]
    client = signed_in(make_administrator())
    assert "No door yet" in page(client, "doors")
    given = {
        "name": "bounces",
        "host": "imap.example",
        "port": 993,
        "security": "tls",
        "user": "bo",
        "password": "hush-hush",
        "folder": "INBOX",
        "moves_to": "",
    }
    shown = page(client, "new_door", "imap", **given)
    assert "hush-hush" not in shown and "not looked at yet" in shown
    door = Door.objects.get()
    page(client, "door", door.pk, **{**given, "password": "", "name": "post"})
    assert opened_settings(Door.objects.get())["password"] == "hush-hush"
    refused = page(client, "door", door.pk, **{**given, "password": "", "host": "evil.example"}, status=422)
    assert "Type it again" in refused
    page(client, "look", door.pk, go=1)
    page(client, "end_door", door.pk, go=1)
    assert opened_settings(Door.objects.get()) == {}
    assert "No door yet" in page(client, "doors")


def test_a_posted_door_shows_its_secret_until_mail_has_come() -> None:
    client = signed_in(make_administrator())
    page(client, "new_door", "http", name="service")
    door = Door.objects.get()
    secret = opened_settings(door)["secret"]
    assert secret in page(client, "door", door.pk)
    came(mail("x", "y"), door=door.pk)
    assert secret not in page(client, "door", door.pk)


def test_who_may_not_change_doors_sees_none() -> None:
    client = signed_in(make_agent())
    page(client, "doors", status=403)
    page(client, "new_door", "imap", status=403)
