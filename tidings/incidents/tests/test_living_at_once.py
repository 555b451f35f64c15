"""What goes by itself while a person is at work on the same incident, each on a connection of their own."""

import threading
import time

from django.db import connections, transaction

from tidings.incidents import actions, jobs
from tidings.incidents.models import Sending
from tidings.incidents.tests.cast import make_actor
from tidings.incidents.tests.test_living import come, time_passes, told_incident


def test_what_a_person_is_writing_is_not_left_for_what_goes_by_itself(own_database: str) -> None:
    incident, actor = told_incident(), make_actor()
    come("WB9")
    time_passes(incident)

    def turn() -> None:
        try:
            jobs.tell_newly()
        finally:
            connections.close_all()

    job = threading.Thread(target=turn)
    with transaction.atomic():
        written = actions.write_phase(actor, incident.pk, "first_notice", {})
        job.start()
        time.sleep(1)
    job.join()
    assert own_database
    assert Sending.objects.get(message_id=written).left_at is None
