"""Doing something for many at once whom a phase has not reached: sized first, once per press, and never for who is reached."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from tests.cast import make_agent, make_dispatcher, signed_in
from tidings.incidents import actions, queries
from tidings.incidents.models import Affected, Sending
from tidings.incidents.queries import Chosen
from tidings.incidents.tests.cast import NOW, make_actor
from tidings.incidents.tests.test_again import make_told
from tidings.kernel.errors import Conflict, Refused
from tidings.kernel.ids import new_id
from tidings.kernel.models import AuditLine
from tidings.messaging.models import Chunk, Recipient, Result
from tidings.messaging.queries import SeenAgain, Shown

pytestmark = pytest.mark.django_db


def size(actor, incident, how, who=None, **shown):
    return queries.acting(actor, incident, "first_notice", NOW, Chosen(how, Shown(**shown), who))


def states():
    return {row.name: (row.state, row.channel, row.rung) for row in Recipient.objects.all()}


@pytest.mark.parametrize(
    ("how", "shown", "channels", "without"),
    [
        ("again", {}, {"email": 1, "call": 1}, 1),
        ("next", {}, {"call": 1}, 2),
        ("call", {}, {"call": 1}, 2),
        ("again", {"text": "C-2"}, {"email": 1}, 0),
        ("again", {"channel": "none"}, {}, 1),
        ("again", {"part": "in_time"}, {}, 0),
        ("next", {"part": "not_reached", "text": "C-3"}, {"call": 1}, 0),
    ],
)
def test_the_size_says_for_whom_and_by_what_before_anything_happens(how, shown, channels, without):
    actor, incident, _ = make_told()
    before = states()
    found = size(actor, incident, how, **shown)
    assert (dict(found.by_channel), found.without) == (channels, without)
    assert found.seen.people == sum(channels.values())
    assert states() == before


def test_who_is_ticked_is_put_on_the_call_list_once_and_nobody_else_is_touched():
    actor, incident, _ = make_told()
    before = states()
    ticked = list(
        Recipient.objects.filter(name__in=("Reader C-1", "Reader C-3")).values_list("pk", flat=True)
    )
    chosen = Chosen("call", Shown(), ticked)
    seen = size(actor, incident, "call", ticked).seen
    assert seen.people == 1, "who confirmed is left alone, ticked or not"
    assert actions.act_on_unreached(actor, incident.pk, "first_notice", chosen, seen) == 1
    after = states()
    assert after.pop("Reader C-3") == ("call_list", "call", 2)
    before.pop("Reader C-3")
    assert after == before
    with pytest.raises(Conflict) as second:
        actions.act_on_unreached(actor, incident.pk, "first_notice", chosen, seen)
    assert second.value.code == "messaging.sent_again_meanwhile"
    assert AuditLine.objects.filter(verb="incident.phase_to_call").count() == 1
    with pytest.raises(Refused):
        again = size(actor, incident, "call", ticked).seen
        actions.act_on_unreached(actor, incident.pk, "first_notice", chosen, again)


def test_more_people_than_the_size_said_are_not_sent_to():
    actor, incident, _ = make_told()
    seen = size(actor, incident, "again").seen
    before = states()
    with pytest.raises(Conflict) as more:
        fewer = SeenAgain(seen.broadcast, 1)
        actions.act_on_unreached(actor, incident.pk, "first_notice", Chosen("again", Shown()), fewer)
    assert more.value.code == "messaging.more_not_reached" and states() == before


def test_what_still_waits_for_evidence_goes_on_only_when_asked_to_and_not_while_it_is_being_sent():
    actor, incident, _ = make_told()
    Recipient.objects.filter(name="Reader C-3").update(state="trying", standing="later", next_at=NOW)
    Result.objects.filter(recipient_id=Recipient.objects.get(name="Reader C-3").pk).delete()
    assert size(actor, incident, "again", text="C-3").seen.people == 0
    assert dict(size(actor, incident, "next", text="C-3").by_channel) == {"call": 1}
    Chunk.objects.update(state="leased")
    found = size(actor, incident, "next", text="C-3")
    assert (found.seen.people, found.left) == (0, 1)


def test_words_that_promise_what_is_due_are_not_sent_again_to_anybody():
    actor, incident, _ = make_told()
    Sending.objects.update(promised_by=NOW)
    found = size(actor, incident, "again")
    assert (found.seen.people, found.outdated) == (0, 3)


def test_who_sees_their_own_unit_acts_on_its_customers_only():
    _actor, incident, _ = make_told()
    branch = new_id()
    third = Recipient.objects.get(name="Reader C-3")
    shipments = third.shipment_ids
    Affected.objects.filter(shipment_id__in=shipments).update(units=[branch])
    there = make_actor(units=frozenset({branch}))
    assert dict(size(there, incident, "again").by_channel) == {"call": 1}


def test_the_page_sizes_acts_and_tells_and_who_may_not_send_sees_no_button():
    _, incident, _ = make_told()
    client = signed_in(make_dispatcher())
    people = reverse("incidents:people", args=[incident.number, "first_notice"])
    shown = client.get(f"{people}?part=not_reached").content.decode()
    assert "Reader C-2" in shown and "Reader C-1" not in shown and "Put on the call list" in shown
    assert "Refused: the address is at fault" in shown
    act = reverse("incidents:act", args=[incident.number, "first_notice"])
    sized = client.get(act, {"how": "call"})
    assert "1 contact is put on the call list" in sized.content.decode()
    seen = sized.context["size"].seen
    form = {"how": "call", "seen_broadcast": seen.broadcast, "seen_people": str(seen.people)}
    assert "1 contact is on the call list now." in client.post(act, form, follow=True).content.decode()
    assert "Somebody sent it again" in client.post(act, form, follow=True).content.decode()
    assert client.get(act, {"how": "nonsense"}).status_code == 404
    agent = signed_in(make_agent())
    assert "Put on the call list" not in agent.get(people).content.decode()
    assert agent.get(act, {"how": "call"}).status_code == 403 == agent.post(act, form).status_code


def test_the_files_hold_exactly_what_the_list_shows():
    _, incident, _ = make_told()
    client = signed_in(make_dispatcher())
    people = reverse("incidents:people", args=[incident.number, "first_notice"])
    csv = client.get(f"{people}?part=not_reached&export=csv").getvalue().decode()
    assert "Reader C-2" in csv and "Reader C-1" not in csv and len(csv.strip().splitlines()) == 4
    sheet = load_workbook(io.BytesIO(client.get(f"{people}?export=xlsx").getvalue())).active
    assert sheet is not None and sheet.max_row == 5
    assert {row[0] for row in sheet.iter_rows(min_row=2, values_only=True)} == {
        f"Reader C-{number}" for number in range(1, 5)
    }
