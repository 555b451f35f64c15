"""The worklist: whose each line is stands on it by name, and the names are looked up once for all."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.cast import make_agent, make_dispatcher, signed_in
from tidings.home.queries import worklist
from tidings.incidents import actions
from tidings.incidents.models import Incident
from tidings.incidents.tests.cast import make_hub_of_shipments, make_opened
from tidings.kernel import live
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


def test_the_list_is_narrowed_to_one_kind_of_work() -> None:
    make_hub_of_shipments()
    _, incident = make_opened(kind="delay")
    robin = make_dispatcher(name="Robin")
    actions.add_task(
        actor_of(robin), incident.pk, "operations", "Reroute.", now() + timedelta(hours=1), robin.pk
    )
    client = signed_in(robin)
    page = client.get("/").text
    assert "First notice" in page and "Reroute." in page and '<option value="worklist.task"' in page
    tasks = client.get("/", {"what": "worklist.task"}).text.partition('id="worklist"')[2]
    assert "Reroute." in tasks and "First notice" not in tasks
    exported = b"".join(client.get("/", {"what": "worklist.task", "export": "csv"})).decode()
    assert exported.count("\n") == 2
    assert "Nothing of this kind waits" in client.get("/", {"what": "worklist.key"}).text


def test_the_page_listens_for_changes_and_takes_the_list_alone() -> None:
    page = signed_in(make_dispatcher()).get("/", {"mine": "1"}).text
    assert f'sse-connect="{reverse("home:live")}"' in page
    assert 'hx-get="/?mine=1"' in page and 'hx-select-oob="#worklist"' in page and 'id="worklist"' in page


@pytest.mark.django_db(transaction=False)
def test_what_changes_a_worklist_says_so_once(django_capture_on_commit_callbacks: object) -> None:
    make_hub_of_shipments()
    with django_capture_on_commit_callbacks() as said:  # type: ignore[operator]
        make_opened(kind="delay")
    topics = [one.topics for one in said if hasattr(one, "topics")]
    assert any(live.WORKLIST in one for one in topics)
