"""Account mail does not stay: its words hold links, and nobody needs them after a week."""

from datetime import timedelta

import pytest

from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.clock import now
from tidings.messaging.actions.account import send_account_mail
from tidings.messaging.jobs import forgetting
from tidings.messaging.models import Broadcast, Chunk, FrozenText, Message, Recipient

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
SYSTEM = Actor(ActorKind.SYSTEM, "account mail", frozenset({"message.account"}))


def account_mail(*, age: timedelta, settled: bool = True, due: bool = False) -> Broadcast:
    before = set(Broadcast.objects.values_list("pk", flat=True))
    link = "https://example.org/secret"
    send_account_mail(SYSTEM, to="ilse@example.org", subject="Your link", body=link, language="en")
    made = Broadcast.objects.exclude(pk__in=before).get()
    Broadcast.objects.filter(pk=made.pk).update(created_at=now() - age)
    if settled:
        Chunk.objects.filter(broadcast=made).update(state="done", settled_at=now())
    if due:
        Recipient.objects.filter(broadcast=made).update(next_at=now())
    return made


@pytest.mark.parametrize(
    ("given", "stays"),
    [
        ({"age": WEEK + timedelta(minutes=1)}, False),
        ({"age": WEEK - timedelta(minutes=1)}, True),
        ({"age": 4 * WEEK, "settled": False}, True),
        ({"age": 4 * WEEK, "due": True}, True),
    ],
)
def test_account_mail_is_removed_after_a_week_once_nothing_of_it_is_under_way(
    given: dict[str, object], stays: bool
) -> None:
    made = account_mail(**given)  # type: ignore[arg-type]
    forgetting()
    left = [
        Broadcast.objects.filter(pk=made.pk).exists(),
        Chunk.objects.filter(broadcast_id=made.pk).exists(),
        FrozenText.objects.filter(broadcast_id=made.pk).exists(),
        Recipient.objects.filter(broadcast_id=made.pk).exists(),
    ]
    assert left == [stays] * 4


def test_a_single_mail_of_a_message_is_no_account_mail() -> None:
    made = account_mail(age=4 * WEEK)
    Message.objects.create(
        id=made.message_id, about="INC-1", kind="weather", phase="first_notice", written_by="x"
    )
    forgetting()
    assert Broadcast.objects.filter(pk=made.pk).exists()
