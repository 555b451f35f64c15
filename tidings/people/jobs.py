"""What the worker does for the staff: it mails who forgot their password."""

from tidings.kernel.jobs import job
from tidings.people import actions
from tidings.people.actions.password import MAIL_LINK
from tidings.people.queries import system_actor


@job(MAIL_LINK, whole=True, priority=10)
def mail_password_link(address: str, site: str) -> None:
    """Somebody waits for it at their screen."""
    actions.mail_link(system_actor("password"), address, site)
