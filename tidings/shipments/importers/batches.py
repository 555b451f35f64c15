"""A file as batches ready to be copied: read and mapped here, or for a large file in a process of its own. Pure.

The second process has this module as its program. It imports no Django, knows no database, gets the open file, and ends
when nobody reads from it any more.
"""

import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import IO, BinaryIO, cast

from tidings.shipments.importers.base import Reader, Row, Table
from tidings.shipments.importers.copying import copy_text
from tidings.shipments.importers.fields import BadField
from tidings.shipments.importers.mapping import RowMapping
from tidings.shipments.importers.profile import parse_profile

_ROOT = Path(__file__).parents[3]
_ALLOCATED_PER_COLLECTION = 200_000
_BATCHES_AHEAD = 8
_LAST = pickle.dumps(None)


class ReadingEnded(RuntimeError):
    """The process that reads the file ended before the file did: killed for its memory, most often."""

    def __init__(self) -> None:
        super().__init__("the process that reads the file ended before the file did")


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a file: how many, how far the file has been read, the text for each staging table, and what was rejected.

    `places` are those that all rows so far name.
    """

    rows: int
    bytes_read: int
    texts: dict[str, str]
    rejected: list[tuple[Row, BadField]]
    places: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read: with which reader, by which profile, taking which moment for now."""

    reader: type[Reader]
    profile: str
    now: datetime
    lines_of_customers: bool = False
    rows_per_batch: int = 10_000

    def here(self, stream: BinaryIO) -> Iterator[Batch]:
        """Reads and maps in this process. Raises Refused as the reader and the mapping do."""
        table, mapping = self.open(stream)
        rows = table.rows()
        while batch := list(islice(rows, self.rows_per_batch)):
            mapped = mapping.map(batch)
            texts = {name: copy_text(parts) for name, parts in mapped.output.items()}
            yield Batch(len(batch), table.bytes_read(), texts, mapped.rejected, frozenset(mapping.places))

    def apart(self, stream: BinaryIO) -> Iterator[Batch]:
        """Reads and maps in a process of its own, while the caller has this one's core for itself.

        `stream` must be an open file of the system. Raises ReadingEnded when that process ends before the file does.
        """
        file = stream.fileno()
        command = [sys.executable, "-m", __spec__.name, str(file)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[file], cwd=_ROOT,
            start_new_session=True,  # it ends when we read no more, not when somebody interrupts us
        ) as reading:  # fmt: skip
            wanted, pipe = cast(IO[bytes], reading.stdin), cast(IO[bytes], reading.stdout)
            try:
                _ask(wanted, self)
                while (batch := _next(pipe)) is not None:
                    yield batch
            finally:
                pipe.close()  # it ends when it can write no more

    def open(self, stream: BinaryIO) -> tuple[Table, RowMapping]:
        """The table, its head read, and the mapping of its columns."""
        profile = parse_profile(self.profile)
        table = self.reader().open(stream, profile.declared)
        return table, RowMapping(profile, table.columns, self.now, lines_of_customers=self.lines_of_customers)


def _ask(wanted: IO[bytes], reading: Reading) -> None:
    try:
        with wanted:
            pickle.dump(reading, wanted)
    except BrokenPipeError:
        raise ReadingEnded from None


def _next(pipe: IO[bytes]) -> Batch | None:
    try:
        found: Batch | None = pickle.load(pipe)  # noqa: S301 - our own process wrote it
    except (EOFError, pickle.UnpicklingError):
        raise ReadingEnded from None
    return found


def main(file: int) -> None:
    """Reads what is wanted from standard input and writes the batches to standard output, None after the last.

    Rows make no cyclic garbage, and looking through them took a fifth of the mapping. What is read waits in a queue, since
    nobody takes it while a slice is merged: a pipe holds 64 KB, a slice is some 20 MB.
    """
    gc.set_threshold(_ALLOCATED_PER_COLLECTION)
    reading: Reading = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own process wrote it
    waiting = Queue[bytes](_BATCHES_AHEAD)
    writing = Thread(target=_write, args=(waiting,), daemon=True)
    writing.start()
    with os.fdopen(file, "rb", closefd=False) as stream:
        for batch in reading.here(stream):
            waiting.put(pickle.dumps(batch, pickle.HIGHEST_PROTOCOL))
    waiting.put(_LAST)
    writing.join()


def _write(waiting: Queue[bytes]) -> None:
    with os.fdopen(os.dup(1), "wb") as out:
        try:
            while (batch := waiting.get()) != _LAST:
                out.write(batch)
                out.flush()
            out.write(_LAST)
            out.flush()
        except OSError:
            os._exit(1)  # nobody takes the rest


if __name__ == "__main__":
    main(int(sys.argv[1]))
