"""A real IMAP4rev1 server on loopback, small: folders, UIDs, ID before SELECT, LOGIN and XOAUTH2, SEARCH, FETCH, STORE, COPY, MOVE.

RFC 3501, 2971, 6851, 4315 and Google's XOAUTH2 page, read 2026-12-01. What it does not know it answers BAD, so that a client that
says something else fails. `unsafe` behaves as 163 does; `breaks_after` cuts the line after so many commands.
"""

import base64
import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_LITERAL = re.compile(rb"\{(\d+)\}$")


@dataclass
class Kept:
    """One mail of a folder."""

    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)


@dataclass
class Mailbox:
    """What the server holds, and how it behaves."""

    password: str = "secret"
    token: str = "access"
    unsafe: bool = False
    moves: bool = True
    uidplus: bool = True
    breaks_after: int = 0
    validity: int = 7
    folders: dict[str, list[Kept]] = field(default_factory=lambda: {"INBOX": []})
    said: list[str] = field(default_factory=list)
    next_uid: int = 1

    def add(self, raw: bytes, folder: str = "INBOX") -> int:
        self.folders[folder].append(Kept(self.next_uid, raw))
        self.next_uid += 1
        return self.next_uid - 1


class _Talk(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        self.box, self.folder, self.named, self.count = self.server.box, "", False, 0
        self.say(b"* OK ready")
        while (line := self.line()) is not None:
            self.count += 1
            if self.box.breaks_after and self.count > self.box.breaks_after:
                return
            tag, _, rest = line.partition(b" ")
            word, _, given = rest.partition(b" ")
            verb = word.upper().decode()
            self.box.said.append(f"{verb} {given.decode('utf-8', 'replace')}" if verb != "LOGIN" else verb)
            run = getattr(self, f"on_{verb.lower()}", None)
            if run is None:
                self.say(tag + b" BAD unknown command")
            elif run(tag, given) is False:
                return

    def line(self) -> bytes | None:
        try:
            line = self.rfile.readline().rstrip(b"\r\n")
        except OSError:
            return None
        if not line:
            return None
        while (literal := _LITERAL.search(line)) is not None:
            self.say(b"+ go on")
            line = (
                line[: literal.start()]
                + b'"'
                + self.rfile.read(int(literal[1]))
                + b'"'
                + self.rfile.readline().rstrip(b"\r\n")
            )
        return line

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")

    def ok(self, tag: bytes, what: bytes = b"done") -> None:
        self.say(tag + b" OK " + what)

    def on_capability(self, tag: bytes, _given: bytes) -> None:
        more = b" MOVE" if self.box.moves else b""
        more += b" UIDPLUS" if self.box.uidplus else b""
        self.say(b"* CAPABILITY IMAP4rev1 ID AUTH=XOAUTH2" + more)
        self.ok(tag)

    def on_login(self, tag: bytes, given: bytes) -> None:
        good = given.endswith(f'"{self.box.password}"'.encode())
        self.ok(tag) if good else self.say(tag + b" NO LOGIN Login error or password error")

    def on_authenticate(self, tag: bytes, given: bytes) -> None:
        if given.upper() != b"XOAUTH2":
            self.say(tag + b" NO not offered")
            return
        self.say(b"+ ")
        told = base64.b64decode(self.rfile.readline().strip()).decode()
        if f"auth=Bearer {self.box.token}\1" in told:
            self.ok(tag)
            return
        self.say(b"+ " + base64.b64encode(b'{"status":"401"}'))
        self.rfile.readline()
        self.say(tag + b" NO AUTHENTICATE failed")

    def on_id(self, tag: bytes, _given: bytes) -> None:
        self.named = True
        self.say(b'* ID ("name" "small")')
        self.ok(tag)

    def on_select(self, tag: bytes, given: bytes) -> None:
        name = given.decode().strip('"')
        if self.box.unsafe and not self.named:
            self.say(tag + b" NO SELECT Unsafe Login. Please contact kefu@188.com for help")
        elif name not in self.box.folders:
            self.say(tag + b" NO no such folder")
        else:
            self.folder = name
            self.say(f"* {len(self.box.folders[name])} EXISTS".encode())
            self.say(f"* OK [UIDVALIDITY {self.box.validity}] valid".encode())
            self.ok(tag, b"[READ-WRITE] done")

    def on_list(self, tag: bytes, given: bytes) -> None:
        wanted = given.decode().split(" ", 1)[1].strip('"')
        for name in self.box.folders:
            if wanted in ("*", "%", name):
                self.say(f'* LIST (\\HasNoChildren) "/" "{name}"'.encode())
        self.ok(tag)

    def on_create(self, tag: bytes, given: bytes) -> None:
        self.box.folders.setdefault(given.decode().strip('"'), [])
        self.ok(tag)

    def on_noop(self, tag: bytes, _given: bytes) -> None:
        self.ok(tag)

    def on_logout(self, tag: bytes, _given: bytes) -> bool:
        self.say(b"* BYE")
        self.ok(tag)
        return False

    def on_uid(self, tag: bytes, given: bytes) -> None:
        word, _, rest = given.partition(b" ")
        run = getattr(self, f"uid_{word.lower().decode()}", None)
        if run is None or not self.folder:
            self.say(tag + b" BAD not now")
        else:
            run(tag, rest)

    # By UID.

    def mails(self) -> list[Kept]:
        return self.box.folders[self.folder]

    def named_by(self, uids: bytes) -> list[Kept]:
        first, colon, last = uids.decode().partition(":")
        end = (10**9 if last == "*" else int(last)) if colon else int(first)
        return [one for one in self.mails() if int(first) <= one.uid <= end]

    def uid_search(self, tag: bytes, rest: bytes) -> None:
        words = rest.decode().upper().split()
        found = self.mails()
        if words[:1] == ["UID"]:
            found = self.named_by(words[1].encode()) or found[-1:]  # "n:*" always names the last
        elif words == ["UNDELETED"]:
            found = [one for one in found if "\\Deleted" not in one.flags]
        elif words == ["UNSEEN"]:
            found = [one for one in found if "\\Seen" not in one.flags]
        elif words != ["ALL"]:
            self.say(tag + b" BAD search")
            return
        self.say(b"* SEARCH " + b" ".join(str(one.uid).encode() for one in found))
        self.ok(tag)

    def uid_fetch(self, tag: bytes, rest: bytes) -> None:
        uids, _, what = rest.partition(b" ")
        assert what == b"(BODY.PEEK[])", what
        for one in self.named_by(uids):
            place = self.mails().index(one) + 1
            self.wfile.write(
                f"* {place} FETCH (UID {one.uid} BODY[] {{{len(one.raw)}}}\r\n".encode() + one.raw + b")\r\n"
            )
        self.ok(tag)

    def uid_store(self, tag: bytes, rest: bytes) -> None:
        uids, how, flags = rest.split(b" ", 2)
        for one in self.named_by(uids):
            one.flags |= set(flags.decode().strip("()").split()) if how == b"+FLAGS" else set()
        self.ok(tag)

    def uid_copy(self, tag: bytes, rest: bytes) -> None:
        uids, _, target = rest.partition(b" ")
        for one in self.named_by(uids):
            self.box.add(one.raw, target.decode().strip('"'))
        self.ok(tag)

    def uid_move(self, tag: bytes, rest: bytes) -> None:
        if not self.box.moves:
            self.say(tag + b" BAD unknown")
            return
        uids, _, target = rest.partition(b" ")
        for one in self.named_by(uids):
            self.mails().remove(one)
            self.box.add(one.raw, target.decode().strip('"'))
        self.ok(tag)

    def uid_expunge(self, tag: bytes, rest: bytes) -> None:
        for one in self.named_by(rest):
            if "\\Deleted" in one.flags:
                self.mails().remove(one)
        self.ok(tag)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, box: Mailbox) -> None:
        self.box = box
        super().__init__(("127.0.0.1", 0), _Talk)


@contextmanager
def serving(box: Mailbox) -> Iterator[int]:
    """The server, listening; gives its port."""
    server = _Server(box)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
