"""Files by the digest of their content, in a folder or an S3 bucket. Kept whole or not at all; checked again when read."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import BinaryIO, Protocol

from django.conf import settings

from tidings.kernel.errors import Missing, Refused

CHUNK = 1 << 20
MAX_BYTES = 200 << 20


class Store(Protocol):
    """Where the bytes lie. Names are digests."""

    def has(self, digest: str) -> bool: ...
    def put(self, digest: str, source: Path) -> None: ...
    def read(self, digest: str) -> Iterator[bytes]: ...
    def digests(self) -> Iterator[str]: ...


class Folder:
    """A folder with two levels, `ab/abcd…`, so that none grows too large."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def has(self, digest: str) -> bool:
        return self._path(digest).exists()

    def put(self, digest: str, source: Path) -> None:
        target = self._path(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            source.replace(target)
        except OSError as wrong:
            if wrong.errno != errno.EXDEV:
                raise
            beside = target.with_name(
                f"{digest}.{os.urandom(6).hex()}"
            )  # another file system: copy, then rename
            shutil.copyfile(source, beside)
            beside.replace(target)

    def read(self, digest: str) -> Iterator[bytes]:
        try:
            with self._path(digest).open("rb") as opened:
                while chunk := opened.read(CHUNK):
                    yield chunk
        except FileNotFoundError:
            raise Missing("file.missing", digest=digest) from None

    def digests(self) -> Iterator[str]:
        return (path.name for path in sorted(self.root.glob("??/*")) if _is_digest(path.name))

    def _path(self, digest: str) -> Path:
        return self.root / digest[:2] / digest


def open_store(place: str, home: Path) -> Store:
    """The store of TIDINGS_FILES: an `s3://` address, a folder, or nothing for `files/` in the home folder."""
    if place.startswith("s3://"):
        from tidings.kernel.bucket import Bucket  # here: a folder need not pay for loading boto3

        return Bucket(place)
    return Folder(Path(place) if place else home / "files")


def keep(data: bytes | BinaryIO, *, max_bytes: int = MAX_BYTES, store: Store | None = None) -> str:
    """Stores a file and gives its digest (SHA-256, hex). The same content is kept once.

    Raises Refused("file.too_large") past `max_bytes`, with nothing left behind.
    """
    chosen = store or _store()
    partial = incoming()
    try:
        digest = _write(partial, data, max_bytes)
        if not chosen.has(digest):
            chosen.put(digest, partial)
        return digest
    finally:
        partial.unlink(missing_ok=True)


def fetch(digest: str, *, store: Store | None = None) -> bytes:
    """The whole file. Raises Missing("file.missing"), or Missing("file.damaged") when its content is no longer its name."""
    return b"".join(stream(digest, store=store))


def stream(digest: str, *, store: Store | None = None) -> Iterator[bytes]:
    """The file in pieces of a megabyte; a damaged one raises after its last piece, so do not act before the end."""
    _must_be_digest(digest)
    seen = hashlib.sha256()
    for chunk in (store or _store()).read(digest):
        seen.update(chunk)
        yield chunk
    if seen.hexdigest() != digest:
        raise Missing("file.damaged", digest=digest)


def place_of(place: str, home: Path) -> str:
    """Where files are kept, in words for a person: a folder's path, or the bucket's address without its options."""
    return place.split("?")[0] if place.startswith("s3://") else str(Path(place) if place else home / "files")


def kept_digests() -> Iterator[str]:
    """Every file there is. One kept meanwhile may be missed; none that was kept before is."""
    return _store().digests()


def pieces(digest: str) -> Iterator[bytes]:
    """What is there under this name, unproved: for a backup, which takes a damaged file too."""
    _must_be_digest(digest)
    return _store().read(digest)


def is_whole(digest: str) -> bool:
    """Whether the file is there and its content is its name."""
    try:
        for _piece in stream(digest):
            pass
    except Missing:
        return False
    return True


def put_back(digest: str, source: Path) -> None:
    """Takes a file from a backup, content unread: over what is there, for that may be damaged. `source` may be gone then."""
    _must_be_digest(digest)
    _store().put(digest, source)


def incoming() -> Path:
    """A new name for a file that is still arriving, beside the state; whoever asks removes it."""
    folder: Path = settings.TIDINGS_HOME / "files" / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{os.getpid()}-{os.urandom(8).hex()}"


def _write(partial: Path, data: bytes | BinaryIO, max_bytes: int) -> str:
    seen, size = hashlib.sha256(), 0
    with partial.open("wb") as out:
        for chunk in _chunks(data):
            size += len(chunk)
            if size > max_bytes:
                raise Refused("file.too_large", megabytes=max_bytes >> 20)
            seen.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return seen.hexdigest()


def _chunks(data: bytes | BinaryIO) -> Iterator[bytes]:
    if isinstance(data, bytes):
        yield data
        return
    while chunk := data.read(CHUNK):
        yield chunk


def _store() -> Store:
    return _opened(settings.TIDINGS_FILES, settings.TIDINGS_HOME)


_opened = cache(open_store)


def _must_be_digest(digest: str) -> None:
    if not _is_digest(digest):
        raise Missing("file.missing", digest=digest)


def _is_digest(name: str) -> bool:
    return len(name) == 64 and not set(name) - set("0123456789abcdef")
