"""Keys for programs: who may make one, what it gives, and when it stops working."""

import json
from datetime import timedelta

import pytest
import time_machine
from click.testing import CliRunner
from django.test import Client
from django.urls import reverse

from tests.cast import make_administrator, make_auditor, make_dispatcher, make_person, make_unit, signed_in
from tidings.kernel.actor import ActorKind
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused
from tidings.kernel.installation import start_demo
from tidings.kernel.models import AuditLine
from tidings.people import actions, queries
from tidings.people.commands import key as key_command
from tidings.people.models import ApiKey, User
from tidings.people.queries import actor_of, command_actor, key_actor, key_of
from tidings.people.rules import APPROVING, EVERY_ABILITY, FOR_KEYS, NEEDS_SECOND_FACTOR, UnitKind
from tidings.ui.words import labels

pytestmark = pytest.mark.django_db


def made(by: User, *scopes: str, name: str = "Warehouse", **more: object) -> actions.MadeKey:
    facts = {"unit_id": make_unit().pk, **more}
    return actions.make_key(actor_of(by), name=name, scopes=scopes or ["incident.read"], **facts)  # type: ignore[arg-type]


def ask(secret: str, path: str = "/api/key", **headers: str) -> object:
    return Client().get(path, headers={"Authorization": f"Bearer {secret}", **headers})


def test_what_a_key_may_be_given_never_approves_nor_changes_the_staff() -> None:
    assert FOR_KEYS <= EVERY_ABILITY
    assert not FOR_KEYS & (APPROVING | NEEDS_SECOND_FACTOR)
    assert not [ability for ability in FOR_KEYS if ability.startswith(("staff.", "key.", "audit."))]
    assert set(labels()) >= FOR_KEYS


def test_a_key_is_kept_as_a_digest_and_opens_the_door() -> None:
    key = made(make_administrator())
    assert not key.waits
    assert key.secret not in str(vars(ApiKey.objects.get()))
    answer = ask(key.secret)
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert answer.json()["scopes"] == ["incident.read"]  # type: ignore[attr-defined]
    assert ApiKey.objects.get().use.times == 1


def test_a_key_acts_as_itself_and_only_within_its_scopes_and_units() -> None:
    region = make_unit("North", kind=UnitKind.REGION)
    branch = make_unit("Assen", kind=UnitKind.BRANCH, parent=region)
    key = made(make_administrator(), "incident.read", "shipment.read", unit_id=region.pk).key
    actor = key_actor(key)
    assert actor.kind is ActorKind.KEY
    assert actor.abilities == {"incident.read", "shipment.read"}
    assert actor.units == {region.pk, branch.pk}
    assert actor.unit == region.pk
    assert queries.name_of(actor.ref) == "Warehouse"


def test_a_scope_that_keys_no_longer_have_gives_nothing() -> None:
    key = made(make_administrator()).key
    key.scopes = ["incident.read", "staff.change"]
    assert key_actor(key).abilities == {"incident.read"}


@pytest.mark.parametrize("scope", ["message.approve", "staff.read", "key.change", "relay.change", "nonsense"])
def test_no_key_gets_what_people_keep_to_themselves(scope: str) -> None:
    with pytest.raises(Refused, match=r"people\.key_scope"):
        actions.make_key(command_actor("test"), name="x", scopes=[scope], unit_id=make_unit().pk)
    assert not ApiKey.objects.exists()


def test_a_key_that_gives_more_than_its_maker_has_waits_for_a_second_administrator() -> None:
    first, second = make_administrator(), make_administrator()
    key = made(first, "incident.open")
    assert key.waits
    assert ask(key.secret).json()["code"] == "api.key_waits"  # type: ignore[attr-defined]
    assert "Key for a program to confirm" in signed_in(second).get("/").content.decode()
    assert "Key for a program to confirm" not in signed_in(first).get("/").content.decode()
    with pytest.raises(Refused, match=r"people\.not_both"):
        actions.confirm_key(actor_of(first), key.key.pk)
    with pytest.raises(Refused, match=r"people\.confirm_as_yourself"):
        actions.confirm_key(command_actor("test"), key.key.pk)
    actions.confirm_key(actor_of(second), key.key.pk)
    assert ask(key.secret).status_code == 200  # type: ignore[attr-defined]
    lines = AuditLine.objects.filter(thing="key").order_by("at")
    assert [line.verb for line in lines] == ["key.make", "key.confirm"]
    assert lines[0].facts["waits"] is True


def test_where_nobody_else_could_confirm_it_the_audit_says_that_one_person_did_it() -> None:
    key = made(make_administrator(), "incident.open")
    assert not key.waits
    assert AuditLine.objects.get(thing="key").facts["alone"] is True


def test_a_demo_has_one_person_at_its_keyboard() -> None:
    start_demo("Noordster", "test")
    first, _second = make_administrator(), make_administrator()
    assert not made(first, "incident.open").waits


