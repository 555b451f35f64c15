"""A mailbox is read over a real IMAP server: everything is kept before it is put away, whatever breaks in between."""

import http.server
import json
import threading
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qs

import pytest

from tidings.conversations.actions import DoorSettings, look_in, set_door
from tidings.conversations.actions.bring import AT_THE_DOOR
from tidings.conversations.doors.imap import Imap, ImapSettings
from tidings.conversations.models import Arrival, Door
from tidings.conversations.tests.imap_server import Mailbox, serving
from tidings.incidents.tests.cast import make_actor
from tidings.kernel.errors import Refused, TryLater
from tidings.messaging.tests.test_bounces import mail, report

FIRST, SECOND = mail("One", "1"), report()


@pytest.fixture(autouse=True)
def _loopback(settings: object) -> None:
    settings.TIDINGS_ALLOW_TARGETS = ["127.0.0.1"]  # type: ignore[attr-defined]


def door(port: int, **values: object) -> Imap:
    return Imap(
        ImapSettings(
            **{
                "host": "127.0.0.1",
                "port": port,
                "security": "none",
                "user": "bo",
                "password": "secret",
                **values,
            }
        )
    )  # type: ignore[arg-type]


class Keeper:
    """Keeps, or fails at one of them as a database that is away."""

    def __init__(self, fails_at: int = 0) -> None:
        self.kept: list[bytes] = []
        self.fails_at = fails_at

    def __call__(self, raw: bytes, envelope: Sequence[str]) -> None:
        if self.fails_at and len(self.kept) + 1 == self.fails_at:
            raise ConnectionError("the database is away")
        self.kept.append(raw)


def test_what_is_new_is_taken_and_marked_as_read() -> None:
    box = Mailbox(unsafe=True)
    box.add(FIRST)
    box.add(SECOND)
    keep = Keeper()
    with serving(box) as port:
        looked = door(port).bring(keep, {})
        assert (looked.came, looked.waiting) == (2, 0)
        box.add(b"Subject: third\n\nx")
        again = door(port).bring(keep, looked.position)
    assert keep.kept == [FIRST, SECOND, b"Subject: third\n\nx"]
    assert again.came == 1
    assert all("\\Seen" in one.flags for one in box.folders["INBOX"])


def test_it_names_itself_before_it_selects_as_163_insists() -> None:
    box = Mailbox(unsafe=True)
    with serving(box) as port:
        assert door(port).look().waiting == 0
    verbs = [one.split()[0] for one in box.said]
    assert verbs.index("ID") < verbs.index("SELECT")


def test_what_a_person_read_meanwhile_is_taken_all_the_same() -> None:
    box = Mailbox()
    box.add(FIRST)
    box.folders["INBOX"][0].flags.add("\\Seen")
    keep = Keeper()
    with serving(box) as port:
        door(port).bring(keep, {})
    assert keep.kept == [FIRST]


def test_a_mailbox_that_was_made_anew_is_read_from_its_beginning() -> None:
    box = Mailbox()
    box.add(FIRST)
    keep = Keeper()
    with serving(box) as port:
        position = door(port).bring(keep, {}).position
        box.validity, box.next_uid, box.folders["INBOX"] = 8, 1, []
        box.add(SECOND)
        door(port).bring(keep, position)
    assert keep.kept == [FIRST, SECOND]


@pytest.mark.parametrize(("moves", "uidplus", "left"), [(True, True, 0), (False, True, 0), (False, False, 1)])
def test_what_was_taken_is_moved_and_nothing_of_others_expunged(
    moves: bool, uidplus: bool, left: int
) -> None:
    box = Mailbox(moves=moves, uidplus=uidplus)
    box.add(FIRST)
    keep = Keeper()
    with serving(box) as port:
        door(port, moves_to="Taken by us").bring(keep, {})
        door(port, moves_to="Taken by us").bring(keep, {})
    assert keep.kept == [FIRST]
    assert [one.raw for one in box.folders["Taken by us"]] == [FIRST]
    assert len(box.folders["INBOX"]) == left
    assert not any(one.startswith("EXPUNGE") or one == "CLOSE" for one in box.said)


