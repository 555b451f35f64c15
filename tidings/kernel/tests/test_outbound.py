"""The outbound door: what it refuses, and that it reaches just the address that it checked."""

import asyncio
import contextlib
import datetime
import gzip
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tidings.kernel import outbound
from tidings.kernel.errors import Refused, TryLater

PRIVATE = [
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.254", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.2.1", "198.18.0.1", "203.0.113.7", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.0.8",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1",
    "2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::1", "100::1", "not an address", "",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1",
    "93.184.216.34",
    "2606:4700:4700::1111",
    "64:ff9b::101:101",
    "::ffff:1.1.1.1",
    "2002:101:101::1",
]
NO_ADDRESS = [
    "", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org", "//example.org", "example.org",
    "http://", "http:///path", "https://user:secret@example.org/", "http://[::1", "http://exa mple.org/", "javascript:alert(1)",
]  # fmt: skip
HOSTILE = [
    "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://0/",
    "http://localhost/", "http://LOCALHOST./", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/",
    "http://169.254.169.254/latest/meta-data/", "http://①②⑦.⓪.⓪.①/", "http://[fe80::1]/",
]  # fmt: skip


class Peer(BaseHTTPRequestHandler):
    """A server that answers by its path."""

    seen: list[tuple[str, str]] = []

    def do_GET(self) -> None:
        Peer.seen.append((self.path, self.headers["Host"]))
        body, head = b"hello", {}
        if self.path == "/large":
            body = b"x" * 300_000
        elif self.path == "/bomb":
            body, head = gzip.compress(b"0" * 50_000_000), {"Content-Encoding": "gzip"}
        elif self.path == "/moved":
            head = {"Location": "http://169.254.169.254/latest/"}
        elif self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            for _ in range(40):
                self.wfile.write(b"drip")
                time.sleep(0.1)
            return
        self.send_response(302 if "Location" in head else 200)
        for name, value in {**head, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().handle()


@pytest.fixture(scope="module")
def peer() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Peer) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server.server_port
        server.shutdown()


def get(url: str, **options: object) -> outbound.Answer:
    return outbound.fetch("GET", url, **{"seconds": 5.0, **options})


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_no_public_network_is_seen_as_such(address: str) -> None:
    assert not outbound.is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_public_internet_is_seen_as_such(address: str) -> None:
    assert outbound.is_public(address)


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="not_an_address"):
        get(url)


@pytest.mark.parametrize("url", HOSTILE)
def test_no_way_of_writing_it_reaches_our_own_network(url: str) -> None:
    with pytest.raises((Refused, TryLater)) as refused:
        get(url, allow=[])
    assert refused.value.code in ("outbound.forbidden_target", "outbound.not_an_address")


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["1.1.1.1", "10.0.0.1"]

    with pytest.raises(Refused, match="forbidden_target"):
        get("http://partner.example/", resolve=resolve, allow=[])


@pytest.mark.parametrize("allow", ["127.0.0.1", "127.0.0.1:{port}"])
def test_an_in_house_target_is_reached_when_the_environment_names_it(peer: int, allow: str) -> None:
    answer = get(f"http://127.0.0.1:{peer}/a?b=c", allow=[allow.format(port=peer)])
    assert (answer.status, answer.body) == (200, b"hello")
    assert Peer.seen[-1] == ("/a?b=c", f"127.0.0.1:{peer}")


def test_another_port_of_an_allowed_target_stays_refused(peer: int) -> None:
    with pytest.raises(Refused, match="forbidden_target"):
        get(f"http://127.0.0.1:{peer}/", allow=["127.0.0.1:1"])


def test_the_list_comes_from_the_environment(peer: int, settings: object) -> None:
    settings.TIDINGS_ALLOW_TARGETS = [f"127.0.0.1:{peer}"]  # type: ignore[attr-defined]
    assert get(f"http://127.0.0.1:{peer}/").status == 200


def test_a_name_is_resolved_once_and_that_very_address_is_connected_to(peer: int) -> None:
    """A name that answers with a public address for the check and with ours for the connection gets nowhere."""
    asked: list[str] = []

    async def changing(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    answer = get(f"http://partner.example:{peer}/", resolve=changing, allow=["partner.example"])
    assert (answer.body, asked) == (b"hello", ["partner.example"])
    assert Peer.seen[-1][1] == f"partner.example:{peer}"


def test_a_redirect_is_an_answer_and_is_not_followed(peer: int) -> None:
    answer = get(f"http://127.0.0.1:{peer}/moved", allow=["127.0.0.1"])
    assert (answer.status, answer.headers["location"]) == (302, "http://169.254.169.254/latest/")


@pytest.mark.parametrize(("path", "code"), [("/large", "outbound.too_large"), ("/bomb", "outbound.packed")])
def test_an_answer_too_large_is_not_read(peer: int, path: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        get(f"http://127.0.0.1:{peer}{path}", allow=["127.0.0.1"], max_bytes=100_000)
    assert refused.value.code == code


def test_an_answer_that_drips_ends_in_time(peer: int) -> None:
    began = time.monotonic()
    with pytest.raises(TryLater, match="no_answer"):
        get(f"http://127.0.0.1:{peer}/slow", allow=["127.0.0.1"], seconds=0.6)
    assert time.monotonic() - began < 2


def test_nobody_there_is_tried_later() -> None:
    with pytest.raises(TryLater, match="no_answer"):
        get("http://127.0.0.1:9/", allow=["127.0.0.1"])


def test_a_proxy_of_the_environment_is_not_used(peer: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert get(f"http://127.0.0.1:{peer}/", allow=["127.0.0.1"]).status == 200


@pytest.mark.parametrize(("name", "reached"), [("partner.example", True), ("other.example", False)])
def test_a_certificate_is_checked_against_the_name_not_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, reached: bool
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(tmp_path, "partner.example"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    with ThreadingHTTPServer(("127.0.0.1", 0), Peer) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        url = f"https://{name}:{server.server_port}/"
        if reached:
            assert get(url, resolve=resolve, allow=[name]).body == b"hello"
        else:
            with pytest.raises(TryLater, match="no_answer"):
                get(url, resolve=resolve, allow=[name])
        server.shutdown()


def _certificate(folder: Path, name: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    begin = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + datetime.timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


def test_a_caller_of_another_protocol_gets_checked_addresses_to_connect_to() -> None:
    with pytest.raises(Refused, match="forbidden_target"):
        asyncio.run(outbound.checked_addresses("localhost", 25, allow=[]))
    assert "127.0.0.1" in asyncio.run(outbound.checked_addresses("127.0.0.1", 25, allow=["127.0.0.1:25"]))
