"""Another address of a contact is a two-person action, wherever there are two people who may."""

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import make_agent, make_auditor, make_dispatcher, make_unit, signed_in
from tests.programs import Program
from tidings.customers import actions, queries
from tidings.customers.actions import Rung
from tidings.customers.models import AddressAsk, Contact
from tidings.customers.rules import new_addresses, waits_for_another
from tidings.customers.tests.test_pages import ladder, make_customer, send, version
from tidings.home.queries import worklist
from tidings.incidents.tests.cast import in_every_language, make_told, readers, told
from tidings.kernel.actor import Actor
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.installation import start_demo
from tidings.kernel.models import AuditLine
from tidings.messaging.models import Recipient
from tidings.people.models import User
from tidings.people.queries import actor_of, command_actor

MAIL, SMS = ("email", "a@example.org"), ("sms", "+31 6 0000 0000")
OTHER = ("email", "other@example.org")


@pytest.mark.parametrize(
    ("wanted", "new"),
    [
        ([("email", "a"), ("sms", "31")], []),
        ([("sms", "31"), ("email", "a")], []),
        ([("email", "a")], []),
        ([("email", "b"), ("sms", "31")], [("email", "b")]),
        ([("email", "a"), ("whatsapp", "31")], []),
        ([("email", "a"), ("sms", "31"), ("call", "32")], [("call", "32")]),
        ([("email", "31")], [("email", "31")]),
    ],
)
def test_an_address_is_new_where_nobody_was_reached_before(
    wanted: list[tuple[str, str]], new: list[tuple[str, str]]
) -> None:
    assert new_addresses([("email", "a"), ("sms", "31")], wanted) == new


@pytest.mark.parametrize(
    ("added", "another", "demo", "waits"),
    [(True, True, False, True), (True, False, False, False), (True, True, True, False), (False, True, False, False)],
)  # fmt: skip
def test_only_a_new_address_waits_and_only_where_somebody_could_confirm_it(
    added: bool, another: bool, demo: bool, waits: bool
) -> None:
    assert waits_for_another(added, another=another, demo=demo) is waits


pytestmark = pytest.mark.django_db


def staff(**facts: object) -> User:
    """Somebody who signed in once."""
    user = make_agent(**facts)
    user.last_login = timezone.now()
    user.save(update_fields=["last_login"])
    return user


def change(
    actor: Actor, contact: Contact, *rungs: tuple[str, str], language: str = "nl"
) -> AddressAsk | None:
    contact = queries.contact(actor, contact.pk)
    return actions.change_contact(
        actor,
        contact.pk,
        version=queries.version_of(contact),
        language=language,
        time_zone="UTC",
        how_much="every",
        ladder=[Rung(*one) for one in rungs],
    )


def addresses(contact: Contact) -> list[str]:
    return list(contact.addresses.order_by("position").values_list("value", flat=True))


def test_another_address_waits_and_a_second_person_confirms_it() -> None:
    first, second, contact = staff(name="Kim"), staff(name="Robin"), make_customer()
    asked = change(actor_of(first), contact, OTHER, SMS, language="en")
    assert asked is not None
    assert addresses(contact) == [MAIL[1], SMS[1]], "until then the old one is used"
    contact.refresh_from_db()
    assert contact.language == "en", "what is no address holds at once"
    with pytest.raises(Refused, match=r"contact\.not_both"):
        actions.confirm_address(actor_of(first), contact.pk, asked.pk)
    with pytest.raises(Refused, match=r"contact\.confirm_as_yourself"):
        actions.confirm_address(command_actor("test"), contact.pk, asked.pk)
    with pytest.raises(Refused, match="not_allowed"):
        actions.confirm_address(actor_of(make_auditor()), contact.pk, asked.pk)
    actions.confirm_address(actor_of(second), contact.pk, asked.pk)
    assert addresses(contact) == [OTHER[1], SMS[1]]
    asked.refresh_from_db()
    assert (asked.outcome, asked.ended_by, asked.ladder, asked.before) == (
        "confirmed",
        str(second.pk),
        [],
        [],
    )
    lines = [(line.verb, line.actor_ref) for line in AuditLine.objects.order_by("id")]
    assert lines == [
        ("contact.ask", str(first.pk)),
        ("contact.change", str(first.pk)),
        ("contact.change", str(second.pk)),
    ]
    assert not any("example.org" in (line.payload or "") for line in AuditLine.objects.all())
    with pytest.raises(Missing, match=r"contact\.no_such_ask"):
        actions.confirm_address(actor_of(second), contact.pk, asked.pk)


def test_fewer_addresses_and_another_order_hold_at_once_and_end_what_waited() -> None:
    first, _second, contact = staff(), staff(), make_customer()
    assert change(actor_of(first), contact, OTHER, SMS) is not None
    assert change(actor_of(first), contact, MAIL, SMS, language="en") is None
    assert AddressAsk.objects.get().outcome == "", "another language leaves the wish"
    assert change(actor_of(first), contact, SMS, MAIL) is None
    assert addresses(contact) == [SMS[1], MAIL[1]]
    assert AddressAsk.objects.get().outcome == "replaced"
    assert change(actor_of(first), contact, SMS) is None
    assert addresses(contact) == [SMS[1]]


