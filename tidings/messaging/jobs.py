"""What the worker does for messaging: it empties the catcher.

What a delivery itself needs (retries, settling, the next rung) the sender does, where the ledger is; months ahead for the
results the kernel makes, as for every partitioned table.
"""

from datetime import timedelta

from tidings.kernel.clock import now
from tidings.kernel.jobs import every
from tidings.messaging.actions.catcher import empty_catcher


@every(timedelta(hours=1), "messaging.empty_catcher")
def emptying() -> None:
    """A caught mail is kept for a week."""
    empty_catcher(now() - timedelta(days=7))
