"""Keeps a rate: so many a second, with a burst of at most one second's worth."""

import time


class Pace:
    """`per_second` 0 is no limit."""

    def __init__(self, per_second: float) -> None:
        self._rate = per_second
        self._most = max(per_second, 1.0)
        self._left = min(self._most, 1.0)
        self._at = time.monotonic()

    def allow(self) -> bool:
        """Takes one, if there is one."""
        if not self._rate:
            return True
        now = time.monotonic()
        self._left = min(self._left + (now - self._at) * self._rate, self._most)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def wait(self) -> float:
        """Seconds until the next one, 0 where there is no limit."""
        return max(0.0, (1 - self._left) / self._rate) if self._rate else 0.0