def test_who_is_alone_or_in_a_demo_changes_it_at_once() -> None:
    alone, contact = staff(), make_customer()
    make_agent(name="Never signed in")
    elsewhere = make_unit("South", "branch")
    staff(unit=elsewhere)
    assert change(actor_of(alone), contact, OTHER) is None, "nobody else could confirm it"
    assert addresses(contact) == [OTHER[1]]
    staff()
    start_demo("test", "Noordster Koeriers")
    assert change(actor_of(alone), contact, MAIL) is None
    assert addresses(contact) == [MAIL[1]]


def test_a_wish_for_a_ladder_that_changed_meanwhile_is_not_granted() -> None:
    first, second, contact = staff(), staff(), make_customer()
    asked = change(actor_of(first), contact, OTHER, SMS)
    assert asked is not None
    contact.addresses.filter(channel="email").update(value="file@example.org", key="file@example.org")
    with pytest.raises(Conflict, match=r"contact\.ask_outdated"):
        actions.confirm_address(actor_of(second), contact.pk, asked.pk)
    actions.decline_address(actor_of(second), contact.pk, asked.pk)
    assert addresses(contact) == ["file@example.org", SMS[1]]
    assert AddressAsk.objects.get().outcome == "declined"


def test_a_wish_stands_on_the_worklist_of_everybody_else_who_may_confirm_it() -> None:
    south = make_unit("South", "branch")
    first, second, elsewhere = staff(), make_dispatcher(), staff(unit=south)
    staff()
    contact = make_customer()
    change(actor_of(first), contact, OTHER)

    def waiting(user: User) -> list[str]:
        return [one.thing for one in worklist(actor_of(user), now()) if one.what == "worklist.address"]

    assert waiting(second) == ["K-1"]
    assert waiting(first) == waiting(elsewhere) == waiting(make_auditor()) == []


def test_the_page_shows_the_wish_with_who_asked_and_both_answers() -> None:
    kim, robin, contact = staff(name="Kim"), staff(name="Robin"), make_customer()
    desk, other = signed_in(kim), signed_in(robin)
    rungs = ladder(OTHER, SMS)
    answer = desk.post(
        reverse("customers:contact", args=[contact.pk]),
        {
            **rungs,
            "version": version(desk, contact),
            "language": "nl",
            "time_zone": "UTC",
            "how_much": "every",
        },
        follow=True,
    )
    page = answer.text
    assert "another person must confirm it first" in page
    assert "Kim asked on" in page and OTHER[1] in page and MAIL[1] in page
    assert "Take the request back" in page and "/confirm/" not in page
    seen = other.get(reverse("customers:customer", args=[contact.customer_id])).text
    assert "/confirm/" in seen and "Decline" in seen
    only_reads = signed_in(make_auditor()).get(reverse("customers:customer", args=[contact.customer_id])).text
    assert "Kim asked on" in only_reads and "/confirm/" not in only_reads and "/decline/" not in only_reads
    asked = AddressAsk.objects.get()
    address = reverse("customers:confirm_address", args=[contact.pk, asked.pk])
    assert desk.post(address, follow=True).text.count("another person must confirm it") == 1
    assert addresses(contact) == [MAIL[1], SMS[1]]
    other.post(address)
    assert addresses(contact) == [OTHER[1], SMS[1]]
    assert "Kim asked on" not in other.get(reverse("customers:customer", args=[contact.customer_id])).text


def test_programs_read_what_waits() -> None:
    first, contact = staff(), make_customer()
    staff()
    change(actor_of(first), contact, OTHER)
    [found] = Program().get(f"/customers/{contact.customer_id}").json()["contacts"]
    assert found["asked"]["addresses"] == [{"channel": "email", "value": OTHER[1]}]
    assert [one["value"] for one in found["addresses"]] == [MAIL[1], SMS[1]]


def test_a_stranger_to_the_customer_confirms_nothing() -> None:
    first, contact = staff(), make_customer()
    staff()
    asked = change(actor_of(first), contact, OTHER)
    assert asked is not None
    far = signed_in(staff(unit=make_unit("South", "branch")))
    assert far.post(reverse("customers:confirm_address", args=[contact.pk, asked.pk])).status_code == 404
    assert send(far, contact, "x").status_code == 404  # type: ignore[attr-defined]
    assert addresses(contact) == [MAIL[1], SMS[1]]


def test_a_confirmed_address_reroutes_no_message_that_is_planned() -> None:
    kim, robin = staff(), staff()
    writer, incident, message = make_told()
    contact = Contact.objects.get(customer__number="C-en")
    asked = change(actor_of(kim), contact, OTHER)
    assert asked is not None
    planned = Recipient.objects.filter(message_id=message, contact_id=contact.pk)
    before = planned.values_list("channel", "address", "further").get()
    assert before[1] == "c-en@example.org"
    actions.confirm_address(actor_of(robin), contact.pk, asked.pk)
    assert planned.values_list("channel", "address", "further").get() == before
    later = told(writer, incident, "update", in_every_language(status="s", what_changed="c", measures="m"))
    assert readers(later)["Reader C-en"].address == OTHER[1], "what is planned from now on goes there"
