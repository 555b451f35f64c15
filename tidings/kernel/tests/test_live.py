"""Open pages hear of a change once it is committed, with one NOTIFY however many rows, also after an outage."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import psycopg
import pytest
from django.db import connection, transaction

from tidings.kernel import live


@pytest.fixture
def hub() -> Iterator[live.Hub]:
    opened = live.Hub()
    yield opened
    opened.close()


@pytest.fixture
def notices(own_database: str) -> Iterator[psycopg.Connection]:
    params = connection.get_connection_params()
    params.pop("cursor_factory")
    params.pop("context")
    with psycopg.connect(**params, autocommit=True) as listener:
        listener.execute(f"LISTEN {live.CHANNEL}")
        yield listener


def heard(listener: psycopg.Connection) -> list[str]:
    """The first notice, waited for, and whatever follows it at once."""
    first = [notice.payload for notice in listener.notifies(timeout=10, stop_after=1)]
    return first + heard_at_once(listener)


def heard_at_once(listener: psycopg.Connection) -> list[str]:
    return [notice.payload for notice in listener.notifies(timeout=0.2)]


def test_a_transaction_gives_one_notice_with_all_its_topics(notices: psycopg.Connection) -> None:
    with transaction.atomic():
        with transaction.atomic():
            for n in range(50):
                live.notify(f"incident:{n % 3}")
        live.notify("worklist")
        assert heard_at_once(notices) == []
    assert heard(notices) == ['["incident:0", "incident:1", "incident:2", "worklist"]']


def test_what_is_rolled_back_is_not_told_and_does_not_silence_what_follows(
    notices: psycopg.Connection,
) -> None:
    with suppress(ZeroDivisionError), transaction.atomic():
        live.notify("a")
        raise ZeroDivisionError
    with transaction.atomic():
        with suppress(ZeroDivisionError), transaction.atomic():
            live.notify("b")
            raise ZeroDivisionError
        live.notify("c")
    assert heard(notices) == ['["b", "c"]']


def test_too_many_topics_for_one_notice_mean_everything(notices: psycopg.Connection) -> None:
    with transaction.atomic():
        for n in range(2000):
            live.notify(f"incident:{n}")
    assert heard(notices) == ['["*"]']


async def _next(stream: AsyncIterator[bytes]) -> str:
    """The next piece that says something; on a slow machine signs of life may come between."""
    piece = ": still here"
    while piece.startswith(": still here"):
        piece = (await asyncio.wait_for(anext(stream), 10)).decode()
    return piece


def test_a_page_hears_its_own_topics_and_the_stream_ends_by_itself(own_database: str, hub: live.Hub) -> None:
    async def read() -> list[str]:
        stream = live.events(hub, {"incident:1"}, seconds=2.5)
        got = [await _next(stream)]
        await asyncio.to_thread(hub.listening.wait, 10)
        await asyncio.to_thread(_change, "incident:2", "incident:1")
        return got + [piece.decode() async for piece in stream]

    first, *rest = asyncio.run(read())
    assert first == "retry: 1000\n\nevent: incident:1\ndata: incident:1\n\n"
    assert "event: incident:1\ndata: incident:1\n\n" in rest
    assert not any("incident:2" in piece for piece in rest)
    assert hub._readers == set()


def test_a_reader_hears_again_after_the_connection_broke(own_database: str, hub: live.Hub) -> None:
    async def read() -> str:
        stream = live.events(hub, {"incident:1"}, seconds=10)
        await _next(stream)
        await asyncio.to_thread(hub.listening.wait, 10)
        while "event" in await _next(stream):
            await asyncio.to_thread(_break_all_others)
            return await _next(stream)
        return ""

    assert "event: incident:1" in asyncio.run(read())


def _change(*topics: str) -> None:
    with transaction.atomic():
        for topic in topics:
            live.notify(topic)
    connection.close()


def _break_all_others() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    connection.close()
