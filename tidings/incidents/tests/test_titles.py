"""A browser tab says which page of an incident it holds: whoever has ten open finds the one they want."""

import re
from collections import Counter

import pytest
from django.urls import reverse

from tests.cast import make_dispatcher, signed_in
from tidings.incidents.tests.cast import make_hub_of_shipments, make_opened

PAGES = (
    "show", "facts", "grade", "move", "affected", "question", "by_hand", "effect", "effects", "tasks", "add_task",
    "corrective", "promise", "review", "close", "parent", "choices",
)  # fmt: skip


@pytest.mark.django_db
def test_each_page_of_an_incident_has_a_title_of_its_own() -> None:
    make_hub_of_shipments()
    incident, client = make_opened()[1], signed_in(make_dispatcher())
    titles = Counter()
    for page in PAGES:
        answer = client.get(reverse(f"incidents:{page}", args=[incident.number]))
        assert answer.status_code == 200, page
        found = re.search(r"<title>(.*?)</title>", answer.text, re.DOTALL)
        assert found and incident.number in found[1], page
        titles[found[1]] += 1
    assert titles.most_common(1)[0][1] == 1, titles.most_common(3)
