"""An approval is for one frozen text and one size of audience: whatever else would go is refused."""

from uuid import UUID

import pytest

from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.errors import Conflict, Missing
from tidings.kernel.ids import new_id
from tidings.messaging import actions
from tidings.messaging.models import Approval, Freeze, Recipient
from tidings.messaging.rules.content import digests_of
from tidings.messaging.tests.cast import ABOUT, APPROVER, FACTS, WRITER, approve, make_audience

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
