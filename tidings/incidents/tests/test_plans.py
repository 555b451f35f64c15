"""How the database goes about the statements that a large incident would feel: no timing, but no going through everything for each."""

from collections.abc import Callable
from datetime import timedelta
from itertools import takewhile

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


def part_of(plan: str, name: str) -> str:
    """The lines below one of a plan's own, as far as they stand further in."""
    lines = iter(plan.splitlines())
    head = next(line for line in lines if line.strip() == name)
    inner = takewhile(lambda line: len(line) - len(line.lstrip()) > len(head) - len(head.lstrip()), lines)
    return "\n".join(inner)


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
        comparing = part_of(plan, "CTE compared")
        assert "Hash Full Join" in comparing or "Merge Full Join" in comparing
        assert "Nested Loop" not in comparing


def test_the_list_says_what_it_means_for_the_lines_of_one_page_only():
    make_hub_of_shipments()
    incident = make_opened()[1]
    plan = plan_of(lambda: sql.affected_lines(incident.pk, None, sql.Narrowed(), limit=2), "page")
    chosen = plan[plan.index("CTE page") :].partition("CTE given")[0]
    assert "incidents_affected" in chosen and "incidents_effectgiven" not in chosen
