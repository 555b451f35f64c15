"""Progress of long work on a terminal: one line that changes, and nothing where nobody looks."""

import sys
import time

_EVERY_SECONDS = 0.5


class Printed:
    """Call it with what is being done and how many bytes are done; it prints twice a second on standard error."""

    def __init__(self) -> None:
        self._shown_at = 0.0
        self._wide = 0

    def __enter__(self) -> "Printed":
        return self

    def __exit__(self, *_: object) -> None:
        if self._wide:
            sys.stderr.write("\r" + " " * self._wide + "\r")
            sys.stderr.flush()

    def __call__(self, what: str, done: int) -> None:
        if not sys.stderr.isatty() or time.monotonic() - self._shown_at < _EVERY_SECONDS:
            return
        self._shown_at = time.monotonic()
        amount = f"{done / 1e6:.0f} MB" if done > 100_000 else str(done)
        line = f"{what} {amount}".ljust(self._wide)
        self._wide = max(self._wide, len(line))
        sys.stderr.write(f"\r{line}")
        sys.stderr.flush()
