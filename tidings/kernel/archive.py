"""The encrypted archive that a backup is: one tar that opens with the ordinary programs `tar` and `age`, also without us.

Outside: `README`, `content.age`, and with a passphrase `key.age`, which holds the key of `content.age`. (An age file may
have a passphrase only as its single recipient, and then not in a stream, so the content has a key of its own.)
Inside `content.age`: a tar of members, long ones in parts, and last `digests.json` with the SHA-256 of each.
"""

import hashlib
import io
import json
import os
import re
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

import pyrage

from tidings.kernel.errors import Refused

PART_BYTES = 16 << 20
DIGESTS = "digests.json"
CONTENT = "content.age"
KEY = "key.age"
_PART = re.compile(r"/\d{6}$")
_README = """A Tidings backup. Restore it with `tidings db restore FILE`.

Without Tidings, with age and tar: with a passphrase, `age -d key.age > key` and `age -d -i key content.age | tar -x`;
with a recipient's key, `age -d -i YOUR-KEY content.age | tar -x`. Then `cat database/* > database.dump` gives a file
for PostgreSQL's pg_restore.
"""


class Readable(Protocol):
    """What bytes come from."""

    def read(self, length: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Lock:
    """Who may open an archive: whoever knows the passphrase, or holds the key of a recipient (`age1…`)."""

    passphrase: str = ""
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opener:
    """What opens an archive: the passphrase, or the text of an age identity file."""

    passphrase: str = ""
    identity: str = ""


class Inside:
    """Takes the members of an archive, one after the other."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive
        self._digests: dict[str, str] = {}

    def add(self, name: str, content: bytes) -> None:
        """One short member."""
        self._digests[name] = hashlib.sha256(content).hexdigest()
        self._put(name, content)

    def add_stream(self, name: str, source: Readable) -> int:
        """One member of unknown length, in parts `name/000000`, …; gives its length."""
        digest, number, length = hashlib.sha256(), 0, 0
        while (part := _read_exactly(source, PART_BYTES)) or not number:
            digest.update(part)
            self._put(f"{name}/{number:06}", part)
            number, length = number + 1, length + len(part)
        self._digests[name] = digest.hexdigest()
        return length

    def close(self) -> None:
        self._put(DIGESTS, json.dumps(self._digests).encode())

    def _put(self, name: str, content: bytes) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o600
        self._archive.addfile(entry, io.BytesIO(content))


def write(target: Path, lock: Lock, fill: Callable[[Inside], None]) -> Opener:
    """Writes an archive; `fill` is called once to hand in the members. Gives what opens this archive, to check it with.

    Raises what `fill` raises, and Refused("backup.recipient") for a recipient that is none.
    """
    own = pyrage.x25519.Identity.generate()
    recipients = [own.to_public(), *(_recipient(text) for text in lock.recipients)]
    with target.open("wb") as out:
        with tarfile.open(fileobj=out, mode="w") as outside:
            _add(outside, "README", _README.encode())
            if lock.passphrase:
                _add(outside, KEY, pyrage.passphrase.encrypt(f"{own}\n".encode(), lock.passphrase))
            _add_content(outside, out, lambda: _encrypt(fill, out, recipients))
        out.flush()
        os.fsync(out.fileno())
    return Opener(identity=str(own))


def unlocked(source: Path, opener: Opener) -> Opener:
    """The same key without its passphrase, whose derivation takes a second or more. Raises as `read` does."""
    with _opened(source) as outside:
        return Opener(identity=str(_identity(outside, opener)))


def read(source: Path, opener: Opener, take: Callable[[str, Readable], None]) -> None:
    """Hands every member to `take`, in order, and checks every digest. A long one comes part by part, each time under its
    name.

    Raises Refused: "backup.not_one" (no Tidings backup), "backup.wrong_key", "backup.damaged".
    """
    digests: dict[str, hashlib._Hash] = {}
    promised: dict[str, str] | None = None
    with _opened(source) as outside:
        identity = _identity(outside, opener)
        content = outside.extractfile(CONTENT)
        if content is None:
            raise Refused("backup.not_one", file=str(source))
        for name, member in _members(content, identity):
            if name == DIGESTS:
                promised = json.loads(member.read())
                continue
            whole = _PART.sub("", name)
            digested = _Digested(member, digests.setdefault(whole, hashlib.sha256()))
            take(whole, digested)
            digested.read()
    if promised != {name: digest.hexdigest() for name, digest in digests.items()}:
        raise Refused("backup.damaged", file=str(source))


class _Digested:
    """A member that adds to a digest what is read of it."""

    def __init__(self, member: IO[bytes], digest: "hashlib._Hash") -> None:
        self._member, self._digest = member, digest

    def read(self, length: int = -1, /) -> bytes:
        part = self._member.read(length)
        self._digest.update(part)
        return part


@contextmanager
def _opened(source: Path) -> Iterator[tarfile.TarFile]:
    """The outside of an archive; what its bytes do wrong inside becomes the one word for it."""
    try:
        outside = tarfile.open(source)  # noqa: SIM115 - closed below; only its opening tells that this is no archive
    except (tarfile.TarError, EOFError):
        raise Refused("backup.not_one", file=str(source)) from None
    try:
        yield outside
    except KeyError:
        raise Refused("backup.not_one", file=str(source)) from None
    except (tarfile.TarError, EOFError, ValueError):
        raise Refused("backup.damaged", file=str(source)) from None
    finally:
        outside.close()


def _encrypt(fill: Callable[[Inside], None], out: IO[bytes], recipients: list[object]) -> None:
    reader, writer = os.pipe()
    failures: list[BaseException] = []

    def feed() -> None:
        try:
            with os.fdopen(writer, "wb") as pipe, tarfile.open(fileobj=pipe, mode="w|") as archive:
                inside = Inside(archive)
                fill(inside)
                inside.close()
        except BaseException as wrong:  # noqa: BLE001 - carried to the thread that waits, and raised there
            failures.append(wrong)

    feeder = threading.Thread(target=feed)
    feeder.start()
    try:
        with os.fdopen(reader, "rb") as pipe:
            pyrage.encrypt_io(pipe, out, recipients)
    finally:
        feeder.join()
    if failures:
        raise failures[0]


def _members(content: IO[bytes], identity: object) -> Iterator[tuple[str, IO[bytes]]]:
    with _decrypted(content, identity) as pipe, tarfile.open(fileobj=pipe, mode="r|") as archive:
        for entry in archive:
            member = archive.extractfile(entry)
            if member is not None:
                yield entry.name, member


@contextmanager
def _decrypted(content: IO[bytes], identity: object) -> Iterator[IO[bytes]]:
    reader, writer = os.pipe()
    failures: list[Exception] = []

    def decrypt() -> None:
        try:
            with os.fdopen(writer, "wb") as pipe:
                pyrage.decrypt_io(content, pipe, [identity])
        except (pyrage.DecryptError, OSError, ValueError) as wrong:
            failures.append(wrong)

    worker = threading.Thread(target=decrypt)
    worker.start()
    try:
        with os.fdopen(reader, "rb") as pipe:
            yield pipe
            while pipe.read(1 << 20):
                pass  # the end of the last member is not the end of what is to be proved
    finally:
        worker.join()
        if failures and isinstance(failures[0], pyrage.DecryptError):
            code = "backup.wrong_key" if "No matching" in str(failures[0]) else "backup.damaged"
            raise Refused(code, file="")


def _identity(outside: tarfile.TarFile, opener: Opener) -> object:
    text = opener.identity
    if opener.passphrase:
        held = outside.extractfile(KEY) if KEY in outside.getnames() else None
        if held is None:
            raise Refused("backup.wrong_key", file="")
        try:
            text = pyrage.passphrase.decrypt(held.read(), opener.passphrase).decode()
        except pyrage.DecryptError:
            raise Refused("backup.wrong_key", file="") from None
    line = next((line for line in text.splitlines() if line.startswith("AGE-SECRET-KEY-")), "")
    try:
        return pyrage.x25519.Identity.from_str(line)
    except pyrage.IdentityError:
        raise Refused("backup.wrong_key", file="") from None


def _recipient(text: str) -> object:
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError:
        raise Refused("backup.recipient", recipient=text) from None


def _add(outside: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    outside.addfile(entry, io.BytesIO(content))


def _add_content(outside: tarfile.TarFile, out: IO[bytes], pour: Callable[[], None]) -> None:
    """A member whose length is known only once it is written: its header is written again afterwards."""
    entry = tarfile.TarInfo(CONTENT)
    entry.mode, began = 0o600, out.tell()
    out.write(_header(entry))
    pour()
    entry.size = out.tell() - began - tarfile.BLOCKSIZE
    out.write(b"\0" * (-entry.size % tarfile.BLOCKSIZE))
    outside.offset = out.tell()
    out.seek(began)
    out.write(_header(entry))
    out.seek(outside.offset)


def _header(entry: tarfile.TarInfo) -> bytes:
    return entry.tobuf(
        tarfile.GNU_FORMAT
    )  # one block at any size: beyond 8 GB the number is written in binary


def _read_exactly(source: Readable, length: int) -> bytes:
    parts = []
    while length and (part := source.read(length)):
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
