"""Makes an SMTP connection ready: connects, greets, encrypts as asked, signs in.

RFC 3207 (STARTTLS), 4954 (AUTH), 4616 (PLAIN), 8314 (implicit TLS), read 2026-11-22. A password never goes over a
connection that is not encrypted, unless the relay's row says `none` in so many words.
"""

import asyncio
import base64
import ssl
from collections.abc import Callable
from functools import lru_cache

from tidings.messaging.engine.replies import Reply
from tidings.messaging.engine.smtp import ConnectionFailed, Server, SmtpConnection
from tidings.messaging.rules.delivery import Security


async def connect(server: Server) -> SmtpConnection:
    """A connection that can `start`. Raises ConnectionFailed; nothing is left open then."""
    made: list[SmtpConnection] = []

    def make() -> SmtpConnection:
        made.append(SmtpConnection(server))
        return made[-1]

    try:
        async with asyncio.timeout(server.connect_seconds):
            await _open(server, make)
            await _sign_in(made[-1])
            return made[-1]
    except ssl.SSLCertVerificationError as error:
        failure = ConnectionFailed("certificate")
        failure.__cause__ = error
    except (OSError, TimeoutError) as error:
        failure = ConnectionFailed("unreachable")
        failure.__cause__ = error
    except ConnectionFailed as failed:
        failure = failed
    for connection in made:
        connection.abort("sign_in")
    raise failure


async def _open(server: Server, make: Callable[[], SmtpConnection]) -> None:
    tls = _context(server.trust, verify=True) if server.security == Security.TLS else None
    await asyncio.get_running_loop().create_connection(
        make,
        server.host,
        server.port,
        ssl=tls,
        server_hostname=server.host if tls else None,
    )


async def _sign_in(connection: SmtpConnection) -> None:
    _good(await connection.greeting(), "greeting")
    await _hello(connection)
    if connection.server.security in (Security.STARTTLS, Security.OPPORTUNISTIC):
        await _encrypt(connection)
    if connection.server.user:
        await _authenticate(connection)


def _good(reply: Reply, code: str) -> Reply:
    if not reply.good:
        raise ConnectionFailed(code, reply)
    return reply


async def _hello(connection: SmtpConnection) -> None:
    name = connection.server.hello.encode()
    reply = await connection.command(b"EHLO " + name)
    if reply.code >= 500:
        _good(await connection.command(b"HELO " + name), "hello")
        connection.extensions = {}
        return
    _good(reply, "hello")
    offered = (line.partition(" ") for line in reply.lines[1:])
    connection.extensions = {word.upper(): rest.strip() for word, _, rest in offered}


async def _encrypt(connection: SmtpConnection) -> None:
    server = connection.server
    insist = server.security == Security.STARTTLS
    if "STARTTLS" not in connection.extensions:
        if insist:
            raise ConnectionFailed("no_starttls")
        return
    reply = await connection.command(b"STARTTLS")
    if not reply.good and not insist:
        return
    _good(reply, "no_starttls")
    plain = connection.transport
    if plain is None or not connection.at_rest:
        raise ConnectionFailed(
            "connection_lost"
        )  # bytes after the 220 would be read as if they had been encrypted
    context = _context(server.trust, verify=insist)
    connection.transport = await asyncio.get_running_loop().start_tls(
        plain, connection, context, server_hostname=server.host
    )
    await _hello(connection)


async def _authenticate(connection: SmtpConnection) -> None:
    server, transport = connection.server, connection.transport
    encrypted = transport is not None and transport.get_extra_info("ssl_object") is not None
    if not encrypted and server.security != Security.NONE:
        raise ConnectionFailed("no_encryption")
    offered = connection.extensions.get("AUTH", "").upper().split()
    if "PLAIN" in offered:
        secret = base64.b64encode(f"\0{server.user}\0{server.password}".encode())
        _good(await connection.command(b"AUTH PLAIN " + secret), "sign_in")
    elif "LOGIN" in offered:
        _good(await connection.command(b"AUTH LOGIN"), "sign_in")
        _good(await connection.command(base64.b64encode(server.user.encode())), "sign_in")
        _good(await connection.command(base64.b64encode(server.password.encode())), "sign_in")
    else:
        raise ConnectionFailed("no_sign_in_offered")


@lru_cache(maxsize=16)
def _context(trust: str, *, verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=trust or None)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
