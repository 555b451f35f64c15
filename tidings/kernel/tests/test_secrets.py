"""The master key: where it may lie, what it seals, and how it is changed without losing anything."""

import ast
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import transaction

from tidings.kernel import audit, proof, rotation, secrets
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.duties import duties
from tidings.kernel.errors import Refused
from tidings.kernel.secrets import KeyFileFailed

SYSTEM = Actor(ActorKind.SYSTEM, "test", frozenset())


@pytest.fixture
def own_key(tmp_path: Path, settings: object) -> Path:
    """An installation with a key of its own."""
    home = tmp_path / "home"
    home.mkdir()
    settings.TIDINGS_HOME = home  # type: ignore[attr-defined]
    settings.TIDINGS_KEY_FILE = tmp_path / "outside" / "master.key"  # type: ignore[attr-defined]
    return tmp_path / "outside" / "master.key"


def test_the_key_file_is_made_on_first_need_for_its_owner_alone(own_key: Path) -> None:
    assert not own_key.exists()
    secrets.seal("p", b"x")
    assert own_key.stat().st_mode & 0o777 == 0o600
    assert own_key.parent.stat().st_mode & 0o777 == 0o700
    assert [entry.name for entry in own_key.parent.iterdir()] == ["master.key"]


def test_a_key_file_inside_the_home_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").symlink_to(tmp_path)
    for inside in (
        tmp_path / "master.key",
        tmp_path / "a" / ".." / "master.key",
        tmp_path / "elsewhere" / "k",
    ):
        with pytest.raises(KeyFileFailed, match="inside"):
            secrets.key_path(tmp_path, inside)
    assert secrets.key_path(tmp_path / "home", tmp_path / "master.key") == tmp_path / "master.key"


def test_the_program_does_not_start_with_a_key_inside_its_home(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tidings", "secrets", "status"],
        env={**os.environ, "TIDINGS_HOME": str(tmp_path), "TIDINGS_KEY_FILE": str(tmp_path / "k")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("The key file") and len(done.stderr.strip().splitlines()) == 1


def test_a_lost_key_file_is_never_replaced_by_a_new_one(own_key: Path, settings: object) -> None:
    secrets.ensure_key_file(own_key.parents[1] / "home", own_key)
    own_key.unlink()
    with pytest.raises(KeyFileFailed, match="missing"):
        secrets.ensure_key_file(own_key.parents[1] / "home", own_key)
    assert not own_key.exists()


def test_the_key_file_of_another_installation_is_refused(own_key: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    secrets.ensure_key_file(tmp_path / "home", own_key)
    secrets.ensure_key_file(tmp_path / "second", other)
    with pytest.raises(KeyFileFailed, match="another installation"):
        secrets.ensure_key_file(tmp_path / "home", other)


@pytest.mark.parametrize("content", ["", "\n", "zz 00\n", "00000000 " + "0" * 64 + "\n", "deadbeef 0011\n"])
def test_a_damaged_key_file_is_named_and_not_used(tmp_path: Path, content: str) -> None:
    path = tmp_path / "k"
    path.write_text(content)
    with pytest.raises(KeyFileFailed, match=str(path)):
        secrets.read_keys(path)


def test_two_processes_starting_at_once_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    starts = [
        threading.Thread(target=secrets.ensure_key_file, args=(tmp_path / "home", path)) for n in range(8)
    ]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert len(secrets.read_keys(path)) == 1


def test_what_is_sealed_is_opened_only_for_its_purpose_and_unchanged(own_key: Path) -> None:
    sealed = secrets.seal("channel.settings", b"token")
    assert b"token" not in sealed
    assert secrets.unseal("channel.settings", sealed) == b"token"
    with pytest.raises(KeyFileFailed, match="changed"):
        secrets.unseal("audit.person", sealed)
    for place in range(len(sealed)):
        broken = bytearray(sealed)
        broken[place] ^= 1
        with pytest.raises(KeyFileFailed):
            secrets.unseal("channel.settings", bytes(broken))
    for cut in (b"", sealed[:3], sealed[:20]):
        with pytest.raises(KeyFileFailed):
            secrets.unseal("channel.settings", cut)


def test_the_same_secret_sealed_twice_does_not_look_the_same(own_key: Path) -> None:
    assert secrets.seal("p", b"x") != secrets.seal("p", b"x")


def test_keys_for_signing_differ_by_purpose_and_survive_a_rotation(own_key: Path) -> None:
    before = secrets.subkey("message-id")
    assert before != secrets.subkey("verp") and len(before) == 32
    secrets.add_key(own_key)
    assert secrets.subkeys("message-id")[1] == before
    assert secrets.subkey("message-id") != before


def test_a_rotation_seals_everything_again_and_only_then_may_the_old_key_go(db: None, own_key: Path) -> None:
    people = [uuid4() for _ in range(3)]
    for person in people:
        audit.record(SYSTEM, "contact.change", "contact", person, person=person, personal={"name": "Möller"})
    old = secrets.own_keys()[-1]
    secrets.add_key(own_key)
    assert rotation.still_under_old_keys() == 3
    with pytest.raises(Refused, match="old_keys_needed"):
        rotation.drop_old()
    new = rotation.rotate()
    assert rotation.still_under_old_keys() == 0
    assert old in rotation.drop_old()
    assert secrets.read_keys(own_key) == [new]
    assert proof.verify().faults == []
    with transaction.atomic():
        audit.record(SYSTEM, "contact.change", "contact", people[0], person=people[0], personal={"name": "M"})


def test_djangos_own_key_comes_from_the_key_file() -> None:
    from django.conf import settings
    from django.core import signing

    assert str(settings.SECRET_KEY) == secrets.subkey("django").hex()
    assert signing.loads(signing.dumps("x")) == "x"


def test_whatever_is_sealed_anywhere_takes_part_in_a_rotation() -> None:
    """Else dropping the old key would lose it: a relay's password, a second factor."""
    covered = {column.purpose for column in rotation.sealed_columns()}
    for duty in duties().values():
        covered |= duty.sealed_purposes
    assert set(_sealed_purposes()) <= covered
    assert {"audit.person", "messaging.relay", "people.second_factor"} <= covered


def _sealed_purposes() -> Iterator[str]:
    """The first argument of every `secrets.seal(…)` in the code, a constant's name looked up in its own module."""
    root = Path(secrets.__file__).parents[1]
    for path in root.rglob("*.py"):
        if "tests" in path.parts:
            continue
        tree = ast.parse(path.read_text())
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "secrets.seal":
                purpose = node.args[0]
                if isinstance(purpose, ast.Constant):
                    yield str(purpose.value)
                elif isinstance(purpose, ast.Name):
                    yield str(constants[purpose.id])
                else:
                    assert ast.unparse(purpose) == "column.purpose", path
