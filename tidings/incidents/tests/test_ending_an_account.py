"""Who leaves takes no incident along: what they had in hand passes on with the account's ending, or it does not end."""

import json

import pytest
from click.testing import CliRunner
from django.urls import reverse

from tests.cast import make_administrator, make_auditor, make_dispatcher, make_unit, signed_in
from tidings.incidents import actions
from tidings.incidents.models import Incident
from tidings.incidents.tests.cast import make_place, make_report
from tidings.kernel.errors import Refused
from tidings.kernel.models import AuditLine
from tidings.people import actions as people
from tidings.people.commands import person
from tidings.people.models import User
from tidings.people.queries import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def leaving() -> User:
    """A dispatcher who has one open incident in hand, and one that is over."""
    make_place()
    user = make_dispatcher(name="Robin")
    actions.open_incident(actor_of(user), make_report())
    over = actions.open_incident(actor_of(user), make_report())
    actions.dismiss_incident(actor_of(user), over, "A false alarm")
    return user


def owner() -> object:
    return Incident.objects.exclude(state="dismissed").get().owner_id


def test_without_a_successor_the_account_is_not_ended(leaving: User) -> None:
    with pytest.raises(Refused) as refused:
        people.end_account(actor_of(make_administrator(second_factor=True)), leaving.pk)
    assert (refused.value.code, refused.value.facts["count"]) == ("people.successor_needed", 1)
    leaving.refresh_from_db()
    assert leaving.is_active and owner() == leaving.pk


def test_what_was_in_hand_passes_on_in_the_same_transaction(leaving: User) -> None:
    successor = make_dispatcher(name="Sanne")
    people.end_account(actor_of(make_administrator(second_factor=True)), leaving.pk, successor.pk)
    assert owner() == successor.pk
    verbs = list(AuditLine.objects.order_by("-id").values_list("verb", flat=True)[:3])
    assert verbs == ["staff.end", "staff.pass_on", "incident.passed_on"]


@pytest.mark.parametrize("who", ["ended", "auditor", "themselves"])
def test_not_everybody_can_take_over(leaving: User, who: str) -> None:
    boss = actor_of(make_administrator(second_factor=True))
    successor = {"ended": make_dispatcher, "auditor": make_auditor, "themselves": lambda: leaving}[who]()
    if who == "ended":
        people.end_account(boss, successor.pk)
    with pytest.raises(Refused, match="successor_cannot"):
        people.end_account(boss, leaving.pk, successor.pk)
    leaving.refresh_from_db()
    assert leaving.is_active and owner() == leaving.pk


def test_who_does_not_see_the_incident_does_not_get_it(leaving: User) -> None:
    elsewhere = make_dispatcher(name="Kim", unit=make_unit("Delft", "branch"))
    with pytest.raises(Refused, match="successor_does_not_see"):
        people.end_account(actor_of(make_administrator(second_factor=True)), leaving.pk, elsewhere.pk)
    leaving.refresh_from_db()
    assert leaving.is_active and owner() == leaving.pk


def test_the_page_asks_who_takes_over(leaving: User) -> None:
    client, successor = signed_in(make_administrator(second_factor=True)), make_dispatcher(name="Sanne")
    page = client.get(reverse("people:person", args=[leaving.pk])).text
    assert "Who takes over 1 thing in hand" in page and "Sanne" in page
    end = reverse("people:end", args=[leaving.pk])
    assert "still has work in hand: 1" in client.post(end, follow=True).text
    assert "The account is ended" in client.post(end, {"successor": successor.pk}, follow=True).text
    assert owner() == successor.pk


def test_the_command_names_the_successor(leaving: User) -> None:
    successor = make_dispatcher(name="Sanne")
    refused = CliRunner().invoke(person, ["end", "--email", leaving.email])
    assert refused.exit_code == 1 and "Choose who takes it over" in refused.output
    done = CliRunner().invoke(
        person, ["end", "--email", leaving.email, "--successor", successor.email, "--json"]
    )
    assert json.loads(done.output)["ended"] is True
    assert owner() == successor.pk
