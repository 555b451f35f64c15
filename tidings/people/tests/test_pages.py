"""Sign-in, the profile and the staff's pages: who may, what they show, what they change."""

import re

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from tests.cast import (
    PASSWORD,
    give_second_factor,
    make_administrator,
    make_agent,
    make_auditor,
    make_dispatcher,
    make_person,
    signed_in,
)
from tidings.kernel.installation import start_demo
from tidings.people.models import User
from tidings.people.queries import roles_of
from tidings.people.rules import Role

pytestmark = pytest.mark.django_db

SIGN_IN = "/account/login/"


def sign_in(client: Client, user: User, password: str = PASSWORD) -> object:
    return client.post(SIGN_IN, {"login": user.email, "password": password})


def test_a_right_password_opens_the_worklist_and_a_wrong_one_does_not() -> None:
    user, client = make_dispatcher(), Client()
    assert sign_in(client, user, "wrong").status_code == 200
    assert client.get("/").status_code == 302
    assert sign_in(client, user).status_code == 302
    assert client.get("/").status_code == 200


def test_a_second_factor_is_asked_for_and_needed() -> None:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    user, client = make_dispatcher(), Client()
    secret = give_second_factor(user)
    answer = sign_in(client, user)
    assert answer.headers["Location"] == reverse("mfa_authenticate")
    assert client.get("/").status_code == 302
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert client.get("/").status_code == 200


def test_the_sixth_wrong_password_in_five_minutes_is_not_even_looked_at() -> None:
    user, client = make_dispatcher(), Client()
    for _attempt in range(5):
        assert "Sign in" in sign_in(client, user, "wrong").content.decode()
    answer = sign_in(client, user)
    assert answer.status_code == 200
    assert client.get("/").status_code == 302


@override_settings(ACCOUNT_RATE_LIMITS={"login": "1/m/ip"})
def test_who_tries_too_often_is_told_in_their_language() -> None:
    user, client = make_dispatcher(), Client(headers={"Accept-Language": "nl"})
    sign_in(client, user, "wrong")
    answer = sign_in(client, user, "wrong")
    assert answer.status_code == 429
    page = answer.content.decode()
    assert "Te veel pogingen" in page and "entrance" in page


def test_nobody_signs_up() -> None:
    assert Client().get("/account/signup/").status_code == 404


ROLES_THAT_MAY = {
    "people:staff": {Role.ADMINISTRATOR, Role.AUDITOR, Role.MANAGER, Role.SHIFT_LEAD},
    "people:invite": {Role.ADMINISTRATOR},
    "people:units": {Role.ADMINISTRATOR, Role.AUDITOR, Role.MANAGER, Role.SHIFT_LEAD},
    "people:profile": set(Role),
    "home:worklist": set(Role),
    "home:search": set(Role),
    "home:keys": set(Role),
    "home:audit": {Role.ADMINISTRATOR, Role.AUDITOR, Role.MANAGER},
    "home:installation": {Role.ADMINISTRATOR, Role.AUDITOR, Role.MANAGER},
    "home:settings": {Role.ADMINISTRATOR, Role.AUDITOR, Role.MANAGER},
}


@pytest.mark.parametrize("view", ROLES_THAT_MAY)
def test_a_page_opens_for_exactly_the_roles_that_may(view: str) -> None:
    opened = set()
    for role in Role:
        client = signed_in(make_person(role, second_factor=True))
        status = client.get(reverse(view)).status_code
        assert status in (200, 403), (role, status)
        if status == 200:
            opened.add(role)
    assert opened == ROLES_THAT_MAY[view]


def test_without_a_second_factor_an_administrator_is_told_and_held_back() -> None:
    client = signed_in(make_administrator(second_factor=False))
    page = client.get("/").content.decode()
    assert "Second factor missing" in page
    assert client.get(reverse("people:invite")).status_code == 403


