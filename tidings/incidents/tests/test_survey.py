"""Customers say how we did: on their own page, once it is over, once however many messages, and their words stand in the review."""

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from tests.cast import make_dispatcher, signed_in
from tidings.customers.models import LegalBasis
from tidings.incidents.models import SurveyAnswer
from tidings.incidents.queries.survey import survey
from tidings.incidents.rules.survey import is_asked, is_mark, marked
from tidings.incidents.tests.cast import make_hub_of_shipments, make_opened
from tidings.incidents.tests.test_own_page import page, tell, token
from tidings.kernel.clock import now
from tidings.messaging.models import Freeze, Recipient

pytestmark = pytest.mark.django_db

BACK = {
    code: {"what_works": "It works again."} if code == "en" else {"what_works": "…"}
    for code in ("en", "nl", "zh-hans")
}


@pytest.fixture
def over(db):
    cast = make_hub_of_shipments()
    actor, incident = make_opened()
    tell(actor, incident)
    assert page("C-nl").context["survey"] is None, "it is not over yet"
    tell(actor, incident, "restored", BACK)
    return actor, incident, cast


@pytest.mark.parametrize(
    ("heard", "drill", "objected", "asked"),
    [
        (("first_notice", "update"), False, False, False),
        (("first_notice", "restored"), False, False, True),
        (("closing",), False, False, True),
        (("restored",), True, False, False),
        (("restored",), False, True, False),
    ],
)
def test_who_is_asked_and_when(heard, drill, objected, asked):
    assert is_asked(heard, drill=drill, objected=objected) is asked


def test_the_marks_of_a_question_are_counted_and_averaged():
    assert marked([5, 4, 4, 1]).counts == (1, 0, 0, 2, 1)
    assert marked([5, 4, 4, 1]).mean == 3.5
    assert marked([]).mean is None
    assert [is_mark(one) for one in ("1", "5", "0", "6", "", "5 ", "one")] == [True, True, *[False] * 5]


def answer(reader: str, **given: object):
    return Client(enforce_csrf_checks=True).post(reverse("own:survey", args=[token(reader)]), given)


def test_an_answer_is_kept_once_and_the_later_one_holds(over):
    _, incident, _ = over
    shown = page("C-nl").text
    assert "Hoe goed hielden wij u op de hoogte?" in shown
    assert answer("C-nl", informed="4", solved="2", words=" Bel eerder. ").status_code == 302
    assert answer("C-nl", informed="5", solved="2", words="Bel eerder.").status_code == 302
    [kept] = SurveyAnswer.objects.all()
    assert (kept.informed, kept.solved, kept.words, kept.language) == (5, 2, "Bel eerder.", "nl")
    assert "Bel eerder." in page("C-nl").text
    found = survey(incident)
    assert (found.informed.mean, found.solved.answers, [one.name for one in found.said]) == (
        5.0,
        1,
        ["Customer C-nl"],
    )


def test_half_an_answer_keeps_nothing_and_says_so(over):
    again = answer("C-en", informed="4")
    assert again.url.endswith("?said=survey_again#survey")
    assert "Please choose a mark for both questions." in page("C-en", said="survey_again").text
    assert not SurveyAnswer.objects.exists()
    assert answer("C-en", informed="9", solved="1").url.endswith("?said=survey_again#survey")
    assert Client().get(reverse("own:survey", args=[token("C-en")])).status_code == 405


def test_who_objected_to_surveys_is_not_asked(over):
    contact = Recipient.objects.filter(name="Reader C-en").latest("id").contact_id
    LegalBasis.objects.filter(contact_id=contact, purpose="survey").delete()
    LegalBasis.objects.create(
        contact_id=contact, purpose="survey", basis="objection", source="by telephone", since=now().date()
    )
    assert page("C-en").context["survey"] is None
    assert answer("C-en", informed="4", solved="4").status_code == 404
    assert not SurveyAnswer.objects.exists()


def test_what_they_say_stands_in_the_review(over):
    _, incident, _ = over
    client, address = signed_in(make_dispatcher()), reverse("incidents:review", args=[incident.number])
    assert "Nobody has answered yet." in client.get(address).text
    answer("C-en", informed="4", solved="2", words="Call sooner & tell more.")
    shown = client.get(address).text
    assert "Call sooner &amp; tell more." in shown
    assert "4.0" in shown


@override_settings(TIDINGS_PUBLIC_URL="https://tidings.example.org")
def test_the_message_names_the_survey_only_where_there_is_a_page_for_it(db):
    make_hub_of_shipments()
    actor, incident = make_opened()
    tell(actor, incident)
    tell(actor, incident, "restored", BACK)
    words = Freeze.objects.latest("pk").words["en"]
    blocks = {block for block, _ in words["paragraphs"]}
    assert "survey" in blocks
