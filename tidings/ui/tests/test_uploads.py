"""The limit on what may be sent, as a server would meet it."""

from collections.abc import Mapping, MutableMapping
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from tests.cast import make_agent, signed_in
from tidings.ui.uploads import MOST_BYTES, MOST_FILE_BYTES, is_of_somebody, limited


async def ask(
    path: str, announced: int | None, pieces: list[int], language: str = "nl", signed_in: bool = True
) -> tuple[list[Mapping[str, Any]], int]:
    """What came back, and how many bytes the application behind the limit was given."""
    taken = 0
    sent: list[Mapping[str, Any]] = []
    waiting = list(pieces)

    async def application(_scope: object, receive: Any, send: Any) -> None:
        nonlocal taken
        more = True
        while more:
            message = await receive()
            taken += len(message["body"])
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> MutableMapping[str, Any]:
        size = waiting.pop(0)
        return {"type": "http.request", "body": b"x" * size, "more_body": bool(waiting)}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    headers = [(b"accept-language", language.encode())]
    if announced is not None:
        headers.append((b"content-length", str(announced).encode()))

    async def is_signed_in(_scope: object) -> bool:
        return signed_in

    scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
    await limited(application, is_signed_in)(scope, receive, send)
    return sent, taken


@pytest.mark.parametrize(
    ("path", "announced", "pieces", "status", "taken"),
    [
        ("/incidents/", 5, [5], 200, 5),
        ("/incidents/", MOST_BYTES + 1, [5], 413, 0),
        ("/incidents/", None, [MOST_BYTES, 1], 413, MOST_BYTES),
        ("/shipments/import/", MOST_BYTES + 1, [5], 200, 5),
        ("/shipments/import/", 2 << 30, [5], 413, 0),
        ("/shipments/import/", MOST_FILE_BYTES, [5], 200, 5),
        ("/shipments/import/file/x/", 2 << 30, [5], 413, 0),
    ],
)
async def test_too_much_is_refused_before_it_is_taken(
    path: str, announced: int | None, pieces: list[int], status: int, taken: int
) -> None:
    sent, given = await ask(path, announced, pieces)
    assert sent[0]["status"] == status
    assert given == taken


async def test_a_stranger_may_send_no_file() -> None:
    sent, taken = await ask("/shipments/import/", None, [MOST_BYTES, 1], signed_in=False)
    assert (sent[0]["status"], taken) == (413, MOST_BYTES)


@pytest.mark.django_db
@pytest.mark.parametrize("ended", [False, True])
def test_a_session_that_ended_with_its_roles_may_send_no_file(ended: bool) -> None:
    person = make_agent()
    key = signed_in(person).session.session_key
    assert key
    person.access_version += ended
    person.save()
    assert is_of_somebody(key) is not ended


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("holds", "known"), [({SESSION_KEY: "somebody"}, False), ({"language": "nl"}, False), (None, False)]
)
def test_a_session_counts_when_somebody_signed_in_under_it(holds: dict[str, str] | None, known: bool) -> None:
    session = SessionStore()
    if holds is not None:
        session.update(holds)
        session.save()
    key = session.session_key or "made-up-by-a-stranger"
    assert is_of_somebody(key) is known


async def test_the_refusal_says_why_in_a_sentence() -> None:
    sent, _taken = await ask("/incidents/", MOST_BYTES + 1, [5], "xx, en;q=0.5")
    assert b"10 MB" in sent[1]["body"]
