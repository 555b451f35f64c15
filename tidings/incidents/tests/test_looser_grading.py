"""Loosening the grading is two people's: a row that proposes less, a lower floor; what proposes more counts at once."""

import pytest
from django.urls import reverse

from tests.cast import make_unit, signed_in
from tidings.incidents import actions, queries, rules
from tidings.incidents.models import GradingAsk, GradingRule, OwnKind
from tidings.incidents.rules.grading import SHIPPED_ROWS, GradingRow, loosened
from tidings.incidents.tests.cast import make_actor
from tidings.incidents.tests.test_policies import admin
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.installation import start_demo
from tidings.kernel.models import AuditLine
from tidings.people.queries import command_actor

pytestmark = pytest.mark.django_db
LOW, MEDIUM, HIGH, CRITICAL = rules.Severity
FLOORS = {"delay": LOW, "theft": MEDIUM, "strike": LOW}
STRIKE = GradingRow(HIGH, "strike")
MANY = GradingRow(HIGH, customers=1_000)
DANGER = GradingRow(HIGH, safety=True)


@pytest.mark.parametrize(
    ("before", "after", "looser"),
    [
        ([STRIKE], [STRIKE], False),
        ([STRIKE], [], True),
        ([STRIKE], [GradingRow(MEDIUM, "strike")], True),
        ([STRIKE], [GradingRow(CRITICAL, "strike")], False),
        ([STRIKE], [STRIKE, MANY], False),
        # what is proposed unsaid is medium: a row fewer at medium takes nothing away, a first row at low does
        ([GradingRow(MEDIUM, "strike")], [], False),
        ([GradingRow(LOW, "strike")], [], False),
        ([], [GradingRow(LOW, "strike")], True),
        ([], [GradingRow(LOW, "theft")], False),  # its floor stays
        ([], [GradingRow(LOW, customers=10)], False),  # of no kind: what is unsaid stays medium
        ([GradingRow(MEDIUM, "strike")], [GradingRow(MEDIUM, "strike"), GradingRow(LOW, "strike", 10)], False),
        # what another row says as well is not missed
        ([STRIKE, GradingRow(HIGH, "strike", customers=10)], [STRIKE], False),
        ([MANY, GradingRow(HIGH, customers=10)], [GradingRow(HIGH, customers=10)], False),
        ([MANY, GradingRow(HIGH, customers=10)], [MANY], True),
        ([DANGER, GradingRow(CRITICAL, safety=True, legal=True)], [DANGER], True),
        # more than it asked for before
        ([MANY], [GradingRow(HIGH, customers=1_001)], True),
        ([MANY], [GradingRow(HIGH, customers=999)], False),
        ([GradingRow(HIGH, value_cents=100, currency="EUR")], [GradingRow(HIGH, value_cents=100, currency="CNY")], True),
        # only where a row of the kind ends what is proposed unsaid
        (
            [GradingRow(MEDIUM, customers=5), GradingRow(LOW, "delay", customers=9)],
            [GradingRow(LOW, "delay", customers=9)],
            True,
        ),
    ],
)  # fmt: skip
def test_what_makes_a_table_propose_less(before, after, looser):
    assert loosened(before, after, FLOORS) is looser


def two() -> tuple:
    (_, asker), (user, second) = admin(name="Robin"), admin(name="Kim")
    return asker, second, user


def test_a_row_that_proposes_more_counts_at_once_and_takes_the_place_of_the_weaker():
    asker, _, _ = two()
    assert actions.add_grading_row(asker, GradingRow(CRITICAL, "strike")) is None
    assert actions.add_grading_row(asker, GradingRow(CRITICAL, safety=True)) is None
    assert len(queries.grading_rows()) == len(SHIPPED_ROWS)
    assert DANGER not in queries.grading_rows() and not GradingAsk.objects.exists()


