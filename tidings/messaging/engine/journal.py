"""What this machine's disk knows of its own sendings: "intent" before a content leaves, "done" after its answer.

It narrows what a killed process leaves uncertain: a row that was released but has no intent here never left. It proves
that only for lives of the same boot: after a power cut the last lines may be missing, and then nothing is concluded.

A folder belongs to one process at a time (flock). Opening it carries what is still open into one new file, which knows
everything the old ones knew, and only then removes them: killed at any point, nothing is forgotten. A file that grows long is
followed by another, and removed once every lease that it tells of has ended.

    H 1 <epoch> <boot> <life>,<life>…      whose sendings this file knows completely
    L <n> <broadcast> <relay or ->         what the intents below with this number belong to
    I <n> <delivery> <attempt> <recipient>
    D <delivery> <attempt> <outcome> <milliseconds> <late 0|1>
    N <delivery> <attempt>                 answered "no": it did not arrive
"""

import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from tidings.messaging.engine.ledger import Fact

_Key = tuple[UUID, int]
_MOST_LIVES = 200
_LONG_FILE = 1_000_000


@dataclass(slots=True)
class _Kept:
    """What the files of a folder say."""

    lives: list[UUID] = field(default_factory=list)
    open: dict[_Key, tuple[UUID, UUID | None, UUID]] = field(default_factory=dict)
    done: list[Fact] = field(default_factory=list)


class Journal:
    """One process's journal. `done` are facts of ended lives to be recorded again; `lives` whom it knows completely."""

    def __init__(self, folder: Path, epoch: int, life: UUID) -> None:
        """Raises BlockingIOError where another process holds the folder."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise
        self._folder = folder
        self._leases = 0
        self._under_way: dict[int, bytes] = {}
        self._older: list[tuple[Path, set[int]]] = []
        self._unsaid: list[bytes] = []
        self._files = self._size = 0
        kept = _read(folder, epoch)
        self.lives = frozenset(kept.lives)
        self.done = kept.done
        self._begun = set(kept.open)
        self._life, self._beginning = life, self._said_first(epoch, life, kept)
        old = _files(folder)
        self._path, self._file = self._begin(self._said_of_done(kept.done))
        for file in old:
            if file != self._path:
                file.unlink()

    def close(self) -> None:
        self.flush()
        os.close(self._file)
        os.close(self._lock)

    def begun(self, delivery_id: UUID, attempt: int) -> bool:
        """Whether an ended life let this content go and noted no answer."""
        return (delivery_id, attempt) in self._begun

    def forget_done(self) -> None:
        """The facts in `done` are recorded."""
        self.done = []

    def rest(self) -> None:
        """Called when nothing is under way and everything is recorded: a long file is cut back to its beginning."""
        self.flush()
        for number in list(self._under_way):
            self.ended(number)
        if not self.done and self._size > _LONG_FILE:
            self._follow()

    def lease(self, broadcast_id: UUID, relay_id: UUID | None) -> int:
        """A number for the intents of one lease."""
        if not self.done and self._size > _LONG_FILE:
            self._follow()
        self._leases += 1
        relay = relay_id.hex if relay_id else "-"
        line = self._under_way[self._leases] = f"L {self._leases} {broadcast_id.hex} {relay}\n".encode()
        self._write(line)
        return self._leases

    def ended(self, lease: int) -> None:
        """Everything that became of this lease's intents is recorded."""
        self._under_way.pop(lease, None)
        for path, leases in self._older:
            leases.discard(lease)
            if not leases:
                path.unlink()
        self._older = [(path, leases) for path, leases in self._older if leases]

    def intent(self, lease: int, delivery_id: UUID, attempt: int, recipient_id: UUID) -> None:
        """Written before the first byte of the content: a process killed after this line may have sent it."""
        self._write(b"I %d %x %d %x\n" % (lease, delivery_id.int, attempt, recipient_id.int))

    def answered(self, fact: Fact, *, taken: bool) -> None:
        """The server's answer came, and the ledger will hear of it in a moment. Written with the next intent, or by `flush`."""
        if taken:
            at = int(fact.at.timestamp() * 1000)
            line = b"D %x %d %b %d %d\n" % (
                fact.delivery_id.int,
                fact.attempt,
                fact.outcome.encode(),
                at,
                fact.late,
            )
        else:
            line = b"N %x %d\n" % (fact.delivery_id.int, fact.attempt)
        self._unsaid.append(line)

    def flush(self) -> None:
        """Writes what is still unwritten."""
        if self._unsaid:
            self._write(b"")

    def _write(self, line: bytes) -> None:
        if self._unsaid:
            line = b"".join((*self._unsaid, line))
            self._unsaid.clear()
        self._size += os.write(self._file, line)

    def _said_first(self, epoch: int, life: UUID, kept: _Kept) -> bytes:
        """What every file of this life begins with: whose it is, and what ended lives left open."""
        lives = ",".join(one.hex for one in [life, *kept.lives][:_MOST_LIVES])
        lines = [f"H 1 {epoch} {_boot()} {lives}\n"]
        for (delivery_id, attempt), (broadcast_id, relay_id, recipient_id) in kept.open.items():
            self._leases += 1
            lines.append(f"L {self._leases} {broadcast_id.hex} {relay_id.hex if relay_id else '-'}\n")
            lines.append(f"I {self._leases} {delivery_id.hex} {attempt} {recipient_id.hex}\n")
        return "".join(lines).encode()

    def _said_of_done(self, facts: list[Fact]) -> bytes:
        lines = []
        for fact in facts:
            self._leases += 1
            relay = fact.relay_id.hex if fact.relay_id else "-"
            lines.append(f"L {self._leases} {fact.broadcast_id.hex} {relay}\n")
            lines.append(f"I {self._leases} {fact.delivery_id.hex} {fact.attempt} {fact.recipient_id.hex}\n")
            at = int(fact.at.timestamp() * 1000)
            lines.append(f"D {fact.delivery_id.hex} {fact.attempt} {fact.outcome} {at} {int(fact.late)}\n")
        return "".join(lines).encode()

    def _begin(self, rest: bytes) -> tuple[Path, int]:
        """A new file that begins as every one does, there at once and whole."""
        path, partial = self._folder / f"{self._life.hex}.{self._files:06}.journal", self._folder / "partial"
        self._files += 1
        partial.write_bytes(self._beginning + rest)
        partial.rename(path)
        self._size = 0
        return path, os.open(path, os.O_APPEND | os.O_WRONLY)

    def _follow(self) -> None:
        """From now on in a new file; the old one stays as long as it tells of a lease that has not ended."""
        self.flush()
        old, before = self._path, self._file
        self._path, self._file = self._begin(b"".join(self._under_way.values()))
        os.close(before)
        if self._under_way:
            self._older.append((old, set(self._under_way)))
        else:
            old.unlink()


