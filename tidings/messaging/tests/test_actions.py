"""Writing, freezing, approving and planning: what holds, what is refused, and what stays behind."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from tidings.kernel import secrets
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.errors import Conflict, Refused
from tidings.kernel.installation import start_demo
from tidings.messaging import actions, queries
from tidings.messaging.actions.catcher import empty_catcher
from tidings.messaging.models import (
    CaughtMail,
    Chunk,
    FirmText,
    MessageText,
    Recipient,
    Relay,
    RelaySlot,
)
from tidings.messaging.rules.content import (
    ApprovalPolicy,
    Approving,
    Audience,
    is_mail_address,
    needs_approval,
    why_not_approve,
)
from tidings.messaging.tests.cast import (
    ABOUT,
    APPROVER,
    COMMAND,
    FACTS,
    NOW,
    WRITER,
    approve,
    approve_text,
    make_audience,
    make_message,
)

FREE = {
    **FACTS,
    "en": {"what_happened": "A fire broke out."},
    "nl": {"what_happened": "Er is brand uitgebroken."},
    "zh-hans": {"what_happened": "发生火灾。"},
}


def written(facts: object = FACTS, policy: ApprovalPolicy | None = None) -> object:
    return actions.write_message(
        WRITER,
        about=ABOUT,
        kind="fire",
        phase="first_notice",
        facts=facts,
        policy=policy,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("when", "beforehand", "free", "needed"),
    [
        (Approving.CHANGED_TEXT, True, False, False),
        (Approving.CHANGED_TEXT, True, True, False),
        (Approving.CHANGED_TEXT, False, False, True),
        (Approving.FREE_SENTENCES, True, False, False),
        (Approving.FREE_SENTENCES, True, True, True),
        (Approving.ALWAYS, True, False, True),
    ],
)
def test_when_a_second_person_must_look(when: Approving, beforehand: bool, free: bool, needed: bool) -> None:
    assert needs_approval(ApprovalPolicy(when), approved_beforehand=beforehand, free_sentences=free) is needed


@pytest.mark.parametrize(
    ("kind", "approver", "author_may", "reason"),
    [
        (ActorKind.PERSON, "person:b", False, None),
        (ActorKind.PERSON, "person:a", False, "messaging.author_may_not_approve"),
        (ActorKind.PERSON, "person:a", True, None),
        (ActorKind.COMMAND, "command:x", True, "messaging.approver_not_a_person"),
        (ActorKind.KEY, "key:x", True, "messaging.approver_not_a_person"),
        (ActorKind.SYSTEM, "system:x", True, "messaging.approver_not_a_person"),
    ],
)
def test_who_may_approve(kind: ActorKind, approver: str, author_may: bool, reason: str | None) -> None:
    policy = ApprovalPolicy(author_may=author_may)
    assert why_not_approve(policy, kind=kind, approver=approver, author="person:a") == reason


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("a@example.org", True), ("a@example", False), ("a b@example.org", False), ("a@example.org\r\nBcc: b", False),
     ("<a@example.org>", False), ("", False)],
)  # fmt: skip
def test_an_address_cannot_end_a_header(text: str, is_one: bool) -> None:
    assert is_mail_address(text) is is_one


@pytest.mark.django_db
def test_a_change_voids_the_approval_and_the_audit_says_so() -> None:
    message = make_message()
    version = actions.change_message(WRITER, message, seen_version=1, facts=FREE)
    assert version == 2
    with pytest.raises(Conflict, match="nothing_frozen"):
        actions.send_message(WRITER, message, make_audience())
    actions.freeze_message(WRITER, message)
    with pytest.raises(Refused, match="not_approved"):
        actions.send_message(WRITER, message, make_audience())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT payload FROM kernel_auditline WHERE verb = 'message.write' ORDER BY id DESC LIMIT 1"
        )
        assert "voids_approval" in str(cursor.fetchone()[0])
    approve(message)
    assert actions.send_message(WRITER, message, make_audience()) == 100


@pytest.mark.django_db
def test_the_second_of_two_writers_is_told_and_changes_nothing() -> None:
    message = written()
    actions.change_message(WRITER, message, seen_version=1, facts=FREE)  # type: ignore[arg-type]
    with pytest.raises(Conflict, match="changed_meanwhile"):
        actions.change_message(WRITER, message, seen_version=1, facts=FACTS)  # type: ignore[arg-type]
    assert MessageText.objects.filter(message_id=message, version=3).count() == 0


@pytest.mark.django_db
def test_the_author_of_any_version_may_not_approve_it() -> None:
    message = written()
    both = Actor(ActorKind.PERSON, "x", frozenset({"message.write", "message.approve"}))
    actions.change_message(both, message, seen_version=1, facts=FREE)  # type: ignore[arg-type]
    actions.freeze_message(WRITER, message)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="author_may_not_approve"):
        approve(message, both)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="approver_not_a_person"):
        approve(message, COMMAND)  # type: ignore[arg-type]
    approve(message)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_an_approved_text_goes_without_a_second_look_when_only_slots_were_filled() -> None:
    for language in ("en", "nl", "zh-hans"):
        approve_text(APPROVER, "fire", "first_notice", language)
    plain, free = written(), written(FREE, ApprovalPolicy(Approving.FREE_SENTENCES))
    for message in (plain, free):
        actions.freeze_message(WRITER, message)  # type: ignore[arg-type]
    assert actions.send_message(WRITER, plain, make_audience(9)) == 9  # type: ignore[arg-type]
    with pytest.raises(Refused, match="not_approved"):
        actions.send_message(WRITER, free, make_audience(9))  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_demo_takes_shipped_texts_as_approved_but_not_the_firms_own() -> None:
    start_demo("test", "Example Express")
    message = written()
    actions.freeze_message(WRITER, message)  # type: ignore[arg-type]
    assert actions.send_message(WRITER, message, make_audience(9)) == 9  # type: ignore[arg-type]
    text = queries.texts_for("fire", "first_notice")["en"]
    editor = Actor(ActorKind.PERSON, "e", frozenset({"text.change"}))
    actions.set_text(editor, "fire", "first_notice", "en", text.source + "\nMore.", seen_digest=text.digest)
    changed = written()
    actions.freeze_message(WRITER, changed)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="not_approved"):
        actions.send_message(WRITER, changed, make_audience(9))  # type: ignore[arg-type]
    assert FirmText.objects.get().began_from == text.digest


@pytest.mark.django_db
def test_more_people_than_were_approved_is_refused_and_leaves_nothing_behind() -> None:
    message = written()
    actions.freeze_message(WRITER, message, audience=make_audience(20))  # type: ignore[arg-type]
    approve(message)  # type: ignore[arg-type]
    with pytest.raises(Refused) as refused:
        actions.send_message(WRITER, message, make_audience(21))  # type: ignore[arg-type]
    assert refused.value.facts == {"approved": 20, "now": 21}
    assert not Recipient.objects.exists() and not Chunk.objects.exists()
    assert actions.send_message(WRITER, message, make_audience(19)) == 19  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_sentence_said_in_one_language_is_missing_in_the_others() -> None:
    facts = {**FACTS, "en": {"prevention": "We changed the wiring."}}
    message = written(facts)
    with pytest.raises(Refused) as refused:
        actions.freeze_message(WRITER, message)  # type: ignore[arg-type]
    assert refused.value.facts["missing"] == {"nl": ("prevention",), "zh-hans": ("prevention",)}
    assert actions.freeze_message(WRITER, message, languages=("en",))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"*": {"what_happened": "x"}}, "messaging.needs_language"),
        ({"en": {"cause": "x"}}, "messaging.no_such_fact"),
        ({"*": {"next_by": "tomorrow"}}, "messaging.not_a_moment"),
        ({"*": {"next_by": "2026-11-22T12:00"}}, "messaging.not_a_moment"),
    ],
)
@pytest.mark.django_db
def test_facts_that_cannot_be_told_are_refused(facts: object, code: str) -> None:
    with pytest.raises(Refused, match=code):
        written(facts)


@pytest.mark.django_db
def test_a_language_that_is_left_out_holds_only_its_own_readers_until_half_their_time() -> None:
    message = written()
    actions.freeze_message(WRITER, message, languages=("en", "nl"))  # type: ignore[arg-type]
    approve(message)  # type: ignore[arg-type]
    assert actions.send_message(WRITER, message, make_audience(30)) == 30  # type: ignore[arg-type]
    held = Recipient.objects.filter(reason="no_text")
    assert {(row.language, row.chunk_id) for row in held} == {("en", None)}
    assert held.count() == 9
    assert all(row.next_at is not None and row.next_at < row.due_by for row in held)
    assert Recipient.objects.filter(chunk__isnull=False).count() == 18


@pytest.mark.django_db
def test_who_has_the_message_does_not_get_it_again() -> None:
    message = make_message()
    same = Audience(
        "SELECT md5(n::text)::uuid AS contact_id, 'x' AS name, 'en' AS language, 'UTC' AS time_zone, 'email' AS channel,"
        " n || '@example.org' AS address, %(due_by)s::timestamptz AS due_by, ARRAY[]::uuid[] AS shipment_ids,"
        " '[]'::jsonb AS lines FROM generate_series(1, %(size)s) n",
        {"size": 5, "due_by": NOW},
    )
    assert actions.send_message(WRITER, message, same) == 5
    assert actions.send_message(WRITER, message, Audience(same.sql, {"size": 8, "due_by": NOW})) == 3
    assert sum(Chunk.objects.values_list("size", flat=True)) == 8


@pytest.mark.django_db
def test_chunks_share_language_and_destination_and_their_places_have_no_gap() -> None:
    message = make_message()
    actions.send_message(WRITER, message, make_audience(2000, due_by=NOW + timedelta(hours=1)))
    for chunk in Chunk.objects.all():
        rows = list(Recipient.objects.filter(chunk=chunk).order_by("place").values_list("place", "language"))
        assert [place for place, _ in rows] == list(range(chunk.size))
        assert {language for _, language in rows} == {chunk.language}
    assert Recipient.objects.filter(chunk=None).exclude(state="unreachable").count() == 0


@pytest.mark.django_db
def test_the_catcher_is_one_relay_whose_port_follows_the_setting() -> None:
    actions.keep_catcher(8001)
    actions.keep_catcher(8002)
    relay = Relay.objects.get()
    assert (relay.kind, relay.host, relay.port) == ("catcher", "127.0.0.1", 8002)
    assert RelaySlot.objects.filter(relay=relay, lane="single").count() == 2


@pytest.mark.django_db
def test_a_demo_refuses_a_relay() -> None:
    start_demo("test", "Example Express")
    actor = Actor(ActorKind.PERSON, "a", frozenset({"relay.change"}))
    with pytest.raises(Refused, match="demo"):
        actions.set_relay(actor, actions.RelaySettings("x", "mail.example.org", 25, "starttls"))


@pytest.mark.django_db
def test_a_kept_password_is_never_sent_in_the_clear_either() -> None:
    actor = Actor(ActorKind.PERSON, "a", frozenset({"relay.change"}))
    asked = actions.RelaySettings("x", "mail.example.org", 587, "starttls", "user", "a password")
    relay = actions.set_relay(actor, asked)
    with pytest.raises(Refused, match="in_the_clear"):
        actions.set_relay(actor, replace(asked, security="none", password=None), relay)
    assert Relay.objects.get(pk=relay).security == "starttls"


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"host": "other.example.org"}, {"user": "somebody"}])
def test_a_kept_password_goes_to_no_other_server_or_user(change: dict[str, str]) -> None:
    actor = Actor(ActorKind.PERSON, "a", frozenset({"relay.change"}))
    asked = actions.RelaySettings("x", "mail.example.org", 587, "starttls", "user", "a password")
    relay = actions.set_relay(actor, asked)
    with pytest.raises(Refused, match="another_server"):
        actions.set_relay(actor, replace(asked, password=None, **change), relay)
    assert Relay.objects.get(pk=relay).host == "mail.example.org"
    actions.set_relay(actor, replace(asked, **change), relay)


@pytest.mark.django_db
def test_the_catcher_is_emptied_after_a_week_and_not_before() -> None:
    for days in (1, 6, 8, 30):
        CaughtMail.objects.create(
            sender="", recipients="", subject=str(days), raw=b"", caught_at=NOW - timedelta(days)
        )
    assert empty_catcher(NOW - timedelta(days=7)) == 2
    assert set(CaughtMail.objects.values_list("subject", flat=True)) == {"1", "6"}


def test_a_relays_secret_is_sealed_for_its_purpose_alone() -> None:
    sealed = secrets.seal("messaging.relay", b"x")
    assert actions.unsealed(sealed) == "x"
