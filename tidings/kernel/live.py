"""Pages that change by themselves: at most one NOTIFY per transaction, one LISTEN per process, and event streams that end."""

from django.db import connection

CHANNEL = "tidings_live"
EVERYTHING = "*"
_PAYLOAD_LIMIT = 7000


class _Notice:
    """The one notice of a transaction; sent right after its commit."""

    def __init__(self) -> None:
        self.topics: set[str] = set()

    def __call__(self) -> None:
        payload = " ".join(sorted(self.topics))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_notify(%s, %s)",
                [CHANNEL, payload if len(payload) < _PAYLOAD_LIMIT else EVERYTHING],
            )


def notify(topic: str) -> None:
    """Tells open pages that `topic` (such as `incident:<id>`) changed, once the caller's transaction has committed."""
    if not connection.in_atomic_block:
        notice = _Notice()
        notice.topics.add(topic)
        notice()
        return
    for hook in connection.run_on_commit:
        waiting = hook[1]
        if isinstance(waiting, _Notice):
            waiting.topics.add(topic)
            return
    notice = _Notice()
    notice.topics.add(topic)
    # Registered outside any savepoint: a notice too many does no harm, a second NOTIFY or a lost one does.
    connection.run_on_commit.append((set(), notice, True))  # type: ignore[arg-type]  # the stubs know an older shape
