"""One mail by one relay, outside the ledger: for whoever sets the relay up. Says at what it failed, and whether it offers receipts."""

from dataclasses import dataclass

from tidings.messaging.engine.sign_in import connect
from tidings.messaging.engine.smtp import ConnectionFailed, Server, SmtpConnection
from tidings.messaging.engine.wire import wire

TAKEN, REFUSED, OTHER = "taken", "refused", "other"
_KNOWN = {
    "unreachable": "unreachable",
    "certificate": "certificate",
    "no_starttls": "no_starttls",
    "no_encryption": "no_starttls",
    "sign_in": "sign_in",
    "no_sign_in_offered": "sign_in",
}
_GO_AHEAD = 354


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it, `taken` or at what it failed; `speaks_dsn` is None where the server was not reached."""

    outcome: str
    speaks_dsn: bool | None


async def try_relay(server: Server, sender: str, to: str, content: bytes) -> Tried:
    """Connects, signs in, and hands the mail over. A server that gives receipts offers DSN to EHLO (RFC 3461, section 4)."""
    try:
        connection = await connect(server)
    except ConnectionFailed as failed:
        return Tried(_KNOWN.get(failed.code, OTHER), None)
    speaks = "DSN" in connection.extensions
    try:
        return Tried(await _hand_over(connection, sender, to, content), speaks)
    except ConnectionFailed:
        return Tried(OTHER, speaks)
    finally:
        connection.abort("tried")


async def _hand_over(connection: SmtpConnection, sender: str, to: str, content: bytes) -> str:
    body = (wire(content) or b"").removesuffix(b"\r\n")
    for line in (b"MAIL FROM:<%b>" % sender.encode(), b"RCPT TO:<%b>" % to.encode(), b"DATA", body):
        reply = await connection.command(line)
        if not reply.good and reply.code != _GO_AHEAD:
            return REFUSED
    return TAKEN
