"""`tidings db restore`: an archive into an empty installation. Afterwards nothing is sent by itself.

`hold_after_restore` begins a new epoch and pauses everything: whatever an old worker still holds is fenced, and a person
looks first at what may already have been sent since the backup.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings

from tidings.kernel import archive, files, postgres, sealer
from tidings.kernel.errors import Refused
from tidings.kernel.postgres.copying import Loading, row_counts
from tidings.messaging.actions.hold import RESTORED, hold_after_restore
from tidings.people.queries import command_actor
from tidings.worker.backup import DATABASE, FILES, About, Progress, check, named_files
from tidings.worker.home import claimed
from tidings.worker.setup import as_owner, migrate
from tidings.worker.standing import is_embedded, place

_FILE_NAME = re.compile(rf"^{FILES}/([0-9a-f]{{64}})$")


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. `files_missing` are those that the database names and that are not there whole."""

    made_at: str
    version: str
    tables: int
    rows: int
    files: int
    files_missing: int
    files_to: str
    epoch: int
    uncertain: int


def restore(
    source: Path, opener: archive.Opener, progress: Progress = lambda _what, _bytes: None
) -> Restored:
    """Checks the archive, then fills this empty installation from it, compares, begins a new epoch and pauses sending.

    A file that the backup lacks keeps nothing else from coming back; it is counted. Raises Refused: "restore.not_empty", "restore.differs", "backup.damaged", "backup.wrong_key", "backup.not_one"; and
    PostgresFailed. Whatever it raises, the installation is empty again; files in a store of their own may stay there.
    """
    if not source.is_file():
        raise Refused("backup.not_one", file=str(source))
    opener = archive.unlocked(source, opener)
    with claimed(settings.HOME, "tidings db restore"), ExitStack() as undo:
        _require_empty_home()
        if is_embedded():
            server = _start(undo)
        about = check(source, opener, progress)
        _require_empty_database()
        brought = _load(source, opener, undo, progress)
        _compare(about)
        migrate()
        missing = _missing_files(progress)
        with as_owner():
            actor = command_actor("db restore")
            held = hold_after_restore(actor, RESTORED, detail=about.made_at, seen=_seen_epoch())
        sealer.accept_restored()
        (settings.HOME / "epoch").write_text(f"{held.epoch}\n")
        if about.key_id:
            (settings.HOME / "key-id").write_text(f"{about.key_id}\n")
        undo.pop_all()
        if is_embedded():
            postgres.stop(server)
    return Restored(
        about.made_at,
        about.version,
        len(about.rows),
        sum(about.rows.values()),
        brought,
        missing,
        files.place_of(settings.TIDINGS_FILES, settings.HOME),
        held.epoch,
        held.uncertain,
    )


def _require_empty_home() -> None:
    held = [name for name in (FILES, "key-id") if (settings.HOME / name).exists()]
    if held or (is_embedded() and postgres.cluster_of(settings.HOME).exists):
        raise Refused("restore.not_empty", folder=str(settings.HOME))


def _require_empty_database() -> None:
    with place().connect() as opened:
        if row_counts(opened):
            raise Refused("restore.not_empty", folder=str(settings.HOME))


def _seen_epoch() -> int:
    """The newest epoch that a sender of this home has worked in; 0 where none has."""
    kept = settings.HOME / "epoch"
    return int(kept.read_text()) if kept.exists() else 0


def _start(undo: ExitStack) -> "postgres.Server":
    cluster = postgres.cluster_of(settings.HOME)
    undo.callback(lambda: shutil.rmtree(cluster.data, ignore_errors=True))
    server = postgres.start(cluster)
    undo.callback(lambda: postgres.stop(server))
    return server


def _load(source: Path, opener: archive.Opener, undo: ExitStack, progress: Progress) -> int:
    undo.callback(lambda: shutil.rmtree(settings.HOME / FILES, ignore_errors=True))
    loading = Loading(place())
    done = 0

    def take(name: str, member: archive.Readable) -> None:
        nonlocal done
        if name == DATABASE:
            done = _pour(member, loading.stdin.write, done, progress)
        elif found := _FILE_NAME.match(name):
            arriving.take(found[1], member)

    with _Arriving() as arriving:
        try:
            archive.read(source, opener, take)
        except BrokenPipeError:
            pass  # the reader of the dump has its reason; it is told next
        except BaseException:
            loading.abandon()
            raise
        loading.finish()
        arriving.finish()
    return arriving.number


class _Arriving:
    """Kept files as they come, part by part: each goes to its store once it is whole, and only if its name is its content."""

    def __init__(self) -> None:
        self.number = 0
        self._name, self._partial = "", files.incoming()
        self._seen = hashlib.sha256()
        self._out: IO[bytes] = self._partial.open("wb")

    def __enter__(self) -> "_Arriving":
        return self

    def __exit__(self, *_wrong: object) -> None:
        self._out.close()
        self._partial.unlink(missing_ok=True)

    def take(self, name: str, member: archive.Readable) -> None:
        if name != self._name:
            self.finish()
            self._name = name
        while part := member.read(1 << 20):
            self._seen.update(part)
            self._out.write(part)

    def finish(self) -> None:
        """The file that was arriving has ended. One that came damaged into the backup stays out."""
        self._out.flush()
        os.fsync(self._out.fileno())
        self._out.close()
        if self._name and self._seen.hexdigest() == self._name:
            files.put_back(self._name, self._partial)
            self.number += 1
        self._name, self._seen = "", hashlib.sha256()
        self._out = self._partial.open("wb")


def _missing_files(progress: Progress) -> int:
    """How many files the database names that are not there whole: each is read once."""
    with place().connect() as opened:
        named = named_files(opened)
    missing = 0
    for number, digest in enumerate(sorted(named), 1):
        missing += not files.is_whole(digest)
        progress(FILES, number)
    return missing


def _pour(member: archive.Readable, write: Callable[[bytes], object], done: int, progress: Progress) -> int:
    while part := member.read(1 << 20):
        write(part)
        progress("restore", done := done + len(part))
    return done


def _compare(about: About) -> None:
    with place().connect() as opened:
        arrived = row_counts(opened)
    odd = sorted(name for name in about.rows | arrived if about.rows.get(name) != arrived.get(name))
    if odd:
        raise Refused("restore.differs", tables=", ".join(odd[:5]))
