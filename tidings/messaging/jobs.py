"""What the worker does for messaging: it empties the catcher, and forgets account mail.

What a delivery itself needs (retries, settling, the next rung) the sender does, where the ledger is; months ahead for the
results the kernel makes, as for every partitioned table.
"""

from datetime import timedelta

from tidings.kernel.clock import now
from tidings.kernel.jobs import every
from tidings.messaging.actions.account import forget_account_mail
from tidings.messaging.actions.catcher import empty_catcher


@every(timedelta(hours=1), "messaging.empty_catcher")
def emptying() -> None:
    """A caught mail is kept for a week."""
    empty_catcher(now() - timedelta(days=7))


@every(timedelta(hours=6), "messaging.forget_account_mail")
def forgetting() -> None:
    """Account mail holds links and codes: a week after it was planned nobody needs its words any more."""
    forget_account_mail(now() - timedelta(days=7))
