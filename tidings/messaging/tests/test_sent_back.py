"""An approver says no with a reason: the words do not go, whoever wrote them is told, and another version is asked about anew."""

import json

import pytest
from django.urls import reverse

from tests.cast import make_approver, make_communicator, make_dispatcher, make_person, signed_in
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.errors import Conflict, Refused
from tidings.kernel.installation import start_demo
from tidings.kernel.models import AuditLine
from tidings.messaging import actions, queries
from tidings.messaging.models import Approval, FrozenText, Recipient, SentBack
from tidings.messaging.tests.cast import ABOUT, APPROVER, COMMAND, FACTS, WRITER, approve, make_audience
from tidings.people.actions import change_profile
from tidings.people.models import User
from tidings.people.queries import actor_of
from tidings.people.rules import Role

pytestmark = pytest.mark.django_db
WHY = "The hub is not closed, only hall 2."


def asked(writer: Actor = WRITER) -> str:
    """The id of a message that waits for an approver."""
    message = actions.write_message(writer, about=ABOUT, kind="fire", phase="first_notice", facts=FACTS)
    actions.freeze_message(writer, message, audience=make_audience(20))
    return message  # type: ignore[return-value]


def digest(message: object) -> str:
    freeze = queries.current_freeze(message)  # type: ignore[arg-type]
    return freeze.digest if freeze else ""


def send_back(message: object, actor: Actor = APPROVER, reason: str = WHY) -> None:
    actions.send_back(actor, message, digest(message), reason)  # type: ignore[arg-type]


def mails_to(user: User) -> list[str]:
    """The words of every mail that was planned for somebody."""
    return [
        json.dumps(json.loads(FrozenText.objects.get(broadcast=one.broadcast).source), ensure_ascii=False)
        for one in Recipient.objects.filter(address=user.email).order_by("id")
    ]


def test_what_was_sent_back_neither_goes_nor_waits_nor_is_frozen_again_unchanged() -> None:
    message = asked()
    send_back(message)
    kept = SentBack.objects.get()
    assert (kept.reason, kept.sent_back_by) == (WHY, queries.reference_of(APPROVER))
    [row] = queries.listed([queries.message(WRITER, message)])
    assert row.state == "sent_back"
    assert not queries.messages(WRITER, waiting=True).exists()
    with pytest.raises(Refused, match="not_approved"):
        actions.send_message(WRITER, message, make_audience(20))
    with pytest.raises(Refused, match="sent_back"):
        actions.freeze_message(WRITER, message, audience=make_audience(20))
    assert AuditLine.objects.filter(verb="message.send_back", thing_id=str(message)).count() == 1


def test_another_version_is_asked_about_anew() -> None:
    message = asked()
    send_back(message)
    facts = FACTS | {"*": FACTS["*"] | {"place": "Hall 2"}}
    actions.change_message(WRITER, message, seen_version=1, facts=facts)
    actions.freeze_message(WRITER, message, audience=make_audience(20))
    assert queries.messages(WRITER, waiting=True).count() == 1
    approve(message)
    assert actions.send_message(WRITER, message, make_audience(20)) == 20


@pytest.mark.parametrize("first", ["approved", "sent_back"])
def test_one_answer_is_given_once(first: str) -> None:
    message = asked()
    if first == "approved":
        approve(message)
    else:
        send_back(message)
        with pytest.raises(Conflict, match="decided_already"):
            approve(message)
    with pytest.raises(Conflict, match="decided_already"):
        send_back(message)
    assert Approval.objects.count() + SentBack.objects.count() == 1


KEY = Actor(ActorKind.KEY, "warehouse", frozenset({"message.approve"}))


@pytest.mark.parametrize("actor", [COMMAND, KEY], ids=["command", "key"])
def test_only_a_person_decides_whatever_else_asks(actor: Actor) -> None:
    message = asked()
    for decide in (approve, send_back):
        with pytest.raises(Refused, match="approver_not_a_person"):
            decide(message, actor)
    assert not Approval.objects.exists() and not SentBack.objects.exists()


def test_an_approver_without_a_second_factor_decides_nothing_but_in_a_demo() -> None:
    message, person = asked(), make_person(Role.APPROVER)
    for decide in (approve, send_back):
        with pytest.raises(Refused, match="not_allowed"):
            decide(message, actor_of(person))
    answer = signed_in(person).post(
        reverse("messaging:send_back", args=[message]),
        {"digest": digest(message), "reason": WHY},
        follow=True,
    )
    assert not SentBack.objects.exists() and answer.status_code == 200
    start_demo("test", "Noordster Koeriers")
    send_back(message, actor_of(person))
    assert SentBack.objects.count() == 1


def test_who_writes_does_not_decide() -> None:
    with pytest.raises(Refused, match="not_allowed"):
        send_back(asked(), WRITER)


def test_the_author_does_not_decide_where_the_policy_asks_for_another() -> None:
    author = Actor(WRITER.kind, WRITER.ref, WRITER.abilities | APPROVER.abilities)
    message = asked()
    with pytest.raises(Refused, match="author_may_not_approve"):
        send_back(message, author)


def test_a_reason_is_needed_and_what_was_typed_is_told_on_the_page() -> None:
    message = asked()
    with pytest.raises(Refused, match="reason_needed"):
        send_back(message, reason="  ")
    client = signed_in(make_approver())
    where = reverse("messaging:send_back", args=[message])
    answer = client.post(where, {"digest": digest(message), "reason": ""})
    assert answer.status_code == 422 and "<details open>" in answer.text
    client.post(where, {"digest": digest(message), "reason": WHY})
    assert WHY in client.get(reverse("messaging:message", args=[message])).text


def test_what_was_written_anew_is_not_decided_on() -> None:
    message = asked()
    asked()
    with pytest.raises(Conflict, match="written_anew"):
        approve(message)


def test_whoever_wrote_it_gets_a_mail_in_their_language_with_reason_and_link() -> None:
    author = make_communicator(language="nl")
    message = asked(actor_of(author))
    send_back(message)
    [mail] = mails_to(author)
    assert "Teruggestuurd" in mail and WHY in mail and f"/messages/{message}/" in mail


def test_whoever_wants_no_mail_gets_none_and_finds_it_on_the_worklist() -> None:
    author = make_dispatcher()
    profile = {"name": author.name, "language": "en", "time_zone": "UTC", "mails_answers": False}
    change_profile(actor_of(author), author, **profile)  # type: ignore[arg-type]
    message = asked(actor_of(author))
    approve(message)
    assert not mails_to(author)
    assert "Approved, to be sent: First notice" in signed_in(author).get("/?mine=1").text


def test_a_mail_goes_once_however_often_approve_is_pressed() -> None:
    author = make_communicator()
    message = asked(actor_of(author))
    approve(message)
    approve(message)
    [mail] = mails_to(author)
    assert "Approved: First notice" in mail


def test_the_page_tells_how_many_read_which_language_by_which_channel() -> None:
    message = asked()
    page = signed_in(make_approver()).get(reverse("messaging:decide", args=[message])).text
    assert "Goes to 20 contacts" in page and "no usable address" in page
    assert "made up here" in page, "nobody hung a real reader on this page"
    assert "Nederlands" in page and "What it says" in page
