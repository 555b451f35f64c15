"""The report form: a place is chosen by name and code, and kinds stand in the order of their words in each language."""

import pytest
from django.urls import reverse
from django.utils import translation

from tests.cast import make_dispatcher, signed_in
from tidings.incidents.forms import kind_choices
from tidings.incidents.models import Incident
from tidings.incidents.tests.cast import HUB, make_place
from tidings.shipments.models import Location
from tidings.ui.words import in_order

pytestmark = pytest.mark.django_db


def reported(place: str) -> str:
    typed = {"kind": "delay", "place": place, "window_from": "2026-11-22T05:55"}
    answer = signed_in(make_dispatcher()).post(reverse("incidents:report"), typed)
    assert answer.status_code == 302, answer.text
    return Incident.objects.get().place


@pytest.mark.parametrize("typed", [f"Venlo hub ({HUB})", "venlo hub", HUB])
def test_a_place_is_found_by_what_the_list_offers_by_its_name_and_by_its_code(typed: str) -> None:
    make_place()
    page = signed_in(make_dispatcher()).get(reverse("incidents:report")).text
    assert f'<option value="Venlo hub ({HUB})">' in page
    assert reported(typed) == HUB


def test_a_name_that_two_places_have_is_not_guessed() -> None:
    make_place()
    Location.objects.create(code="XXVEN", name="Venlo hub", kind="hub")
    answer = signed_in(make_dispatcher()).post(
        reverse("incidents:report"),
        {"kind": "delay", "place": "Venlo hub", "window_from": "2026-11-22T05:55"},
    )
    assert answer.status_code == 422
    assert 'value="Venlo hub"' in answer.text, "what was typed stays"


def test_what_else_is_known_is_kept_and_weighed_in_the_first_grade() -> None:
    """Mission A3: cause, effect on the service and first response; danger and legal exposure go into the proposal."""
    make_place()
    client = signed_in(make_dispatcher())
    page = client.get(reverse("incidents:report")).text
    typed = {
        "what": "A pallet fell.",
        "cause": "A strap broke.",
        "effect": "Line 3 stands still until noon.",
        "first_response": "The line was closed off.",
    }
    for name in (*typed, "safety", "legal"):
        assert f'name="{name}"' in page.partition("What else you know")[2].partition("</details>")[0], name
    needed = {"kind": "delay", "place": HUB, "window_from": "2026-11-22T05:55"}
    client.post(reverse("incidents:report"), {**needed, **typed, "safety": "on", "legal": "on"})
    incident = Incident.objects.get()
    assert {name: getattr(incident, name) for name in typed} == typed
    assert incident.safety and incident.legal
    grade = incident.grade_changes.get()
    assert incident.severity == grade.proposed == "high"
    assert "safety" in grade.because or "legal" in grade.because


def test_chinese_words_stand_by_pinyin_and_others_by_letter() -> None:
    with translation.override("zh-hans"):
        assert sorted(["延误", "罢工", "火灾", "丢失", "A类"], key=in_order) == [
            "A类",
            "罢工",
            "丢失",
            "火灾",
            "延误",
        ]
        words = [word for _code, word in kind_choices()]
        assert words == sorted(words, key=in_order)
    with translation.override("nl"):
        assert sorted(["Weer", "brand", "Diefstal"], key=in_order) == ["brand", "Diefstal", "Weer"]
