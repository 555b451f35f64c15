"""What the worker does for messaging: empties the catcher, and keeps months ahead for the results.

What a delivery itself needs (retries, settling, the next rung) the sender does, where the ledger is.
"""

from datetime import timedelta

from tidings.kernel.clock import now
from tidings.kernel.jobs import every
from tidings.messaging.actions.catcher import empty_catcher
from tidings.messaging.actions.partitions import make_months


@every(timedelta(hours=1), "messaging.empty_catcher")
def emptying() -> None:
    """A caught mail is kept for a week."""
    empty_catcher(now() - timedelta(days=7))


@every(timedelta(days=1), "messaging.months_ahead")
def months_ahead() -> None:
    """Results never meet a month without a place of its own."""
    make_months()