def open_journal(root: Path, epoch: int, life: UUID) -> Journal:
    """The first folder under `root` that no process holds; several senders on one machine each get their own."""
    number = 0
    while True:
        try:
            return Journal(root / str(number), epoch, life)
        except BlockingIOError:
            number += 1


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.journal"), key=lambda path: (path.stat().st_mtime_ns, path.name))


def _read(folder: Path, epoch: int) -> _Kept:
    kept = _Kept()
    for path in _files(folder):
        _read_file(path, epoch, kept)
    return kept


def _read_file(path: Path, epoch: int, kept: _Kept) -> None:
    leases: dict[str, tuple[UUID, UUID | None]] = {}
    for words in _lines(path):
        kind = words[0]
        if kind == "H":
            if words[2] == str(epoch) and words[3] == _boot():
                kept.lives += [one for one in map(_id, words[4].split(",")) if one not in kept.lives]
        elif kind == "L":
            leases[words[1]] = (_id(words[2]), None if words[3] == "-" else _id(words[3]))
        elif kind == "I":
            broadcast_id, relay_id = leases[words[1]]
            kept.open[_id(words[2]), int(words[3])] = (broadcast_id, relay_id, _id(words[4]))
        elif kind == "D":
            key = _id(words[1]), int(words[2])
            at = datetime.fromtimestamp(int(words[4]) / 1000, UTC)
            intended = kept.open.pop(key, None)
            if intended:
                broadcast_id, relay_id, recipient_id = intended
                fact = Fact(*key, words[3], at, recipient_id, broadcast_id, relay_id, late=words[5] == "1")
                kept.done.append(fact)
        elif kind == "N":
            kept.open.pop((_id(words[1]), int(words[2])), None)


def _lines(path: Path) -> Iterator[list[str]]:
    """Whole lines only: a last one that was cut by a kill stands for a content that had not left yet."""
    whole, _, _ = path.read_text(errors="replace").rpartition("\n")
    counts = {"H": 5, "L": 4, "I": 5, "D": 6, "N": 3}
    for line in whole.split("\n"):
        words = line.split(" ")
        if counts.get(words[0]) == len(words):
            yield words


def _id(text: str) -> UUID:
    return UUID(int=int(text, 16))


def _boot() -> str:
    """Names this start of the machine; where the system does not tell, no life is ever trusted but this process's own."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return f"unknown-{os.getpid()}"
