"""What a program tells and of whom: late languages, a narrowed list, a question counted, what was picked, the briefing."""

import pytest

from tests.cast import make_unit
from tests.programs import Program
from tidings.incidents import actions, queries
from tidings.incidents.models import HeldChange, Incident, Sending
from tidings.incidents.rules import Meaning
from tidings.incidents.tests.cast import (
    HUB,
    NOW,
    approve,
    make_actor,
    make_hub_of_shipments,
    make_opened,
    make_place,
    make_shipment,
)
from tidings.incidents.tests.test_api_owed import asked, opened, refused
from tidings.incidents.tests.test_late_languages import NIEUWS, sent_without_dutch
from tidings.kernel.errors import Refused
from tidings.people.rules import UnitKind
from tidings.shipments.models import Piece, Shipment

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    make_hub_of_shipments()
    return Program()


def test_a_language_that_came_late_is_written_and_sent_to_those_who_wait_for_it() -> None:
    _, incident, message = sent_without_dutch()
    program, path = Program(), f"/incidents/{incident.number}"
    [late] = asked(program, "GET", f"{path}/languages")
    assert (late["message_id"], late["phase"], late["language"], late["readers"]) == (
        str(message),
        "update",
        "nl",
        1,
    )
    shown = asked(program, "GET", f"{path}/phases/update?completes={message}")
    assert ([draft["language"] for draft in shown["drafts"]], shown["contacts"]) == (["nl"], 1)
    words = {"facts": NIEUWS, "completes": str(message)}
    assert refused(program, "PUT", f"{path}/phases/restored", words) == (404, "incident.message_missing")
    written = asked(program, "PUT", f"{path}/phases/update", words)["message"]
    send = f"{path}/phases/update/send"
    more = {"completes": str(message), "most_contacts": 0}
    assert refused(program, "POST", send, more) == (409, "incident.more_get_it_now")
    told = asked(program, "POST", send, {**more, "most_contacts": 1})
    assert (told["message"], told["waits_for_approval"]) == (written, True)
    approve(told["message"])
    assert asked(program, "POST", send, {"completes": str(message)})["sent_to"] == 1
    assert asked(program, "GET", f"{path}/languages") == []
    people = asked(program, "GET", f"{path}/phases/update/people?per_page=2")
    assert (len(people["items"]), people["has_next"]) == (2, True)


def test_the_briefing_and_the_all_clear_are_read_written_and_sent_like_any_phase(program: Program) -> None:
    path = opened(program)
    facts = {"what_we_say": "Closed.", "what_we_do_not_say": "No names.", "likely_questions": "When?"}
    asked(
        program, "PUT", f"{path}/phases/briefing", {"facts": {"en": {**facts, "may_be_offered": "A call."}}}
    )
    shown = asked(program, "GET", f"{path}/phases/briefing")
    [english] = [draft for draft in shown["drafts"] if draft["language"] == "en"]
    assert "No names." in " ".join(english["paragraphs"])
    assert Sending.objects.get(phase="briefing").sent_at is None
    assert asked(program, "GET", f"{path}/phases/all_clear")["contacts"] == 0
    assert refused(program, "GET", f"{path}/phases/weather") == (404, "incident.phase_unknown")


def test_a_narrowed_list_is_said_of_whole_and_not_of_more_than_was_seen(program: Program) -> None:
    path = opened(program)
    said = {"effect": "damaged", "listed": {"text": "C-en"}, "most_shipments": 1}
    assert refused(program, "POST", f"{path}/effect", said) == (409, "incident.more_are_listed")
    asked(program, "POST", f"{path}/effect", {**said, "most_shipments": 2})
    shown = asked(program, "GET", f"{path}/affected?effect=damaged")["items"]
    assert {row["waybill"] for row in shown} == {"WB1", "WB2"}
    asked(program, "POST", f"{path}/effect", {"effect": "delayed"})
    assert [(one["why"], one["effect"]) for one in asked(program, "GET", f"{path}/effects")] == [
        ("", "delayed")
    ]


def test_a_question_is_counted_per_certainty_before_it_is_asked(program: Program) -> None:
    path = opened(program)
    question = asked(program, "GET", f"{path}/question")
    assert question["held"] is None
    change = asked(program, "POST", f"{path}/question/preview", {"groups": question["groups"]})
    assert change["sure"] == [{"certainty": "seen", "shipments": 4, "customers": 3}]
    HeldChange.objects.create(
        incident=Incident.objects.get(), came=600, went=0, told_went=0, at=NOW, by="test", by_kind="system"
    )
    assert asked(program, "GET", f"{path}/question")["held"]["came"] == 600
    assert asked(program, "POST", f"{path}/let-go")["shipments"] == 4
    assert refused(program, "POST", f"{path}/let-go") == (400, "incident.nothing_held")
    assert {"code": HUB, "name": "Venlo hub"} in asked(program, "GET", "/places")


def test_what_was_picked_by_hand_is_read_by_who_sees_the_shipment(program: Program) -> None:
    branch = make_unit("Assen", kind=UnitKind.BRANCH)
    make_shipment("OURS", None, make_place(), unit=branch.pk)
    path = opened(program)
    ids = [str(one.pk) for one in Shipment.objects.filter(waybill__in=("WB1", "OURS"))]
    pick = {"shipments": ids, "verdict": "in", "reason": "It was there."}
    asked(program, "POST", f"{path}/picks", pick)
    assert {one["waybill"] for one in asked(program, "GET", f"{path}/picks")} == {"WB1", "OURS"}
    local = Program(name="Branch", unit=branch)
    assert [one["waybill"] for one in asked(local, "GET", f"{path}/picks")] == ["OURS"]
    reader = Program("incident.read", name="Reader")
    assert refused(reader, "GET", f"{path}/picks")[0] == 403


def test_an_incident_is_put_under_another_and_a_closed_one_is_reopened(program: Program) -> None:
    one, storm = opened(program), opened(program, "weather")
    above = storm.rpartition("/")[2]
    assert asked(program, "PUT", f"{one}/parent", {"parent": above})["parent"] == above
    assert refused(program, "PUT", f"{storm}/parent", {"parent": above}) == (400, "incident.parent_below")
    below = asked(program, "GET", f"{storm}/family")
    assert (below["children"], below["shipments"]) == ([one.rpartition("/")[2]], 4)
    assert asked(program, "PUT", f"{one}/parent", {"parent": ""})["parent"] is None
    Incident.objects.filter(number=above).update(state="closed")
    reopened = asked(program, "POST", f"{storm}/move", {"target": "reopened", "reason": "It goes on."})
    assert reopened["state"] == "reopened"


@pytest.mark.parametrize("piece", ["BC-1", "BC-unknown"])
def test_who_does_not_see_a_shipment_learns_of_no_barcode_of_it(piece: str) -> None:
    make_hub_of_shipments()
    branch = make_unit("Assen", kind=UnitKind.BRANCH)
    _, incident = make_opened(kind="delay", unit=branch.pk)
    theirs = Shipment.objects.get(waybill="WB1")
    Piece.objects.create(shipment=theirs, key="BC1", barcode="BC-1")
    stranger = make_actor(units=frozenset({branch.pk}))
    wanted = queries.Narrowed(shipments=[theirs.pk])
    with pytest.raises(Refused, match="nothing_listed"):
        actions.set_effect_of(stranger, incident.pk, wanted, Meaning("lost"), pieces=[piece])
