"""What stands at the door of an installation: a reverse proxy as our own page describes it, and what strangers send."""

import datetime
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.processes import free_port
from tests.stack import CHECKOUT, Stack, stack, within

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
PAGE = CHECKOUT / "docs" / "install" / "production.md"
needs_nginx = pytest.mark.skipif(not NGINX, reason="no nginx: install the package `nginx-light`")


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A whole installation as it stands behind a proxy; its temporary files in a folder of their own."""
    temporary = tmp_path_factory.mktemp("temporary")
    temporary.chmod(0o777)
    settings = {"TIDINGS_HTTPS": "true", "TIDINGS_TRUSTED_PROXIES": "127.0.0.1", "TMPDIR": str(temporary)}
    with stack(**settings) as started:
        started.start()
        yield started


@contextmanager
def nginx(folder: Path, port: int) -> Iterator[str]:
    """The server that our page describes, with ports and certificate of this machine; gives its address."""
    block = re.findall(r"(?ms)^    server \{\n        listen 443 ssl;.*?^    \}\n", PAGE.read_text())[0]
    secure = free_port()
    _certificate(folder)
    for said, here in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl;"),
        ("server_name tidings.example.org;", "server_name localhost;"),
        ("/etc/letsencrypt/live/tidings.example.org/", f"{folder}/"),
        ("http://127.0.0.1:8000;", f"http://127.0.0.1:{port};"),
    ):
        assert said in block
        block = block.replace(said, here)
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{paths}{block}}}\n"
    )
    process = subprocess.Popen(
        [str(NGINX), "-p", folder, "-c", folder / "nginx.conf"], stderr=subprocess.DEVNULL
    )
    try:
        within(10, lambda: process.poll() is not None or _listens(secure))
        assert process.poll() is None, (folder / "error.log").read_text()
        yield f"https://localhost:{secure}"
    finally:
        process.terminate()
        process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    today = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(today).not_valid_after(today + datetime.timedelta(days=1))
    (folder / "fullchain.pem").write_bytes(
        made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (folder / "privkey.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))


@contextmanager
def client(address: str, source: str = "127.0.0.1", **headers: str) -> Iterator[httpx.Client]:
    """A browser at the address `source` of this machine."""
    door = httpx.HTTPTransport(verify=False, local_address=source)
    with httpx.Client(base_url=address, transport=door, headers=headers, timeout=30) as opened:
        yield opened


def sign_in(browser: httpx.Client, email: str, password: str) -> httpx.Response:
    page = browser.get("/account/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert token, page.text
    form = {"login": email, "password": password, "csrfmiddlewaretoken": token[1]}
    return browser.post("/account/login/", data=form, headers={"Referer": str(page.url)})


@needs_nginx
def test_behind_the_proxy_of_our_page_cookies_are_secure_and_a_person_signs_in(
    firm: Stack, tmp_path: Path
) -> None:
    with nginx(tmp_path, firm.port) as address, client(address) as browser:
        page = browser.get("/account/login/")
        assert page.status_code == 200
        assert page.headers["strict-transport-security"].startswith("max-age=31536000")
        answer = sign_in(browser, *firm.people["dispatcher"])
        assert answer.status_code == 302, answer.text
        cookies = answer.headers.get_list("set-cookie")
        assert cookies
        assert all("Secure" in cookie and "HttpOnly" in cookie for cookie in cookies)
        assert browser.get("/").status_code == 200
        style = re.search(r'href="(/static/[^"]+\.css)"', page.text)
        assert style
        assert browser.get(style[1]).status_code == 200


@needs_nginx
def test_behind_a_proxy_one_guesser_locks_nobody_else_out_and_cannot_pretend_to_be_many(
    firm: Stack, tmp_path: Path
) -> None:
    with nginx(tmp_path, firm.port) as address:
        with client(address, "127.0.0.2") as guesser:
            for number in range(10):
                guesser.headers["X-Forwarded-For"] = f"198.51.100.{number}"
                sign_in(guesser, f"nobody{number}@example.org", "a guess at a password")
            email, password = firm.people["manager"]
            assert sign_in(guesser, email, password).status_code == 200, "their address is out of guesses"
        with client(address, "127.0.0.3") as colleague:
            assert sign_in(colleague, email, password).status_code == 302
