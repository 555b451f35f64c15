"""People who take calls at the same moment, each on a connection of their own."""

import threading

from django.db import connection, connections

from tidings.messaging import actions
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
