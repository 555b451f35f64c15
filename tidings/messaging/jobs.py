"""What the worker does for messaging: it empties the catcher, forgets account mail, and asks the next for an approval.

What a delivery itself needs (retries, settling, the next rung) the sender does, where the ledger is; months ahead for the
results the kernel makes, as for every partitioned table.
"""

from datetime import timedelta
from uuid import UUID

from tidings.kernel.clock import now
from tidings.kernel.jobs import every, job
from tidings.messaging.actions.account import forget_account_mail
from tidings.messaging.actions.ask import MOVE_ON, move_approval_on, move_approvals_on
from tidings.messaging.actions.catcher import empty_catcher
from tidings.people.queries import system_actor


@every(timedelta(hours=1), "messaging.empty_catcher")
def emptying() -> None:
    """A caught mail is kept for a week."""
    empty_catcher(now() - timedelta(days=7))


@every(timedelta(hours=6), "messaging.forget_account_mail")
def forgetting() -> None:
    """Account mail holds links and codes: a week after it was planned nobody needs its words any more."""
    forget_account_mail(now() - timedelta(days=7))


@job(MOVE_ON, whole=True, priority=5)
def moving_on(freeze: str) -> None:
    """One approval at the moment when somebody is to be reminded, or the next asked. The minute's turn would find it too."""
    move_approval_on(system_actor("approval clock"), UUID(freeze), now())


@every(timedelta(minutes=1), "messaging.move_approvals_on")
def moving_all_on() -> None:
    """Every approval of which something is due: a job may have been lost, a deadline is never."""
    move_approvals_on(system_actor("approval clock"), now())
