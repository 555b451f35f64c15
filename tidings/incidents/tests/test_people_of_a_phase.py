"""The people behind the numbers of reach, as any other list: sorted, narrowed, as a file."""

import pytest
from django.urls import reverse

from tests.cast import make_dispatcher, signed_in
from tests.programs import Program
from tidings.incidents.tests.cast import make_told

pytestmark = pytest.mark.django_db


def test_the_people_of_a_phase_are_sorted_narrowed_and_exported():
    _actor, incident, _message = make_told()
    client = signed_in(make_dispatcher())
    address = reverse("incidents:people", args=[incident.number, "first_notice"])

    def shown(**wanted):
        return [row.name for row in client.get(address, wanted).context["listing"].rows]

    everybody = ["Reader C-en", "Reader C-nl", "Reader C-zh-hans"]
    assert shown() == everybody and shown(sort="-name") == everybody[::-1]
    assert shown(language="nl") == ["Reader C-nl"]
    assert shown(text="c-zh") == ["Reader C-zh-hans"], "part of an address"
    assert shown(text="c-zh", language="nl") == shown(text="100%") == []
    exported = b"".join(client.get(address, {"export": "csv", "language": "nl"})).decode()
    assert "Reader C-nl" in exported and "Reader C-en" not in exported
    found = (
        Program().get(f"/incidents/{incident.number}/phases/first_notice/people?language=nl").json()["items"]
    )
    assert [one["name"] for one in found] == ["Reader C-nl"]
