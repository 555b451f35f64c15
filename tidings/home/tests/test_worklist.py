"""The worklist: whose each line is stands on it by name, and the names are looked up once for all."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import make_agent, make_dispatcher
from tidings.home.queries import worklist
from tidings.incidents import actions
from tidings.incidents.models import Incident
from tidings.incidents.tests.cast import make_hub_of_shipments, make_opened
from tidings.kernel.clock import now
from tidings.people.queries import actor_of

pytestmark = pytest.mark.django_db


def test_every_owner_is_named_by_one_look_up() -> None:
    cast = make_hub_of_shipments()
    _, incident = make_opened(kind="delay")
    lead, agent = make_dispatcher(name="Robin"), make_agent(name="Kim")
    me, later = actor_of(lead), now() + timedelta(hours=1)
    Incident.objects.update(owner_id=lead.pk)
    actions.add_task(me, incident.pk, "operations", "Reroute.", later, agent.pk)
    actions.promise_customer(me, incident.pk, cast["en"].pk, "Call back.", later, lead.pk)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        lines = worklist(me, now())
    owners = {one.what: (one.owner, one.mine) for one in lines}
    assert owners["incident.phase.first_notice"] == ("Robin", True)
    assert owners["worklist.task"] == ("Kim", False)
    assert owners["worklist.promise"] == ("Robin", True)
    assert sum("people_apikey" in one["sql"] for one in asked.captured_queries) == 1