def test_an_expired_a_revoked_and_an_unknown_key_are_each_told_so() -> None:
    boss = make_administrator()
    key = made(boss, days=1)
    with (
        time_machine.travel(now() + timedelta(days=2), tick=False),
        pytest.raises(Refused, match=r"api\.key_expired"),
    ):
        key_of(key.secret, now())
    actions.revoke_key(actor_of(boss), key.key.pk)
    answer = ask(key.secret)
    assert (answer.status_code, answer.json()["code"]) == (401, "api.key_revoked")  # type: ignore[attr-defined]
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")  # type: ignore[attr-defined]
    assert ask("tidings_nothing").json()["code"] == "api.key_unknown"  # type: ignore[attr-defined]
    with pytest.raises(Conflict, match=r"people\.key_ended"):
        actions.revoke_key(actor_of(boss), key.key.pk)
    assert made(boss).secret != key.secret, "the name of a revoked key is free again"


def test_a_signed_in_person_gets_nothing_from_the_api_without_a_key() -> None:
    answer = signed_in(make_dispatcher()).get("/api/key")
    assert (answer.status_code, answer.json()["code"]) == (401, "api.key_needed")


def test_the_refusal_speaks_the_language_that_was_asked_for() -> None:
    answer = Client().get("/api/key", headers={"Accept-Language": "nl"})
    assert answer.headers["Content-Language"] == "nl"
    assert "sleutel" in answer.json()["message"]


def test_a_key_may_ask_so_often_and_no_more() -> None:
    key = made(make_administrator(), per_minute=2)
    with time_machine.travel("2026-11-22T10:00:20Z", tick=False):
        assert [ask(key.secret).status_code for _ in range(3)] == [200, 200, 429]  # type: ignore[attr-defined]
        assert ask(key.secret).headers["Retry-After"] == "40"  # type: ignore[attr-defined]
    with time_machine.travel("2026-11-22T10:01:00Z", tick=False):
        assert ask(key.secret).status_code == 200  # type: ignore[attr-defined]


def test_every_wrong_turn_has_the_same_shape() -> None:
    key = made(make_administrator())
    headers = {"Authorization": f"Bearer {key.secret}"}
    nowhere = Client().get("/api/no-such-thing", headers=headers)
    wrong_method = Client().delete("/api/key", headers=headers)
    assert (nowhere.status_code, set(nowhere.json())) == (404, {"code", "message", "facts"})
    assert (wrong_method.status_code, set(wrong_method.json())) == (405, {"code", "message", "facts"})
    assert "GET" in wrong_method.headers["Allow"]


def test_an_administrator_makes_a_key_on_the_page_and_sees_it_once() -> None:
    boss = signed_in(make_administrator())
    given = {
        "name": "Warehouse",
        "unit": str(make_unit().pk),
        "scopes": ["incident.read"],
        "days": 30,
        "per_minute": 60,
    }
    page = boss.post(reverse("people:new_key"), given)
    secret = page.content.decode().split("<pre>")[1].split("</pre>")[0]
    assert ask(secret).status_code == 200  # type: ignore[attr-defined]
    listed = boss.get(reverse("people:keys")).content.decode()
    assert "Warehouse" in listed
    assert secret not in listed
    assert "already a key" in boss.post(reverse("people:new_key"), given).content.decode()
    key = ApiKey.objects.get()
    assert boss.post(reverse("people:revoke_key", args=[key.pk])).status_code == 302
    assert ask(secret).status_code == 401  # type: ignore[attr-defined]
    assert "Warehouse" in boss.get(reverse("people:keys"), {"ended": "1"}).content.decode()
    assert boss.get(reverse("people:keys"), {"export": "csv"}).status_code == 200


def test_who_may_not_make_keys_sees_no_way_to() -> None:
    assert signed_in(make_dispatcher()).get(reverse("people:keys")).status_code == 403
    auditor = signed_in(make_auditor())
    assert reverse("people:new_key") not in auditor.get(reverse("people:keys")).content.decode()
    assert auditor.get(reverse("people:new_key")).status_code == 403


def test_an_administrator_of_a_unit_sees_and_makes_keys_of_that_unit_only() -> None:
    region = make_unit("South", kind=UnitKind.REGION)
    local = actor_of(make_person("administrator", unit=region, second_factor=True))
    head = made(make_administrator()).key
    assert list(queries.keys(local)) == []
    with pytest.raises(Missing, match=r"people\.no_such_key"):
        actions.revoke_key(local, head.pk)
    with pytest.raises(Missing, match=r"people\.no_such_unit"):
        actions.make_key(local, name="x", scopes=["incident.read"], unit_id=make_unit().pk)


def test_keys_are_made_listed_and_revoked_on_the_command_line() -> None:
    make_unit()
    run = CliRunner()
    answer = run.invoke(
        key_command, ["make", "--name", "Mill", "--scope", "incident.read", "--json"], catch_exceptions=False
    )
    secret = json.loads(answer.output)["key"]
    assert ask(secret).status_code == 200  # type: ignore[attr-defined]
    listed = json.loads(run.invoke(key_command, ["list", "--json"]).output)
    assert [one["name"] for one in listed] == ["Mill"]
    assert listed[0]["used_at"]
    assert run.invoke(key_command, ["revoke", "mill"]).exit_code == 0
    assert ask(secret).status_code == 401  # type: ignore[attr-defined]
    assert "Mill" in run.invoke(key_command, ["list", "--revoked"]).output
