"""A message that completes another, or takes the place of earlier ones: in the same transaction its readers wait for those
no more."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from tidings.messaging.models import Message
from tidings.messaging.rules.content import Audience
from tidings.messaging.sql import late


def take_held(message: Message) -> list[UUID]:
    """Locks those whom the completed message still holds, and gives their contacts; who gets a second language now is not
    among them. In the transaction that plans the completing message.
    """
    with connection.cursor() as cursor:
        cursor.execute(late.TAKE_HELD, {"completes": message.completes})
        return [contact for (contact,) in cursor.fetchall()]


def only_held(audience: Audience, held: Collection[UUID], languages: Collection[str]) -> Audience:
    """Of an audience those who are held and read one of these languages."""
    statement = f"SELECT * FROM ({audience.sql}) late WHERE contact_id = ANY(%(held)s::uuid[]) AND language = ANY(%(late)s)"  # noqa: S608 - only our own text is joined
    values = {**audience.params, "held": [str(one) for one in held], "late": list(languages)}
    return Audience(statement, values, ladder=audience.ladder, quiet=audience.quiet)


def supersede(message: Message, held: Collection[UUID]) -> None:
    """Ends the waiting of everybody of `held` for whom the completing message is planned."""
    values = {"message": message.pk, "completes": message.completes, "held": [str(one) for one in held]}
    with connection.cursor() as cursor:
        cursor.execute(late.SUPERSEDE, values)


def overtake(message_id: UUID, earlier: Collection[UUID]) -> int:
    """Ends the waiting for a language of `earlier` messages of everybody for whom this one is planned: they count here only.
    Gives how many. In the transaction that plans it.
    """
    with connection.cursor() as cursor:
        cursor.execute(late.OVERTAKE, {"message": message_id, "earlier": [str(one) for one in earlier]})
        return int(cursor.rowcount)
