"""An approval is for one frozen text and one size of audience: whatever else would go is refused."""

from uuid import UUID

import pytest
from django.urls import reverse

from tests.cast import make_approver, make_manager, signed_in
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.ids import new_id
from tidings.messaging import actions, queries
from tidings.messaging.models import Approval, Freeze, Message, Recipient, TextApproval
from tidings.messaging.rules.content import ApprovalPolicy, Approving, digests_of
from tidings.messaging.tests.cast import ABOUT, APPROVER, FACTS, WRITER, approve, approve_text, make_audience
from tidings.people.queries import actor_of

pytestmark = pytest.mark.django_db


def frozen(unit: UUID | None = None) -> tuple[UUID, Freeze]:
    message = actions.write_message(
        WRITER, about=ABOUT, kind="fire", phase="first_notice", facts=FACTS, unit_id=unit
    )
    actions.freeze_message(WRITER, message, audience=make_audience(20))
    return message, Freeze.objects.get(message_id=message)


def test_it_names_the_words_of_each_language_and_the_size() -> None:
    message, freeze = frozen()
    approve(message)
    approval = Approval.objects.get()
    assert set(approval.digests) == {"en", "nl", "zh-hans"}
    assert approval.digests == digests_of(freeze.words)
    assert approval.audience_size == 20


def test_words_frozen_after_the_approver_read_them_are_not_approved() -> None:
    message, seen = frozen()
    actions.change_message(WRITER, message, seen_version=1, facts=FACTS | {"*": FACTS["*"] | {"place": "X"}})
    actions.freeze_message(WRITER, message, audience=make_audience(20))
    with pytest.raises(Conflict, match="other_words_frozen"):
        actions.approve_message(APPROVER, message, seen.digest)
    assert not Approval.objects.exists()


@pytest.mark.parametrize("what", ["words", "audience_size"])
def test_what_was_touched_behind_the_approval_does_not_go(what: str) -> None:
    message, freeze = frozen()
    approve(message)
    touched = {"words": freeze.words | {"en": freeze.words["en"] | {"year": 1999}}, "audience_size": 2000}
    Freeze.objects.filter(pk=freeze.pk).update(**{what: touched[what]})
    with pytest.raises(Conflict, match="approval_void"):
        actions.send_message(WRITER, message, make_audience(20))
    assert not Recipient.objects.exists()


def test_another_units_message_is_not_approved_whichever_page_asks() -> None:
    ours, theirs = new_id(), new_id()
    message, _ = frozen(ours)
    stranger = Actor(
        ActorKind.PERSON, str(new_id()), frozenset({"message.approve"}), units=frozenset({theirs})
    )
    with pytest.raises(Missing, match="no_such_message"):
        approve(message, stranger)
    colleague = Actor(
        ActorKind.PERSON, str(new_id()), frozenset({"message.approve"}), units=frozenset({ours})
    )
    approve(message, colleague)
    assert Approval.objects.count() == 1


@pytest.mark.parametrize("layer", ["fire", "general"])
def test_who_wrote_the_firms_text_does_not_approve_it_beforehand(layer: str) -> None:
    author = Actor(ActorKind.PERSON, str(new_id()), frozenset({"message.approve", "text.change"}))
    text = queries.texts_for(layer, "first_notice")["en"]
    source = text.source.replace("subject: ", "subject: Ours: ")
    actions.set_text(author, layer, "first_notice", "en", source, seen_digest=text.digest)
    with pytest.raises(Refused, match="author_may_not_approve"):
        approve_text(author, "fire", "first_notice", "en")
    assert not TextApproval.objects.exists()
    approve_text(APPROVER, "fire", "first_notice", "en")


def test_a_text_that_was_changed_after_the_approver_read_it_is_not_approved() -> None:
    author = Actor(ActorKind.PERSON, str(new_id()), frozenset({"text.change"}))
    read = queries.texts_for("fire", "first_notice")["en"]
    source = read.source.replace("subject: ", "subject: Ours: ")
    actions.set_text(author, "fire", "first_notice", "en", source, seen_digest=read.digest)
    with pytest.raises(Conflict, match="other_text_by_now"):
        actions.approve_text(APPROVER, "fire", "first_notice", "en", read.digest)
    assert not TextApproval.objects.exists()


def test_its_page_says_why_the_author_is_not_asked() -> None:
    boss = make_manager()
    text = queries.texts_for("fire", "first_notice")["en"]
    source = text.source.replace("subject: ", "subject: Ours: ")
    actions.set_text(actor_of(boss), "fire", "first_notice", "en", source, seen_digest=text.digest)
    where = reverse("messaging:text", args=["fire", "first_notice", "en"])
    mine = signed_in(boss).get(where).text
    assert "another person must approve it" in mine and "Approve beforehand" not in mine
    assert "Approve beforehand" in signed_in(make_approver()).get(where).text


def test_freezing_by_a_stricter_policy_tightens_the_message_and_a_looser_one_does_not() -> None:
    message, _ = frozen()
    for asked in (ApprovalPolicy(Approving.ALWAYS), ApprovalPolicy(Approving.CHANGED_TEXT, author_may=True)):
        actions.freeze_message(WRITER, message, policy=asked)
        held = queries.policy_of(Message.objects.get(pk=message))
        assert held == ApprovalPolicy(Approving.ALWAYS)
        assert queries.current_freeze(message).approval_needed
