"""What is owed beside the messages: a person's promise to one customer, and the law's clocks, which only advise."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from tests.cast import make_administrator, make_agent, make_dispatcher, signed_in
from tidings.home.queries import pressing, worklist
from tidings.incidents import actions, queries
from tidings.incidents.models import HeldChange, Incident, LegalNotice, PersonalPromise
from tidings.incidents.rules import law, promises
from tidings.incidents.tests.cast import NOW, make_actor, make_customer, make_opened, make_place
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.ids import new_id
from tidings.people import actions as people
from tidings.people.queries import actor_of, system_actor
from tidings.ui.rail import Counting

pytestmark = pytest.mark.django_db
DETECTED = datetime(2026, 1, 31, 12, tzinfo=UTC)


def hours(count):
    return timedelta(hours=count)


@pytest.mark.parametrize(
    ("kind", "country", "found"),
    [
        ("data_breach", "NL", ["gdpr_people", "gdpr_authority"]),
        ("data_breach", "NO", ["gdpr_people", "gdpr_authority"]),
        ("data_breach", "CN", ["pipl"]),
        ("data_breach", "US", []),
        ("system_outage", "DE", ["nis2_warning", "nis2_notification", "nis2_report"]),
        ("dangerous_goods", "GB", ["adr_report"]),
        ("theft", "NL", ["customs_transit"]),
        ("delay", "NL", []),
    ],
)
def test_the_laws_clocks_run_by_kind_and_country(kind, country, found):
    assert [clock.code for clock in law.clocks_of(kind, country, DETECTED)] == found


@pytest.mark.parametrize(
    ("code", "due"),
    [
        ("gdpr_authority", DETECTED + hours(72)),
        ("gdpr_people", None),
        ("nis2_warning", DETECTED + hours(24)),
        ("nis2_report", datetime(2026, 3, 3, 12, tzinfo=UTC)),
        ("adr_report", datetime(2026, 2, 28, 12, tzinfo=UTC)),
    ],
)
def test_a_legal_clock_counts_from_detection(code, due):
    assert law.BY_CODE[code].due_by(DETECTED) == due


def test_no_clock_runs_before_its_law_did():
    assert law.clocks_of("system_outage", "NL", datetime(2024, 10, 17, tzinfo=UTC)) == []
    assert all(clock.source and clock.kinds and clock.countries for clock in law.CLOCKS)


@pytest.mark.parametrize(
    ("after", "stands"), [(hours(1), "waiting"), (hours(0.5), "soon"), (-hours(0.1), "late")]
)
def test_a_promise_is_reminded_of_before_it_is_late(after, stands):
    assert promises.stands(NOW + after, NOW) == stands


@pytest.fixture
def incident():
    make_place()
    return make_opened(kind="data_breach")[1]


@pytest.fixture
def customer():
    return make_customer("C-1")


def page(name, incident, **more):
    return reverse(f"incidents:{name}", kwargs={"number": incident.number, **more})


def test_whose_a_legal_clock_is_and_what_proves_it(incident):
    desk, owner = make_actor(), make_agent()
    actions.note_legal(desk, incident.pk, "gdpr_authority", owner=owner.pk)
    with pytest.raises(Refused, match="proof_needed"):
        actions.note_legal(desk, incident.pk, "gdpr_authority", done_at=NOW, proof=" ")
    actions.note_legal(desk, incident.pk, "gdpr_authority", owner=owner.pk, done_at=NOW, proof="AP 2026-118")
    with pytest.raises(Missing, match="no_such_legal_clock"):
        actions.note_legal(desk, incident.pk, "adr_report", owner=owner.pk)
    assert LegalNotice.objects.get().proof == "AP 2026-118"
    assert incident.timeline.filter(code="legal_done").get().text == "AP 2026-118"


def test_the_page_shows_what_the_law_asks_with_its_source(incident):
    client = signed_in(make_dispatcher())
    shown = client.get(page("show", incident)).text
    assert "Article 33(1)" in shown and "without undue delay" in shown
    told = {"done_at": "2026-11-30T10:00", "proof": "AP 2026-118", "owner": ""}
    shown = client.post(page("legal", incident, code="gdpr_authority"), told, follow=True).text
    assert "AP 2026-118" in shown
    assert client.get(page("legal", incident, code="adr_report")).status_code == 404


def test_a_promise_has_an_owner_and_ends_once(incident, customer):
    agent = make_agent()
    soon = datetime.now(UTC) + hours(0.2)
    made = actions.promise_customer(actor_of(agent), incident.pk, customer.pk, "Call back", soon)
    waiting = queries.waiting_promises(actor_of(agent), datetime.now(UTC))
    assert [(one.promise.pk, one.customer, one.stands, one.mine) for one in waiting] == [
        (made, "Customer C-1", "soon", True)
    ]
    with pytest.raises(Refused, match="promise_needs_note"):
        actions.end_promise(actor_of(agent), made, kept=False)
    with pytest.raises(Refused, match="not_allowed"):
        actions.end_promise(actor_of(make_agent()), made, kept=True)
    actions.end_promise(actor_of(agent), made, kept=False, note="Line was busy, written instead")
    with pytest.raises(Conflict, match="promise_ended"):
        actions.end_promise(make_actor(), made, kept=True)
    assert PersonalPromise.objects.get().end == "broken"
    assert queries.waiting_promises(make_actor(), NOW) == []


@pytest.mark.parametrize(
    ("text", "after", "code"),
    [(" ", hours(1), "promise_empty"), ("Call back", -hours(1), "promise_in_the_past")],
)
def test_a_promise_that_says_nothing_or_is_past_is_refused(incident, customer, text, after, code):
    with pytest.raises(Refused, match=code):
        actions.promise_customer(make_actor(), incident.pk, customer.pk, text, datetime.now(UTC) + after)
    with pytest.raises(Missing):
        actions.promise_customer(make_actor(), incident.pk, new_id(), "Call", datetime.now(UTC) + hours(1))
    assert not PersonalPromise.objects.exists()


def test_a_late_promise_is_told_once_on_the_timeline(incident, customer):
    later = datetime.now(UTC) + hours(1)
    made = actions.promise_customer(make_actor(), incident.pk, customer.pk, "Call back", later)
    assert actions.escalate_promises(system_actor("promises")) == 0
    PersonalPromise.objects.filter(pk=made).update(due_by=NOW - hours(1))
    assert [actions.escalate_promises(system_actor("promises")) for _ in range(2)] == [1, 0]
    assert incident.timeline.filter(code="promise_late").count() == 1


def test_a_leavers_promises_pass_on(incident, customer):
    leaver, successor = make_agent(), make_agent()
    later = datetime.now(UTC) + hours(1)
    actions.promise_customer(actor_of(leaver), incident.pk, customer.pk, "Call back", later)
    people.end_account(actor_of(make_administrator()), leaver.pk, successor.pk)
    assert PersonalPromise.objects.get().owner_id == successor.pk


def law_lines(actor):
    return [one for one in worklist(actor, datetime.now(UTC)) if one.what == "worklist.law"]


def test_the_laws_clocks_stand_on_the_worklist_until_they_are_done(incident):
    desk, owner = make_actor(), make_agent(name="Kim")
    assert {one.thing_kind for one in law_lines(desk)} == {
        "incident.law.gdpr_authority",
        "incident.law.gdpr_people",
    }
    actions.note_legal(desk, incident.pk, "gdpr_authority", owner=owner.pk)
    [authority] = [one for one in law_lines(actor_of(owner)) if one.mine]
    assert (authority.owner, authority.due_by) == ("Kim", incident.detected_at + hours(72))
    actions.note_legal(desk, incident.pk, "gdpr_authority", done_at=NOW, proof="AP 2026-118")
    actions.note_legal(desk, incident.pk, "gdpr_people", done_at=NOW, proof="Letter 7")
    assert law_lines(desk) == []


def test_closing_an_incident_does_not_stop_the_laws_clocks(incident):
    Incident.objects.filter(pk=incident.pk).update(state="closed")
    assert len(law_lines(make_actor())) == 2
    Incident.objects.filter(pk=incident.pk).update(state="dismissed")
    assert law_lines(make_actor()) == []


def test_a_late_clock_of_the_law_counts_in_the_rail(incident):
    before = pressing(Counting(make_actor(), datetime.now(UTC)))
    later = datetime.now(UTC) + hours(73)
    Incident.objects.update(first_notice_by=NOW, next_update_by=None)
    after = pressing(Counting(make_actor(), later))
    assert [one.late for one in law_lines(make_actor())] == [False, False]
    assert (before[1], after[1]) == (0, 2), "the law's clock, and the first notice"


def test_a_leavers_clocks_of_the_law_pass_on(incident):
    leaver, successor = make_dispatcher(), make_dispatcher()
    actions.note_legal(make_actor(), incident.pk, "gdpr_authority", owner=leaver.pk)
    people.end_account(actor_of(make_administrator()), leaver.pk, successor.pk)
    assert LegalNotice.objects.get().owner_id == successor.pk
    assert incident.timeline.filter(code="legal_owned").count() == 2


def test_late_tasks_promises_and_checks_and_held_changes_count_in_the_rail(incident, customer):
    desk = make_actor()
    Incident.objects.update(first_notice_by=incident.detected_at + hours(24))
    later, day = datetime.now(UTC) + hours(1), datetime.now(UTC) + hours(2)
    actions.add_task(desk, incident.pk, "operations", "Reroute.", later)
    actions.promise_customer(desk, incident.pk, customer.pk, "Call back", later)
    assert pressing(Counting(desk, datetime.now(UTC))) == (0, 0)
    assert pressing(Counting(desk, day)) == (2, 2)
    HeldChange.objects.create(incident=incident, came=30, went=0, told_went=0, at=NOW)
    assert pressing(Counting(desk, day)) == (3, 2), "a held change waits, and is not late"


def test_a_promise_is_written_and_ended_on_pages(incident, customer):
    client = signed_in(make_dispatcher())
    told = {"customer": "C-1", "text": "Call back", "due_by": "2099-12-01T18:00", "owner": ""}
    shown = client.post(page("promise", incident), told, follow=True).text
    assert "Call back" in shown and "Customer C-1" in shown
    unknown = client.post(page("promise", incident), {**told, "customer": "C-9"})
    assert unknown.status_code == 422 and "no customer with this number" in unknown.text
    made = PersonalPromise.objects.get()
    ended = client.post(page("end_promise", incident, promise_id=made.pk), {"end": "kept"}, follow=True).text
    assert "Promise to a customer, Kept: Call back" in ended
    assert client.get(page("end_promise", incident, promise_id=made.pk)).status_code == 404
