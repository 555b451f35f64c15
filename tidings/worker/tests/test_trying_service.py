"""A test message by a service: a real gateway, the worker's own job, and what the page says then."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from django.conf import LazySettings

from tidings.kernel.jobs import run_waiting
from tidings.messaging.actions.services import ask_to_try
from tidings.messaging.models import Relay
from tidings.messaging.tests.gateways.base import Case
from tidings.messaging.tests.gateways.test_twilio import TwilioGateway
from tidings.messaging.tests.test_services import ADMINISTRATOR, twilio
from tidings.worker import jobs  # the job registers itself


@contextmanager
def playing(case: Case) -> Iterator[str]:
    """The gateway in a loop of its own, as it stands beside a worker."""
    loop, ready = asyncio.new_event_loop(), []

    async def play() -> None:
        async with TwilioGateway().playing(case) as at_work:
            ready.append(at_work.url)
            await over.wait()

    over = asyncio.Event()
    thread = Thread(target=loop.run_until_complete, args=(play(),))
    thread.start()
    while not ready:
        thread.join(0.01)
    try:
        yield ready[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("case", "said"),
    [
        (Case.ACCEPTED, "taken"),
        (Case.REFUSED, "refused"),
        (Case.OUR_FAULT, "ours"),
        (Case.SERVER_ERROR, "later"),
    ],
)
def test_whoever_sets_a_service_up_learns_whether_it_takes_a_message(
    case: Case, said: str, settings: LazySettings
) -> None:
    settings.TIDINGS_ALLOW_TARGETS = ["127.0.0.1"]
    with playing(case) as url:
        relay = twilio(url)
        ask_to_try(ADMINISTRATOR, relay, "+31612345678")
        assert Relay.objects.get(pk=relay).tried == "asked"
        run_waiting()
    kept = Relay.objects.get(pk=relay)
    assert kept.tried == said
    assert kept.tried_at is not None
    assert jobs.TRY_SERVICE == "messaging.try_service"


@pytest.mark.django_db
def test_a_service_inside_our_own_network_is_reached_only_where_the_environment_allows_it() -> None:
    with playing(Case.ACCEPTED) as url:
        relay = twilio(url)
        ask_to_try(ADMINISTRATOR, relay, "+31612345678")
        run_waiting()
    assert Relay.objects.get(pk=relay).tried == "ours"
