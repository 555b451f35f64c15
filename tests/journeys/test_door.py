"""What stands at the door of an installation: a reverse proxy as our own page describes it, what people send, a full disk."""

import contextlib
import csv
import datetime
import html
import io
import os
import re
import select
import shutil
import socket
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.processes import free_port
from tests.stack import CHECKOUT, Stack, within

RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
PAGE = CHECKOUT / "docs" / "install" / "production.md"
DISK_BYTES = 600_000_000
needs_nginx = pytest.mark.skipif(not NGINX, reason="no nginx: install the package `nginx-light`")


@pytest.fixture(scope="module")
def disk() -> Iterator[Path]:
    """A small file system of its own where this account may mount one; else a folder."""
    folder = Path(tempfile.mkdtemp(prefix="tidings-test-")).resolve()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=755", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
    folder.chmod(0o755)
    yield folder
    if mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def firm(disk: Path) -> Iterator[Stack]:
    """A whole installation as it stands behind a proxy; its temporary files lie on the same disk."""
    temporary = disk / "temporary"
    temporary.mkdir()
    settings = {"TIDINGS_HTTPS": "true", "TIDINGS_TRUSTED_PROXIES": "127.0.0.1", "TMPDIR": str(temporary)}
    port = free_port()
    started = Stack(disk / "home", port, {**settings, "TIDINGS_CATCHER_PORT": str(free_port())})
    try:
        started.start()
        yield started
    finally:
        started.end()


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


@contextmanager
def signed_in(firm: Stack, role: str) -> Iterator[httpx.Client]:
    """A browser at the pages themselves. Its cookies are secure, so it says what a proxy would say: https."""
    with client(f"http://127.0.0.1:{firm.port}", **{"X-Forwarded-Proto": "https"}) as browser:
        browser.headers["Referer"] = f"https://127.0.0.1:{firm.port}/"
        page = browser.get("/account/login/")
        _keep_cookies(browser, page)
        email, password = firm.people[role]
        form = {"login": email, "password": password, "csrfmiddlewaretoken": _token(page)}
        answer = browser.post("/account/login/", data=form)
        assert answer.status_code == 302, answer.text
        _keep_cookies(browser, answer)
        yield browser


def _keep_cookies(browser: httpx.Client, answer: httpx.Response) -> None:
    given = [cookie.partition(";")[0] for cookie in answer.headers.get_list("set-cookie")]
    browser.headers["Cookie"] = "; ".join(filter(None, [browser.headers.get("Cookie", ""), *given]))


def _token(page: httpx.Response) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert found, page.text
    return found[1]


def upload(browser: httpx.Client, name: str, content: bytes) -> httpx.Response:
    token = _token(browser.get("/shipments/import/"))
    form = {"csrfmiddlewaretoken": token}
    return browser.post("/shipments/import/", data=form, files={"file": (name, content)})


def words_of(answer: httpx.Response) -> str:
    return html.unescape(re.sub(r"<[^>]+>|\s+", " ", answer.text))


def test_two_gigabytes_are_refused_before_they_are_taken(firm: Stack, disk: Path) -> None:
    with signed_in(firm, "dispatcher") as browser:
        cookies = browser.headers["Cookie"]
    status, taken = _pour(firm.port, f"Content-Length: {2 << 30}\r\nCookie: {cookies}", announced=True)
    assert (status, taken) == (413, 0)
    status, taken = _pour(
        firm.port, "Transfer-Encoding: chunked\r\nCookie: sessionid=made-up", announced=False
    )
    assert status == 413
    assert taken < 40 << 20, "10 MB, and what the sockets of both sides hold"
    assert not [path for path in (disk / "temporary").rglob("*") if path.is_file()]


def _pour(port: int, header: str, announced: bool) -> tuple[int, int]:
    """Sends up to 2 GB as long as they are taken; gives the answer's status and how much went out before it."""
    piece = b"x" * (1 << 20)
    framed = piece if announced else b"100000\r\n" + piece + b"\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as sent:
        head = f"POST /shipments/import/ HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n"
        sent.sendall(head.encode())
        taken = 0
        if not announced:
            with contextlib.suppress(ConnectionError):  # closed by the server, which has answered
                while taken < 2 << 30 and not select.select([sent], [], [], 0)[0]:
                    sent.sendall(framed)
                    taken += len(piece)
        answer = sent.recv(4096).decode()
    return int(answer.split()[1]), taken


def test_bombs_formulas_and_scripts_that_people_send_stay_what_they_are(firm: Stack) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("shipments.csv", b"0" * 50_000_000)
    with signed_in(firm, "dispatcher") as browser:
        refused = upload(browser, "shipments.csv", packed.getvalue())
        assert refused.status_code == 422
        assert "could not be done (" not in words_of(refused), "it has words of its own"

        taken = upload(browser, "<script>alert(1).csv", b"waybill,customer\nX-1,=1+1\n")
        assert taken.status_code == 302, words_of(taken)
        page = browser.get(taken.headers["location"])
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<script>alert(1).csv" in html.unescape(page.text)

        profile = browser.get("/people/profile/")
        form = {"name": "=HYPERLINK(A1)", "language": "en", "time_zone": "Europe/Amsterdam"}
        changed = browser.post("/people/profile/", data={**form, "csrfmiddlewaretoken": _token(profile)})
        assert changed.status_code == 302, words_of(changed)
    with signed_in(firm, "administrator") as browser:
        exported = browser.get("/people/", params={"export": "csv"})
        assert [row[0] for row in csv.reader(exported.text.splitlines()) if "HYPERLINK" in row[0]] == [
            "'=HYPERLINK(A1)"
        ]


def test_a_full_disk_is_told_in_one_sentence_everywhere_and_ends_with_room(
    firm: Stack, disk: Path, tmp_path: Path
) -> None:
    if not disk.is_mount():
        pytest.skip("this account may not mount a small file system")
    assert firm.command("sample", str(tmp_path), "--shipments", "2000").returncode == 0
    filler = disk / "filler"
    with signed_in(firm, "dispatcher") as browser:
        with pytest.raises(OSError, match="No space left"), filler.open("wb") as out:
            while True:
                out.write(b"x" * (1 << 16))
        answer = upload(browser, "shipments.csv", (tmp_path / "shipments.csv").read_bytes())
        assert answer.status_code == 503
        assert "A disk is full" in words_of(answer)
        for command in (
            ("import", "shipments", str(tmp_path / "shipments.csv"), "--profile", "sample"),
            ("db", "backup", str(disk / "backup.tar"), "--recipient", RECIPIENT),
        ):
            told = firm.command(*command)
            assert told.returncode == 1
            assert len(told.stderr.strip().splitlines()) == 1, told.stderr
            assert "is full" in told.stderr, told.stderr
        filler.unlink()
        assert not (disk / "backup.tar.partial").exists()
    told = firm.command("import", "shipments", str(tmp_path / "shipments.csv"), "--profile", "sample")
    assert told.returncode == 0, told.stderr
