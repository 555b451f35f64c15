"""A log file that never outgrows the disk, and never stops its writer when the disk is full."""

import contextlib
from pathlib import Path

_LARGEST = 5_000_000
_KEPT = 3


class RotatedLog:
    """Bytes in, at most four files of 5 MB: `name.log`, then `name.log.1` to `.3`, the oldest dropped."""

    def __init__(self, path: Path, largest: int = _LARGEST) -> None:
        self._path = path
        self._largest = largest
        self._size = path.stat().st_size if path.exists() else 0

    def write(self, text: bytes) -> None:
        # A full disk must not end the process whose log this is.
        with contextlib.suppress(OSError):
            if self._size + len(text) > self._largest:
                self._rotate()
            with self._path.open("ab") as log:
                log.write(text)
            self._size += len(text)

    def _rotate(self) -> None:
        for number in range(_KEPT - 1, 0, -1):
            older = self._path.with_name(f"{self._path.name}.{number}")
            if older.exists():
                older.replace(self._path.with_name(f"{self._path.name}.{number + 1}"))
        if self._path.exists():
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
        self._size = 0
