"""The grading table is the firm's: it proposes with its reason, no row undercuts a floor, a person decides, history stays."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from tests.cast import make_administrator, make_dispatcher, signed_in
from tidings.incidents import actions, queries, rules
from tidings.incidents.models import GradingRule, Incident, OwnKind
from tidings.incidents.rules.grading import SHIPPED_ROWS, GradingRow, Situation, floor_of, proposal
from tidings.incidents.tests.cast import NOW, make_actor, make_hub_of_shipments, make_opened, make_place
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.models import AuditLine
from tidings.shipments.models import Shipment

pytestmark = pytest.mark.django_db
LOW, MEDIUM, HIGH, CRITICAL = rules.Severity
MANY = Situation("delay", 1_000)


@pytest.mark.parametrize(
    ("situation", "severity", "because"),
    [
        (Situation("delay"), MEDIUM, {"kind": "delay"}),
        (Situation("delay", 999), MEDIUM, {"kind": "delay"}),
        (MANY, HIGH, {"customers": 1_000}),
        (Situation("accident", 1_000), HIGH, {"customers": 1_000}),
        (Situation("delay", 10_000), CRITICAL, {"customers": 10_000}),
        (Situation("data_breach", 3), CRITICAL, {"kind": "data_breach"}),
        (Situation("recipient_exception", 1), LOW, {"kind": "recipient_exception"}),
        (Situation("our_own_kind", 1), MEDIUM, {"unsaid": True}),
        (Situation("delay", safety=True), HIGH, {"safety": True}),
        (Situation("delay", legal=True), HIGH, {"legal": True}),
        (
            Situation("delay", values={"EUR": 100_000_00}),
            HIGH,
            {"value_cents": 100_000_00, "currency": "EUR"},
        ),
        (Situation("delay", values={"CNY": 100_000_00}), MEDIUM, {"kind": "delay"}),
    ],
)
def test_the_gravest_row_that_applies_proposes_and_is_the_reason(situation, severity, because):
    found = proposal(SHIPPED_ROWS, situation, LOW)
    assert (found.severity, dict(found.because)) == (severity, because)


def test_everything_a_row_names_must_be_so():
    row = GradingRow(CRITICAL, "theft", customers=10, safety=True)
    assert proposal([row], Situation("theft", 10, safety=True), MEDIUM).severity is CRITICAL
    for less in (
        Situation("theft", 9, safety=True),
        Situation("theft", 10),
        Situation("loss", 10, safety=True),
    ):
        assert proposal([row], less, LOW).severity is MEDIUM


@pytest.mark.parametrize("kind", ["theft", "fraud", "data_breach", "dangerous_goods"])
def test_no_row_undercuts_a_floor(kind):
    floor = floor_of(kind, {})
    assert floor is MEDIUM
    found = proposal([GradingRow(LOW, kind)], Situation(kind), floor)
    assert (found.severity, dict(found.because)) == (MEDIUM, {"floor": True})


@pytest.mark.parametrize("kind", rules.SHIPPED_KINDS)
def test_every_shipped_kind_has_a_row_at_or_above_its_floor(kind):
    rows = [row for row in SHIPPED_ROWS if row.kind == kind]
    assert rows and all(row.severity >= floor_of(kind, {}) for row in rows)


def admin():
    return make_actor("administrator")


def test_the_first_change_makes_the_shipped_rows_the_firms_own():
    actions.add_grading_row(admin(), GradingRow(CRITICAL, "strike", customers=50))
    assert len(queries.grading_rows()) == len(SHIPPED_ROWS) + 1
    assert {one.as_facts().get("customers") for one in queries.grading_rows()} >= {50, 1_000, 10_000}
    actions.end_grading_row(admin(), GradingRow(HIGH, customers=1_000))
    ended = GradingRule.objects.get(ended_at__isnull=False)
    assert ended.customers == 1_000
    assert GradingRow(HIGH, customers=1_000) not in queries.grading_rows()
    assert AuditLine.objects.filter(thing="grading").count() == 2


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (GradingRow(LOW, "theft"), "incident.row_below_floor"),
        (GradingRow(LOW, "dangerous_goods", customers=3), "incident.row_below_floor"),
        (GradingRow(HIGH), "incident.row_names_nothing"),
        (GradingRow(HIGH, "nonsense"), "incident.kind_unknown"),
        (GradingRow(HIGH, safety=True), "incident.row_is_there"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_and_leaves_nothing(row, code):
    with pytest.raises((Refused, Conflict)) as refused:
        actions.add_grading_row(admin(), row)
    assert refused.value.code == code
    assert not GradingRule.objects.exists()


def test_the_database_itself_keeps_theft_from_low():
    with pytest.raises(IntegrityError), transaction.atomic():
        GradingRule.objects.create(kind="theft", severity="low", at=NOW, by_kind="person", by="x")


def test_a_row_that_is_gone_is_not_removed_twice_and_few_may_change():
    with pytest.raises(Missing, match="no_such_row"):
        actions.end_grading_row(admin(), GradingRow(HIGH, customers=7))
    with pytest.raises(Refused, match="not_allowed"):
        actions.add_grading_row(make_actor("manager"), GradingRow(HIGH, customers=7))


def test_a_report_is_graded_by_the_table_in_force_and_says_why():
    make_hub_of_shipments()
    actions.add_grading_row(admin(), GradingRow(CRITICAL, "delay", customers=3))
    _, incident = make_opened(kind="delay")
    assert incident.severity == "critical"
    assert incident.grade_changes.get().because == {"kind": "delay", "customers": 3}


def test_declared_value_danger_and_legal_exposure_count():
    make_hub_of_shipments()
    Shipment.objects.filter(waybill="WB1").update(value_cents=100_000_00, value_currency="EUR")
    Shipment.objects.filter(waybill="WB5").update(value_cents=5_000_000_00, value_currency="EUR")  # elsewhere
    assert make_opened(kind="delay")[1].severity == "high"
    assert make_opened(kind="strike", safety=True)[1].grade_changes.get().because["currency"] == "EUR"


def test_danger_said_later_changes_the_proposal_and_stays_in_the_story():
    make_place()
    desk, incident = make_opened(kind="delay")
    actions.change_grade(desk, incident.pk, "medium", safety=True)
    incident.refresh_from_db()
    assert (incident.safety, incident.severity) == (True, "medium")
    assert incident.timeline.latest("at").code == "exposed"
    actions.change_grade(desk, incident.pk, "high")  # as the table now proposes: no reason is asked
    assert incident.grade_changes.latest("at").because == {"safety": True}


def test_an_own_kind_has_its_names_and_its_floor():
    make_place()
    names = {"en": "Pallet shortage", "nl": "Pallettekort", "zh-hans": " "}
    actions.save_kind(admin(), "pallets", names, "high")
    assert queries.kinds()["pallets"] == {"en": "Pallet shortage", "nl": "Pallettekort"}
    assert make_opened(kind="pallets")[1].severity == "high"
    with pytest.raises(Refused, match="below_floor"):
        make_opened(kind="pallets", severity="medium")
    with pytest.raises(Refused, match="row_below_floor"):
        actions.add_grading_row(admin(), GradingRow(MEDIUM, "pallets"))
    actions.retire_kind(admin(), "pallets")
    with pytest.raises(Refused, match="kind_unknown"):
        make_opened(kind="pallets")
    assert Incident.objects.get().kind == "pallets"


@pytest.mark.parametrize(
    ("code", "names", "floor", "refusal"),
    [
        ("theft", {"en": "Theft"}, "low", "kind_code_unfit"),
        ("Two words", {"en": "Two words"}, "low", "kind_code_unfit"),
        ("pallets", {"en": " "}, "low", "kind_needs_a_name"),
        ("pallets", {"en": "Pallets"}, "grave", "severity_unknown"),
    ],
)
def test_a_kind_that_does_not_fit_is_refused(code, names, floor, refusal):
    with pytest.raises(Refused, match=refusal):
        actions.save_kind(admin(), code, names, floor)
    assert not OwnKind.objects.exists()


@pytest.fixture
def client():
    return signed_in(make_administrator())


def test_a_row_is_added_and_removed_on_the_page(client):
    told = {"kind": "", "customers": "25", "severity": "high", "currency": "EUR"}
    shown = client.post(reverse("incidents:grading"), told, follow=True).text
    assert "at least 25 affected customers" in shown
    gone = {"severity": "high", "customers": "25"}
    shown = client.post(reverse("incidents:grading_remove"), gone, follow=True).text
    assert "The row counts no more." in shown and "at least 25 affected" not in shown
    assert client.post(reverse("incidents:grading_remove"), {"severity": "x"}).status_code == 404
    refused = client.post(reverse("incidents:grading"), {"kind": "fraud", "severity": "low"})
    assert refused.status_code == 422 and "never graded that low" in refused.text


def test_a_kind_is_written_and_retired_on_the_page(client):
    told = {"code": "pallets", "name_en": "Pallet shortage", "name_nl": "Pallettekort", "floor": "low"}
    assert "Pallet shortage" in client.post(reverse("incidents:kinds"), told, follow=True).text
    changed = {**told, "name_en": "No pallets"}
    assert "No pallets" in client.post(reverse("incidents:kind", args=["pallets"]), changed, follow=True).text
    assert (
        "offered no more" in client.post(reverse("incidents:retire_kind", args=["pallets"]), follow=True).text
    )
    assert client.get(reverse("incidents:kind", args=["none"])).status_code == 404


def test_the_grade_page_says_what_the_table_proposes_and_why():
    make_place()
    desk, incident = make_opened(kind="delay")
    actions.change_grade(desk, incident.pk, "critical", "Medicines", safety=True)
    page = signed_in(make_dispatcher()).get(reverse("incidents:grade", args=[incident.number])).text
    assert "people or goods in danger" in page and "Medicines" in page
    assert signed_in(make_dispatcher()).get(reverse("incidents:grading")).status_code == 403
