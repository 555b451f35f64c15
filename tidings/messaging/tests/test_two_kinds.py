"""Legal and management approve as themselves: both in any order, two people, neither the author, each with a clock of its own."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from tests.cast import make_approver, make_dispatcher, make_manager, signed_in
from tidings.home.queries.worklist import worklist
from tidings.kernel.errors import Conflict, Refused
from tidings.messaging import actions, queries
from tidings.messaging.models import Approval, ApprovalAsk, Freeze, KindApproval, Recipient
from tidings.messaging.rules.approval import counts_as, missing_kinds
from tidings.messaging.rules.content import ApprovalPolicy, Approving, stricter
from tidings.messaging.tests.cast import ABOUT, FACTS, WRITER, make_audience
from tidings.people.models import User
from tidings.people.queries import actor_of, command_actor, system_actor
from tidings.people.rules import FOR_KEYS, abilities_of

LEGAL, MANAGEMENT = frozenset({"legal"}), frozenset({"management"})
BOTH = ApprovalPolicy(Approving.FREE_SENTENCES, kinds=LEGAL | MANAGEMENT)
CLOCK = system_actor("approval clock")


@pytest.mark.parametrize(
    ("needed", "given", "missing"),
    [
        ([], [], ("",)),
        ([], [""], ()),
        (["legal"], [], ("legal",)),
        (["management", "legal"], [], ("legal", "management")),
        (["management", "legal"], ["legal"], ("management",)),
        (["management", "legal"], ["management", "legal"], ()),
    ],
)
def test_whose_yes_is_missing(needed, given, missing):
    assert missing_kinds(needed, given) == missing


@pytest.mark.parametrize(
    ("missing", "may", "asked_as", "chosen", "kind"),
    [
        (["legal", "management"], ["legal", "management", ""], None, None, "legal"),
        (["legal", "management"], ["legal", "management", ""], "management", None, "management"),
        (["legal", "management"], ["legal", "management", ""], "management", "legal", "legal"),
        (["legal", "management"], ["management", ""], None, None, "management"),
        (["legal"], ["management", ""], None, None, None),
        (["legal"], ["legal", ""], None, "management", None),
        ([""], ["management", ""], None, None, ""),
    ],
)
def test_as_what_a_yes_counts(missing, may, asked_as, chosen, kind):
    assert counts_as(missing, may, asked_as=asked_as, chosen=chosen) == kind


def test_the_stricter_of_two_policies_asks_for_the_kinds_of_both():
    one = ApprovalPolicy(Approving.FREE_SENTENCES, kinds=LEGAL)
    assert stricter(one, ApprovalPolicy(author_may=True, kinds=MANAGEMENT)) == BOTH


def test_kinds_of_approval_are_never_a_keys_nor_without_a_second_factor():
    for role, own in (("legal_approver", "legal"), ("management_approver", "management")):
        with_factor = abilities_of([role], second_factor=True, demo=False)
        assert {one for one in with_factor if "approve" in one} == {
            "message.approve",
            f"message.approve_{own}",
        }
        assert not {one for one in abilities_of([role], second_factor=False, demo=False) if "approve" in one}
    assert not {one for one in FOR_KEYS | command_actor("shell").abilities if "approve" in one}


pytestmark = pytest.mark.django_db


def approver(role: str, name: str) -> User:
    """Somebody who approves as one kind, or as both."""
    user = make_approver(name=name)
    user.roles_held.update(role=role)
    return user


@pytest.fixture
def cast() -> tuple[User, User]:
    return approver("legal_approver", "Lee"), approver("management_approver", "Mo")


def asked(policy: ApprovalPolicy = BOTH) -> tuple:
    message = actions.write_message(
        WRITER, about=ABOUT, kind="fire", phase="first_notice", facts=FACTS, policy=policy
    )
    actions.freeze_message(WRITER, message, audience=make_audience(20))
    freeze = queries.current_freeze(message)
    assert freeze is not None
    return message, freeze


def open_asks() -> dict[str, object]:
    return {one.kind: one.person_id for one in ApprovalAsk.objects.filter(ended_at__isnull=True)}


@pytest.mark.parametrize("first", [0, 1])
def test_both_in_any_order_by_two_people_and_then_it_goes(cast, first):
    message, freeze = asked()
    one, other = cast[first], cast[1 - first]
    assert open_asks() == {"legal": cast[0].pk, "management": cast[1].pk}
    [still] = actions.approve_message(actor_of(one), message, freeze.digest)
    assert not Approval.objects.exists() and still == ("management", "legal")[first]
    with pytest.raises(Refused, match="not_approved"):
        actions.send_message(WRITER, message, make_audience(20))
    assert open_asks() == {still: other.pk}
    with pytest.raises(Refused, match="other_kind_by_another"):
        actions.approve_message(actor_of(one), message, freeze.digest)
    assert actions.approve_message(actor_of(other), message, freeze.digest) == ()
    assert open_asks() == {} and Approval.objects.count() == 1
    assert actions.send_message(WRITER, message, make_audience(20)) == 20


def test_one_person_of_both_kinds_is_asked_for_one_and_gives_one(cast):
    both = approver("approver", "Bo")
    cast[1].roles_held.update(role="agent")
    message, freeze = asked()
    assert open_asks() == {"management": both.pk, "legal": cast[0].pk}
    assert actions.approve_message(actor_of(both), message, freeze.digest, "legal") == ("management",)
    with pytest.raises(Refused, match="other_kind_by_another"):
        actions.approve_message(actor_of(both), message, freeze.digest, "management")
    with pytest.raises(Refused, match="approver_of_another_kind"):
        actions.approve_message(actor_of(cast[0]), message, freeze.digest)
    assert open_asks() == {}, "nobody else may give it"
    assert queries.nobody_answered(message)
    with pytest.raises(IntegrityError), transaction.atomic():
        KindApproval.objects.create(
            freeze=freeze, kind="management", digest=freeze.digest, approved_by=f"person:{both.pk}"
        )


def test_neither_is_the_author(cast):
    writer = approver("approver", "Wim")
    author = actor_of(make_dispatcher())
    author = type(author)(author.kind, str(writer.pk), author.abilities, author.units)
    message = actions.write_message(
        author, about=ABOUT, kind="fire", phase="first_notice", facts=FACTS, policy=BOTH
    )
    actions.freeze_message(author, message, audience=make_audience(20))
    freeze = queries.current_freeze(message)
    assert freeze and writer.pk not in open_asks().values()
    with pytest.raises(Refused, match="author_may_not_approve"):
        actions.approve_message(actor_of(writer), message, freeze.digest)


def test_each_kind_has_its_own_clock_and_deputies(cast):
    second = approver("legal_approver", "Lo")
    message, freeze = asked()
    actions.approve_message(actor_of(cast[1]), message, freeze.digest)
    ask = ApprovalAsk.objects.get(ended_at__isnull=True)
    actions.move_approvals_on(CLOCK, ask.answer_by)
    assert open_asks() == {"legal": ({cast[0].pk, second.pk} - {ask.person_id}).pop()}
    actions.move_approvals_on(CLOCK, ApprovalAsk.objects.get(ended_at__isnull=True).answer_by)
    assert open_asks() == {} and queries.nobody_answered(message)


def test_sending_back_by_one_ends_the_others_request_and_a_change_voids_both(cast):
    message, freeze = asked()
    actions.approve_message(actor_of(cast[0]), message, freeze.digest)
    actions.send_back(actor_of(cast[1]), message, freeze.digest, "Say by when")
    assert open_asks() == {}
    with pytest.raises(Conflict, match="decided_already"):
        actions.approve_message(actor_of(approver("management_approver", "Mia")), message, freeze.digest)
    actions.change_message(WRITER, message, seen_version=1, facts=FACTS)
    actions.freeze_message(WRITER, message, audience=make_audience(20))
    newer = queries.current_freeze(message)
    assert newer and queries.still_missing([newer])[newer.pk] == ("legal", "management")


def test_what_is_frozen_keeps_what_it_needed_and_the_rows_are_asked_again_before_it_goes(cast):
    message, freeze = asked()
    actions.freeze_message(WRITER, message, audience=make_audience(20), policy=ApprovalPolicy())
    freeze = Freeze.objects.latest("id")
    assert set(freeze.approvers) == {"legal", "management"}
    for one in cast:
        actions.approve_message(actor_of(one), message, freeze.digest)
    KindApproval.objects.filter(kind="legal").delete()
    with pytest.raises(Conflict, match="approval_void"):
        actions.send_message(WRITER, message, make_audience(20))
    assert not Recipient.objects.filter(message_id=message).exists()


def test_the_pages_say_what_is_missing_and_from_whom(cast):
    message, freeze = asked()
    legal, boss = signed_in(cast[0]), make_manager(name="Ma")
    decide = reverse("messaging:decide", args=[message])
    page = legal.get(decide).text
    assert (
        "legal approval is missing: Lee is asked" in page
        and "management approval is missing: Mo is asked" in page
    )
    answer = legal.post(reverse("messaging:approve", args=[message]), {"digest": freeze.digest}, follow=True)
    assert "Approved. Still missing: management." in answer.text
    page = legal.get(decide).text
    assert "legal: approved by Lee" in page and "Another person must give" in page
    at = datetime.now(UTC)
    assert not [one for one in worklist(actor_of(cast[0]), at) if one.what.startswith("worklist.approve_")]
    [line] = [one for one in worklist(actor_of(cast[1]), at) if one.what.startswith("worklist.approve_")]
    assert (line.what, line.mine, line.owner) == ("worklist.approve_management", True, "Mo")
    assert queries.waiting_for_approval(actor_of(cast[0])) == 0
    assert queries.waiting_for_approval(actor_of(boss)) == 1
    assert line.due_by and line.due_by - at < timedelta(hours=2)


@pytest.mark.parametrize(
    "once",
    [ApprovalPolicy(Approving.FREE_SENTENCES), ApprovalPolicy(Approving.FREE_SENTENCES, author_may=True)],
)
def test_a_yes_from_before_is_not_enough_for_the_same_words_once_more_is_asked(cast, once):
    author = replace(WRITER, abilities=WRITER.abilities | {"message.approve"})
    message, freeze = asked(once)
    actions.approve_message(author if once.author_may else actor_of(cast[0]), message, freeze.digest)
    more = ApprovalPolicy(Approving.FREE_SENTENCES) if once.author_may else BOTH
    actions.freeze_message(WRITER, message, audience=make_audience(20), policy=more)
    again, _ = asked(more)
    actions.freeze_message(WRITER, again, audience=make_audience(20), policy=more, same_words_suffice=True)
    found = queries.current_freeze(again)
    assert found and (found.approval_needed, found.same_as) == (True, None)