def test_a_row_fewer_waits_for_another_administrator():
    asker, second, _ = two()
    asked = actions.end_grading_row(asker, DANGER)
    assert asked is not None and DANGER in queries.grading_rows() and not GradingRule.objects.exists()
    with pytest.raises(Refused, match="policy_not_both"):
        actions.confirm_grading(asker, asked.pk)
    with pytest.raises(Refused, match="policy_confirm_as_yourself"):
        actions.confirm_grading(command_actor("shell"), asked.pk)
    with pytest.raises(Refused, match="not_allowed"):
        actions.confirm_grading(make_actor("manager"), asked.pk)
    assert DANGER in queries.grading_rows()
    actions.confirm_grading(second, asked.pk)
    assert DANGER not in queries.grading_rows()
    assert AuditLine.objects.filter(verb__in=["grading.ask", "grading.row_end"]).count() == 2
    with pytest.raises(Missing, match="no_such_grading_ask"):
        actions.confirm_grading(second, asked.pk)


def test_a_weaker_row_in_the_place_of_a_graver_one_waits_and_is_declined_or_confirmed():
    asker, second, _ = two()
    weaker = GradingRow(MEDIUM, safety=True)
    first = actions.add_grading_row(asker, weaker)
    newer = actions.add_grading_row(asker, weaker)
    assert first and newer and GradingAsk.objects.get(pk=first.pk).outcome == "replaced"
    actions.decline_grading(second, newer.pk)
    assert DANGER in queries.grading_rows()
    again = actions.add_grading_row(asker, weaker)
    assert again
    actions.confirm_grading(second, again.pk)
    assert weaker in queries.grading_rows() and DANGER not in queries.grading_rows()


def test_what_was_asked_of_a_row_that_changed_is_not_confirmed():
    asker, second, _ = two()
    asked = actions.end_grading_row(asker, DANGER)
    assert asked
    actions.add_grading_row(second, GradingRow(CRITICAL, safety=True))
    with pytest.raises((Conflict, Missing)):
        actions.confirm_grading(second, asked.pk)
    assert GradingRow(CRITICAL, safety=True) in queries.grading_rows()


def test_a_floor_is_raised_at_once_and_lowered_by_two():
    asker, second, _ = two()
    names = {"en": "Pallet shortage"}
    assert actions.save_kind(asker, "pallets", names, "high") is None
    assert actions.save_kind(asker, "pallets", names, "critical") is None
    asked = actions.save_kind(asker, "pallets", {"en": "Pallets"}, "low")
    assert asked is not None
    kind = OwnKind.objects.get()
    assert (kind.floor, kind.names) == ("critical", names)
    actions.retire_kind(asker, "pallets")
    assert actions.save_kind(asker, "pallets", names, "high") is not None  # not by way of retiring it
    actions.confirm_grading(second, GradingAsk.objects.get(ended_at__isnull=True).pk)
    assert queries.floor_of("pallets") is HIGH


def test_the_only_administrator_of_the_whole_firm_and_a_demo_wait_for_nobody():
    _, boss = admin()
    admin(unit=make_unit("Delft", "branch"))
    assert actions.end_grading_row(boss, DANGER) is None
    admin()
    start_demo("test", "Noordster Koeriers")
    assert actions.end_grading_row(boss, MANY) is None


def test_on_the_pages_one_asks_and_another_confirms():
    (asker, _), (second, _) = admin(name="Robin"), admin(name="Kim")
    client = signed_in(asker)
    gone = {"severity": "high", "safety": "True"}
    page = client.post(reverse("incidents:grading_remove"), gone, follow=True).text
    assert "another administrator must confirm it first" in page
    assert "You asked for it, so another administrator confirms it." in page
    told = {"code": "pallets", "name_en": "Pallet shortage", "floor": "high"}
    client.post(reverse("incidents:kinds"), told)
    assert (
        "asks to lower" in client.post(reverse("incidents:kinds"), {**told, "floor": "low"}, follow=True).text
    )
    other = signed_in(second)
    work = other.get(reverse("home:worklist")).text
    assert work.partition("<tbody")[2].count("Looser grading to confirm") == 2
    assert "Robin asks to take this row out of the table." in other.get(reverse("incidents:grading")).text
    row, kind = GradingAsk.objects.order_by("asked_at")
    other.post(reverse("incidents:confirm_grading", args=[row.pk]))
    page = other.post(
        reverse("incidents:confirm_grading", args=[kind.pk]), {"from": "kinds"}, follow=True
    ).text
    assert "It counts from now on." in page
    assert DANGER not in queries.grading_rows() and queries.floor_of("pallets") is LOW
