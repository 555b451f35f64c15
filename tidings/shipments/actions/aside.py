"""A second connection beside a long transaction, for what others must see before it ends."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection


class Aside:
    """Does small things in a thread of their own, whose connection is not in the caller's transaction."""

    def __enter__(self) -> "Aside":
        self._thread = ThreadPoolExecutor(max_workers=1)
        return self

    def do(self, thing: Callable[[], None]) -> None:
        """Does it now, and raises what it raises. It must not wait for what the caller's transaction holds."""
        self._thread.submit(thing).result()

    def __exit__(self, *_: object) -> None:
        self._thread.submit(lambda: connection.close()).result()  # the one of that thread
        self._thread.shutdown()
