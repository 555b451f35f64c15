"""People who take calls at the same moment, each on a connection of their own."""

import threading
import time

from django.db import connection, connections, transaction

from tidings.messaging import actions
from tidings.messaging.models import Call
from tidings.messaging.tests.test_calls import agent, make_call_list


def test_agents_who_ask_at_the_same_moment_never_get_the_same_call(own_database: str) -> None:
    make_call_list(*["delayed"] * 12)
    got: list[object] = []
    ready = threading.Barrier(4)

    def work() -> None:
        try:
            ready.wait()
            for _ in range(4):
                call = actions.take_call(agent())
                if call is not None:
                    got.append(call.recipient_id)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert connection.settings_dict["NAME"] == own_database
    assert len(got) == len(set(got)) == 12


def test_two_presses_of_one_person_at_the_same_moment_take_one_call(own_database: str) -> None:
    make_call_list("delayed", "delayed")
    me, got = agent(), set[object]()
    ready = threading.Barrier(2)

    def press() -> None:
        try:
            ready.wait()
            with transaction.atomic():
                call = actions.take_call(me)
                time.sleep(0.2)
            got.add(call.pk if call else None)
        finally:
            connections.close_all()

    presses = [threading.Thread(target=press) for _ in range(2)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert connection.settings_dict["NAME"] == own_database
    assert got == set(Call.objects.values_list("pk", flat=True))
    assert len(got) == 1