@pytest.mark.parametrize("moves_to", ["", "Taken"])
def test_nothing_is_put_away_before_it_is_kept(moves_to: str) -> None:
    box = Mailbox()
    box.add(FIRST)
    box.add(SECOND)
    keep = Keeper(fails_at=2)
    with serving(box) as port:
        with pytest.raises(TryLater):
            door(port, moves_to=moves_to).bring(keep, {})
        second = next(one for one in box.folders["INBOX"] if one.raw == SECOND)
        assert not second.flags
        keep.fails_at = 0
        door(port, moves_to=moves_to).bring(keep, {})
    assert set(keep.kept) == {FIRST, SECOND}


@pytest.mark.parametrize("commands", range(1, 12))
def test_a_line_that_breaks_anywhere_loses_nothing(commands: int) -> None:
    box = Mailbox(breaks_after=commands)
    box.add(FIRST)
    box.add(SECOND)
    keep = Keeper()
    with serving(box) as port:
        with pytest.raises(TryLater):
            door(port, moves_to="Taken").bring(keep, {})
        box.breaks_after = 0
        door(port, moves_to="Taken").bring(keep, {})
    assert set(keep.kept) == {FIRST, SECOND}
    assert {one.raw for one in box.folders["Taken"]} == {FIRST, SECOND}


@pytest.mark.parametrize(
    ("change", "code"), [({"password": "wrong"}, "door.sign_in"), ({"folder": "None"}, "door.no_folder")]
)
def test_what_people_can_mend_is_said(change: dict[str, object], code: str) -> None:
    with serving(Mailbox()) as port, pytest.raises(Refused) as no:
        door(port, **change).look()
    assert no.value.code == code


def test_nobody_there_and_a_target_of_ours_are_told_apart(settings: object) -> None:
    with serving(Mailbox()) as port:
        settings.TIDINGS_ALLOW_TARGETS = []  # type: ignore[attr-defined]
        with pytest.raises(Refused, match=r"outbound\.forbidden_target"):
            door(port).look()
        settings.TIDINGS_ALLOW_TARGETS = ["127.0.0.1"]  # type: ignore[attr-defined]
    with pytest.raises(TryLater, match=r"door\.no_answer"):
        door(port).look()


@pytest.fixture
def token_service() -> Iterator[tuple[str, list[dict[str, list[str]]]]]:
    asked: list[dict[str, list[str]]] = []

    class Answering(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            good = asked[-1]["refresh_token"] == ["fresh"]
            body = json.dumps({"access_token": "access"} if good else {"error": "invalid_grant"}).encode()
            self.send_response(200 if good else 400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/token", asked
    server.shutdown()
    server.server_close()


def test_xoauth2_signs_in_with_a_token_of_this_turn(
    token_service: tuple[str, list[dict[str, list[str]]]],
) -> None:
    where, asked = token_service
    box = Mailbox()
    oauth = {"token_url": where, "client_id": "us", "client_secret": "cs", "password": ""}
    with serving(box) as port:
        door(port, **oauth, refresh_token="fresh").look()
        with pytest.raises(Refused, match=r"door\.token"):
            door(port, **oauth, refresh_token="stale").look()
        box.token = "another"
        with pytest.raises(Refused, match=r"door\.sign_in"):
            door(port, **oauth, refresh_token="fresh").look()
    assert asked[0] == {
        "grant_type": ["refresh_token"],
        "client_id": ["us"],
        "client_secret": ["cs"],
        "refresh_token": ["fresh"],
    }


@pytest.mark.django_db
def test_a_door_notes_how_it_stands_and_what_came() -> None:
    box = Mailbox()
    box.add(FIRST)
    box.add(SECOND)
    with serving(box) as port:
        given = {"host": "127.0.0.1", "port": port, "security": "none", "user": "bo", "password": "secret"}
        opened = set_door(make_actor("administrator"), DoorSettings("imap", "bounces", given))
        assert look_in(AT_THE_DOOR, opened) == 2
        assert look_in(AT_THE_DOOR, opened) == 0
        known = Door.objects.get()
        assert (known.state, known.broken_since, known.position) == (
            "open",
            None,
            {"validity": "7", "uid": 2},
        )
        assert b"secret" not in bytes(known.settings)
    look_in(AT_THE_DOOR, opened)
    broken = Door.objects.get()
    assert (broken.state, broken.said) == ("unreachable", "door.no_answer")
    assert broken.broken_since is not None
    assert broken.position == {"validity": "7", "uid": 2}
    assert Arrival.objects.filter(door=broken).count() == 2
