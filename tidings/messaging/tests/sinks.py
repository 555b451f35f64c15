"""Mail servers of our own for tests: a strict one that can be told to misbehave, and certificates for the encrypted ones."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Took:
    """One message as it arrived, dots unstuffed."""

    sender: bytes
    to: bytes
    content: bytes


Answer = Callable[[bytes, "Conversation"], bytes | None]


@dataclass
class Sink:
    """A strict server: refuses bare line ends and long lines, and answers in order. `answer` may answer in its place.

    `answer` gets a line (or b"." at the end of a content) and the conversation; None leaves the usual answer. The answer
    b"drop" closes without a word; b"hang" says nothing any more; an answer that begins with 421 closes after it.
    """

    extensions: tuple[str, ...] = ("PIPELINING", "8BITMIME", "SIZE 10000000", "SMTPUTF8")
    answer: Answer | None = None
    greeting: bytes = b"220 sink ready\r\n"
    seconds: float = 0
    took: list[Took] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    connections: int = 0
    most: int = 0
    open: int = 0
    port: int = 0


class Conversation(asyncio.Protocol):
    """One connection to a sink."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.sender: bytes | None = None
        self.to: bytes | None = None
        self.content: list[bytes] | None = None
        self.count = 0
        self._rest = b""
        self._queue: asyncio.Queue[bytes] = asyncio.Queue()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.sink.connections += 1
        self.sink.open += 1
        self.sink.most = max(self.sink.most, self.sink.open)
        self._task = asyncio.ensure_future(self._work())
        transport.write(self.sink.greeting)  # type: ignore[attr-defined]

    def connection_lost(self, error: Exception | None) -> None:
        self.sink.open -= 1
        self._task.cancel()

    def data_received(self, data: bytes) -> None:
        self._rest += data
        *lines, self._rest = self._rest.split(b"\r\n")
        for line in lines:
            self._queue.put_nowait(line)

    async def _work(self) -> None:
        while True:
            line = await self._queue.get()
            self._judge(line)
            if self.content is not None and line != b".":
                self.content.append(line[1:] if line.startswith(b".") else line)
                continue
            if self.content is not None and self.sink.seconds:
                await asyncio.sleep(self.sink.seconds)
            if not self._reply(line):
                return

    def _judge(self, line: bytes) -> None:
        if b"\n" in line or b"\r" in line:
            self.sink.faults.append("bare line end")
        if len(line) > 998:
            self.sink.faults.append("long line")
        if self.content is None:
            self.sink.lines.append(line)

    def _reply(self, line: bytes) -> bool:
        """Answers; False where that was the last word."""
        given = self.sink.answer(line, self) if self.sink.answer else None
        reply = given if given is not None else self._usual(line)
        if given is not None and line == b"." and self.content is not None:
            self.content = self.sender = self.to = None
        if reply == b"drop":
            self.transport.abort()  # type: ignore[attr-defined]
        elif reply != b"hang":
            self.transport.write(reply)  # type: ignore[attr-defined]
            if not reply.startswith((b"421", b"221")):
                return True
            self.transport.close()
        return False

    def _usual(self, line: bytes) -> bytes:
        if self.content is not None:
            return self._took()
        says = {b"EHLO": self._hello, b"MAIL": self._mail, b"RCPT": self._rcpt, b"DATA": self._data}
        word = line[:4].upper()
        if word in says:
            return says[word](line)
        if word == b"RSET":
            self.sender = self.to = None
        elif word == b"QUIT":
            return b"221 bye\r\n"
        elif word != b"HELO":
            self.sink.faults.append(f"strange command {line[:40]!r}")
            return b"500 5.5.2 what\r\n"
        return b"250 2.0.0 ok\r\n"

    def _hello(self, line: bytes) -> bytes:
        said = ["sink", *self.sink.extensions]
        return b"".join(f"250{'-' if one is not said[-1] else ' '}{one}\r\n".encode() for one in said)

    def _mail(self, line: bytes) -> bytes:
        if self.sender is not None:
            self.sink.faults.append("nested MAIL")
            return b"503 5.5.1 nested MAIL\r\n"
        self.sender = line[11 : line.index(b">")]
        return b"250 2.1.0 ok\r\n"

    def _rcpt(self, line: bytes) -> bytes:
        if self.sender is None:
            return b"503 5.5.1 no MAIL\r\n"
        self.to = line[9 : line.index(b">")]
        return b"250 2.1.5 ok\r\n"

    def _data(self, line: bytes) -> bytes:
        if self.to is None:
            return b"554 5.5.1 no valid recipients\r\n"
        self.content = []
        return b"354 go\r\n"

    def _took(self) -> bytes:
        content = b"\r\n".join(self.content or []) + b"\r\n"
        self.sink.took.append(Took(self.sender or b"", self.to or b"", content))
        self.content = self.sender = self.to = None
        self.count += 1
        return b"250 2.0.0 taken\r\n"


@asynccontextmanager
async def serving(sink: Sink) -> AsyncIterator[Sink]:
    server = await asyncio.get_running_loop().create_server(lambda: Conversation(sink), "127.0.0.1", 0)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()


def make_certificate(folder: Path, name: str = "localhost") -> tuple[Path, Path]:
    """A certificate for `name`, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_path, key_path = folder / f"{name}.pem", folder / f"{name}.key"
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key_path.write_bytes(private)
    return certificate_path, key_path
