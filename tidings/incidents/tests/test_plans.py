"""How the database goes about the statements that a large incident would feel: no timing, but no going through everything for each."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from tidings.incidents import sql
from tidings.incidents.queries import question
from tidings.incidents.tests.cast import NOW, make_hub_of_shipments, make_opened

pytestmark = pytest.mark.django_db


def plan_of(work: Callable[[], object], word: str) -> str:
    """The plan of the statement of `work` that holds `word`."""
    plans: list[str] = []

    def explained(execute, statement, params, many, context):
        if word in statement and not plans:
            context["cursor"].cursor.execute(f"EXPLAIN {statement}", params)
            plans.append("\n".join(line for (line,) in context["cursor"].cursor.fetchall()))
        return execute(statement, params, many, context)

    with connection.execute_wrapper(explained):
        work()
    return plans[0]


def test_what_stood_is_compared_with_what_was_found_in_one_go_though_nobody_has_counted_it():
    make_hub_of_shipments()
    incident = make_opened()[1]
    asking, later = question(incident), NOW + timedelta(minutes=5)
    written = plan_of(
        lambda: sql.write_affected(incident.pk, asking, at=later, since=None),
        "INSERT INTO incidents_affected",
    )
    counted = plan_of(lambda: sql.change_by(incident.pk, asking), "compared")
    for plan in (written, counted):
        assert "Hash Full Join" in plan or "Merge Full Join" in plan
        assert "Nested Loop Anti Join" not in plan.partition("CTE compared")[2]


def test_the_list_says_what_it_means_for_the_lines_of_one_page_only():
    make_hub_of_shipments()
    incident = make_opened()[1]
    plan = plan_of(lambda: sql.affected_lines(incident.pk, None, sql.Narrowed(), limit=2), "page")
    chosen = plan[plan.index("CTE page") :].partition("CTE given")[0]
    assert "incidents_affected" in chosen and "incidents_effectgiven" not in chosen