def test_an_invited_person_gets_a_link_that_is_shown_once() -> None:
    client = signed_in(make_administrator())
    person = {"name": "Ilse", "email": "ilse@example.org", "language": "nl", "roles": ["agent"], "unit": ""}
    answer = client.post(reverse("people:invite"), person, follow=True)
    link = re.search(r"http://testserver(/people/password/[^<]+)</pre>", answer.content.decode())
    assert link
    assert "/people/password/" not in client.get(answer.request["PATH_INFO"]).content.decode()
    stranger = Client()
    assert stranger.get(link[1]).status_code == 200
    assert stranger.post(link[1], {"password": PASSWORD}).status_code == 302
    assert sign_in(stranger, User.objects.get(email="ilse@example.org")).status_code == 302
    assert stranger.get(link[1]).status_code == 404


def test_a_taken_address_is_said_beside_its_field() -> None:
    taken = make_agent()
    client = signed_in(make_administrator())
    person = {"name": "Ilse", "email": taken.email, "language": "nl", "roles": ["agent"], "unit": ""}
    page = client.post(reverse("people:invite"), person).content.decode()
    assert "already has an account" in page
    assert 'href="#id_email"' in page


def test_roles_are_changed_on_the_persons_page() -> None:
    user, client = make_agent(), signed_in(make_administrator())
    address = reverse("people:person", args=[user.pk])
    page = client.get(address).content.decode()
    assert "checked" in page
    given = {"roles": ["dispatcher"], "unit": str(user.unit_id), "version": user.access_version}
    assert client.post(address, given).status_code == 302
    assert roles_of(user) == ["dispatcher"]


def test_an_auditor_sees_the_staff_and_changes_nothing() -> None:
    user, client = make_agent(), signed_in(make_auditor())
    address = reverse("people:person", args=[user.pk])
    page = client.get(address).content.decode()
    assert user.email in page and "End the account" not in page
    assert client.post(reverse("people:end", args=[user.pk])).status_code == 403
    assert User.objects.get(pk=user.pk).is_active


def test_the_profile_sets_language_and_time_zone_at_once() -> None:
    client = signed_in(make_dispatcher())
    given = {"name": "Li", "language": "zh-hans", "time_zone": "Asia/Shanghai"}
    answer = client.post(reverse("people:profile"), given, follow=True)
    assert '<html lang="zh-hans">' in answer.content.decode()


def test_the_language_switch_before_signing_in_is_remembered() -> None:
    client = Client()
    client.post(reverse("ui:language"), {"language": "nl", "next": SIGN_IN})
    assert '<html lang="nl">' in client.get(SIGN_IN).content.decode()
    answer = client.post(reverse("ui:language"), {"language": "nl", "next": "https://elsewhere.example.org/"})
    assert answer.headers["Location"] == "/"


def test_an_exported_name_is_no_formula() -> None:
    make_agent(name="=HYPERLINK(1)")
    answer = signed_in(make_administrator()).get(reverse("people:staff"), {"export": "csv"})
    assert b"'=HYPERLINK(1)" in b"".join(answer.streaming_content)


def test_the_list_of_the_staff_takes_a_fixed_number_of_queries(django_assert_max_num_queries: object) -> None:
    for _number in range(8):
        make_agent()
    client = signed_in(make_administrator())
    with django_assert_max_num_queries(22):  # type: ignore[operator]
        client.get(reverse("people:staff"))


def test_a_demo_answers_nobody_but_this_machine_and_is_red_on_every_page() -> None:
    start_demo("test", "Noordster Koeriers")
    client = signed_in(make_dispatcher())
    assert "banner alarm" in client.get("/").content.decode()
    answer = client.get("/", REMOTE_ADDR="192.0.2.7")
    assert answer.status_code == 400
    assert "tidings demo leave" in answer.content.decode()


@pytest.mark.parametrize(
    ("sent_from", "onward"),
    [
        ("http://testserver/people/profile/?a=1", "/people/profile/%3Fa%3D1"),
        ("https://elsewhere.example.org/x", "/"),
        ("", "/"),
    ],
)
def test_a_lapsed_session_leads_back_to_the_page_the_form_stood_on(sent_from: str, onward: str) -> None:
    client = Client(headers={"referer": sent_from})
    answer = client.post(reverse("people:profile"), {"name": "x"})
    assert answer.headers["Location"] == f"/account/login/?next={onward}"
    swapped = Client(headers={"hx-request": "true", "hx-current-url": sent_from})
    assert swapped.post(reverse("people:profile")).headers["HX-Redirect"].endswith(onward)
