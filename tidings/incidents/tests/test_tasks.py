"""Tasks of departments: given, ended, handed over; on the page, in the story, in the audit; and how they pass on."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cast import make_administrator, make_agent, make_auditor, make_dispatcher, make_unit, signed_in
from tidings.incidents import actions, queries
from tidings.incidents.models import Task
from tidings.incidents.rules import tasks as rules
from tidings.incidents.tests.cast import NOW, make_actor, make_opened, make_place, make_report
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.ids import new_id
from tidings.kernel.models import AuditLine
from tidings.people import actions as people
from tidings.people.queries import actor_of

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(hours=2)


@pytest.fixture
def incident():
    make_place()
    return make_opened()[1]


def given(incident, text="Reroute the lines", **more):
    return actions.add_task(make_actor(), incident.pk, "operations", text, SOON, **more)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("operations", "operations"),
        ("Customer service", "customer_service"),
        (" Legal ", "legal"),
        ("Yard team", "Yard team"),
    ],
)
def test_a_department_is_known_by_its_code_or_named_in_the_firms_own_word(said, code):
    assert rules.department_code(said) == code


def test_a_task_stands_in_the_list_in_the_story_and_in_the_audit(incident):
    task = queries.task(make_actor(), incident, given(incident))
    assert (task.department, task.text, task.is_open) == ("operations", "Reroute the lines", True)
    line = incident.timeline.latest("at")
    assert (line.code, line.text) == ("task_added", "Reroute the lines")
    assert AuditLine.objects.filter(verb="incident.task_added", thing_id=str(incident.pk)).count() == 1


def test_a_task_does_not_disturb_who_is_about_to_send(incident):
    before = incident.version
    given(incident)
    incident.refresh_from_db()
    assert incident.version == before


def test_what_customers_chose_stands_in_the_list_once_and_not_in_the_story(incident):
    key = new_id()
    for _twice in range(2):
        assert given(incident, origin="choice", key=key) == key
    assert Task.objects.count() == 1
    assert not incident.timeline.filter(code="task_added").exists()
    assert AuditLine.objects.filter(verb="incident.task_added").count() == 1


@pytest.mark.parametrize(
    ("department", "text", "code"),
    [(" ", "Reroute", "incident.task_empty"), ("it", "  ", "incident.task_empty")],
)
def test_a_task_without_a_department_or_words_is_refused(incident, department, text, code):
    with pytest.raises(Refused) as refused:
        actions.add_task(make_actor(), incident.pk, department, text, SOON)
    assert refused.value.code == code
    assert not Task.objects.exists()


def test_a_dismissed_incident_gets_no_task_and_a_closed_one_may(incident):
    actions.dismiss_incident(make_actor(), incident.pk, "A false alarm")
    with pytest.raises(Refused, match="not_open"):
        given(incident)


def test_who_may_not_give_tasks_gives_none(incident):
    with pytest.raises(Refused, match="not_allowed"):
        actions.add_task(make_actor("agent"), incident.pk, "it", "Restart", SOON)


def test_an_owner_must_be_able_to_open_the_incident(incident):
    elsewhere = make_agent(unit=make_unit("Delft", "branch"))
    with pytest.raises(Refused, match="owner_does_not_see"):
        given(incident, owner=elsewhere.pk)
    assert not Task.objects.exists()


def test_a_task_is_ended_once_by_its_owner_whatever_their_role(incident):
    owner = make_agent()
    task = given(incident, owner=owner.pk)
    actions.finish_task(actor_of(owner), task)
    ended = Task.objects.get()
    assert (ended.end, ended.ended_by) == ("done", str(owner.pk))
    with pytest.raises(Conflict, match="task_ended"):
        actions.finish_task(make_actor(), task)
    with pytest.raises(Conflict, match="task_ended"):
        actions.hand_task(make_actor(), task, owner.pk)


def test_who_neither_owns_it_nor_gives_tasks_does_not_end_it(incident):
    task = given(incident)
    with pytest.raises(Refused, match="not_allowed"):
        actions.finish_task(actor_of(make_agent()), task)
    with pytest.raises(Missing):
        actions.finish_task(make_actor(units=frozenset({new_id()})), task)
    assert Task.objects.get().is_open


def test_not_done_needs_its_reason_and_keeps_it(incident):
    task = given(incident)
    with pytest.raises(Refused, match="task_needs_reason"):
        actions.finish_task(make_actor(), task, "not_done", "  ")
    actions.finish_task(make_actor(), task, "not_done", "No driver left")
    assert Task.objects.get().reason == "No driver left"
    assert incident.timeline.latest("at").text == "Reroute the lines (No driver left)"


def test_what_waits_is_asked_across_incidents_soonest_first(incident):
    owner = make_agent()
    late = given(incident, "Call the fire brigade")
    Task.objects.filter(pk=late).update(due_by=NOW - timedelta(minutes=5))
    mine = given(incident, owner=owner.pk)
    actions.finish_task(make_actor(), given(incident, "Lock the doors"))
    found = queries.waiting_tasks(actor_of(owner), NOW)
    assert [(one.task.pk, one.late, one.mine) for one in found] == [(late, True, False), (mine, False, True)]
    assert queries.waiting_tasks(make_actor(units=frozenset({new_id()})), NOW) == []


def test_a_leavers_tasks_pass_on_in_the_same_transaction():
    make_place()
    desk = make_dispatcher()
    leaver, successor = make_agent(name="Robin"), make_agent(name="Sanne")
    incident = actions.open_incident(actor_of(desk), make_report())
    actions.add_task(actor_of(desk), incident, "it", "Restart the sorter", SOON, leaver.pk)
    boss = actor_of(make_administrator())
    with pytest.raises(Refused, match="successor_needed"):
        people.end_account(boss, leaver.pk)
    people.end_account(boss, leaver.pk, successor.pk)
    assert Task.objects.get().owner_id == successor.pk


def test_a_successor_who_cannot_open_the_incident_does_not_get_its_task(incident):
    leaver, elsewhere = make_agent(), make_agent(unit=make_unit("Delft", "branch"))
    given(incident, owner=leaver.pk)
    with pytest.raises(Refused, match="successor_does_not_see"):
        people.end_account(actor_of(make_administrator()), leaver.pk, elsewhere.pk)
    assert Task.objects.get().owner_id == leaver.pk


def page(name, incident, **more):
    return reverse(f"incidents:{name}", kwargs={"number": incident.number, **more})


def test_a_task_is_given_on_a_page_and_done_in_one_press(incident):
    desk = make_dispatcher(name="Noor")
    client = signed_in(desk)
    told = {"department": "legal", "text": "Tell the insurer", "due_by": "2026-12-01T18:00", "owner": desk.pk}
    shown = client.post(page("add_task", incident), told, follow=True).text
    assert "Tell the insurer" in shown
    assert "Task for Legal: Tell the insurer" in shown
    task = Task.objects.get()
    shown = client.post(page("task_done", incident, task_id=task.pk), follow=True).text
    assert "Done: Tell the insurer" in shown
    assert "No task waits." in shown
    listed = client.get(page("tasks", incident)).text
    assert "Tell the insurer" in listed and "Noor" in listed
    export = client.get(page("tasks", incident), {"export": "csv"}).getvalue().decode("utf-8-sig")
    assert export.splitlines()[1].startswith("legal,Tell the insurer")


def test_a_task_page_asks_for_the_reason_and_hands_over(incident):
    client, other = signed_in(make_dispatcher()), make_agent(name="Sanne")
    task = given(incident)
    refused = client.post(page("task", incident, task_id=task), {"end": "not_done", "reason": ""})
    assert refused.status_code == 422 and "why the task was not done" in refused.text
    shown = client.post(page("hand_task", incident, task_id=task), {"owner": other.pk}, follow=True).text
    assert "Sanne" in shown
    assert "Task of Operations given to Sanne" in client.get(page("show", incident)).text
    assert client.get(page("task", incident, task_id=new_id())).status_code == 404


def test_another_word_names_a_department_of_the_firms_own(incident):
    client = signed_in(make_dispatcher())
    told = {"department": "", "other": "Yard team", "text": "Clear the gate", "due_by": "2026-12-01T18:00"}
    client.post(page("add_task", incident), told)
    assert Task.objects.get().department == "Yard team"
    assert "Yard team" in client.get(page("add_task", incident)).text
    nameless = client.post(page("add_task", incident), {**told, "other": ""})
    assert nameless.status_code == 422 and "Choose a department" in nameless.text


def test_a_reader_sees_tasks_and_gives_none(incident):
    given(incident)
    auditor = signed_in(make_auditor())
    assert "Reroute the lines" in auditor.get(page("show", incident)).text
    assert auditor.get(page("add_task", incident)).status_code == 403
