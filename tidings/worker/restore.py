"""`tidings db restore`: an archive into an empty installation. Afterwards nothing is sent by itself.

`hold_after_restore` begins a new epoch and pauses everything: whatever an old worker still holds is fenced, and a person
looks first at what may already have been sent since the backup.
"""

import re
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from tidings.kernel import archive, postgres, sealer
from tidings.kernel.errors import Refused
from tidings.kernel.postgres.copying import Loading, row_counts
from tidings.messaging.actions.hold import RESTORED, hold_after_restore
from tidings.people.queries import command_actor
from tidings.worker.backup import DATABASE, FILES, About, Progress, check
from tidings.worker.home import claimed
from tidings.worker.setup import as_owner, migrate
from tidings.worker.standing import is_embedded, place

_FILE_NAME = re.compile(rf"^{FILES}/([0-9a-f]{{64}})$")


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back."""

    made_at: str
    version: str
    tables: int
    rows: int
    files: int
    epoch: int
    uncertain: int


def restore(
    source: Path, opener: archive.Opener, progress: Progress = lambda _what, _bytes: None
) -> Restored:
    """Checks the archive, then fills this empty installation from it, compares, begins a new epoch and pauses sending.

    Raises Refused: "restore.not_empty", "restore.differs", "backup.damaged", "backup.wrong_key", "backup.not_one"; and
    PostgresFailed. Whatever it raises, the installation is empty again.
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
        files = _load(source, opener, undo, progress)
        _compare(about)
        migrate()
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
        files,
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
    folder = settings.HOME / FILES
    undo.callback(lambda: shutil.rmtree(folder, ignore_errors=True))
    loading = Loading(place())
    done = files = 0

    def take(name: str, member: archive.Readable) -> None:
        nonlocal done, files
        if name == DATABASE:
            done = _pour(member, loading.stdin.write, done, progress)
        elif found := _FILE_NAME.match(name):
            target = folder / found[1][:2] / found[1]
            files += not target.exists()
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("ab") as kept:
                _pour(member, kept.write, 0, lambda _what, _bytes: None)

    try:
        archive.read(source, opener, take)
    except BrokenPipeError:
        pass  # the reader of the dump has its reason; it is told next
    except BaseException:
        loading.abandon()
        raise
    loading.finish()
    return files


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
