"""Encrypting and signing in, against real servers of another make and against those that get it wrong."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tidings.messaging.engine.sign_in import connect
from tidings.messaging.engine.smtp import ConnectionFailed, Server
from tidings.messaging.tests.piles import Pile, count, mail, send
from tidings.messaging.tests.sinks import Conversation, Sink, make_certificate, serving

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")  # aiosmtpd does not see implicit TLS


class _Keeper:
    def __init__(self) -> None:
        self.took: list[bytes] = []
        self.signed_in: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.took.append(envelope.content)
        return "250 taken"

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        self.signed_in.append(mechanism)
        right = data.login == b"ilse" and data.password == "pässword".encode()
        return AuthResult(success=right, handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def keeper() -> _Keeper:
    return _Keeper()


@pytest.fixture(params=["starttls", "tls"])
async def encrypted(
    request: pytest.FixtureRequest, certificate: tuple[Path, Path], keeper: _Keeper
) -> AsyncIterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    upgrade = {"tls_context": context, "require_starttls": True} if request.param == "starttls" else {}

    def speak() -> SMTP:
        signing_in = {
            "authenticator": keeper.authenticate,
            "auth_required": True,
            "auth_require_tls": bool(upgrade),
        }
        return SMTP(keeper, hostname="localhost", **signing_in, **upgrade)

    server = await asyncio.get_running_loop().create_server(
        speak, "127.0.0.1", 0, ssl=None if upgrade else context
    )
    yield Server(
        "localhost",
        server.sockets[0].getsockname()[1],
        security=request.param,
        user="ilse",
        password="pässword",
        trust=str(certificate[0]),
    )
    server.close()


async def _send_to(server: Server) -> Pile:
    connection = await connect(server)
    pile = Pile([mail(), mail()])
    connection.start(pile)
    async with asyncio.timeout(5):
        while len(pile.replies) < 2:
            await asyncio.sleep(0.01)
    connection.quit()
    await pile.over.wait()
    return pile


async def test_a_connection_is_encrypted_checked_and_signed_in(encrypted: Server, keeper: _Keeper) -> None:
    pile = await _send_to(encrypted)
    assert set(pile.codes.values()) == {250}
    assert len(keeper.took) == 2
    assert keeper.signed_in == ["PLAIN"]


async def test_a_certificate_that_is_not_trusted_ends_it(encrypted: Server) -> None:
    with pytest.raises(ConnectionFailed, match="certificate"):
        await connect(replace(encrypted, trust=""))


async def test_a_certificate_for_another_name_ends_it(encrypted: Server) -> None:
    with pytest.raises(ConnectionFailed, match="certificate"):
        await connect(replace(encrypted, host="127.0.0.1"))


async def test_a_wrong_password_is_said_with_the_servers_words(encrypted: Server) -> None:
    with pytest.raises(ConnectionFailed) as failed:
        await connect(replace(encrypted, password="wrong"))
    assert failed.value.code == "sign_in"
    assert failed.value.reply is not None
    assert failed.value.reply.code == 535
    assert "wrong" not in repr(encrypted) + str(failed.value)


async def test_login_is_spoken_where_plain_is_not(keeper: _Keeper) -> None:
    said: list[bytes] = []

    def answer(line: bytes, conversation: Conversation) -> bytes | None:
        if line == b"AUTH LOGIN":
            return b"334 VXNlcm5hbWU6\r\n"
        if line in (b"aWxzZQ==", b"c2VjcmV0"):
            said.append(line)
            return b"334 UGFzc3dvcmQ6\r\n" if line == b"aWxzZQ==" else b"235 welcome\r\n"
        return None

    async with serving(Sink(("AUTH LOGIN",), answer)) as sink:
        await send(sink, [mail()], user="ilse", password="secret")
    assert len(said) == 2
    assert len(sink.took) == 1


async def test_a_password_never_goes_in_the_clear_unless_the_relay_says_so() -> None:
    async with serving(Sink(("AUTH PLAIN",))) as sink:
        for security, code in (("starttls", "no_starttls"), ("opportunistic", "no_encryption")):
            with pytest.raises(ConnectionFailed, match=code):
                await connect(Server("127.0.0.1", sink.port, security=security, user="ilse", password="x"))
    assert count(sink, b"AUTH") == 0


async def test_bytes_slipped_in_before_encryption_are_never_read_as_encrypted() -> None:
    def answer(line: bytes, _: Conversation) -> bytes | None:
        return b"220 go\r\n250-evil\r\n" if line == b"STARTTLS" else None

    async with serving(Sink(("STARTTLS",), answer)) as sink:
        with pytest.raises(ConnectionFailed):
            await connect(Server("127.0.0.1", sink.port, security="starttls"))
