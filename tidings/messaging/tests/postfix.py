"""A Postfix of the test's own, in a temporary folder, that passes on to a given port. Needs root and Debian's postfix."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example.org
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
smtp_host_lookup = native
alias_maps =
default_transport = smtp:[127.0.0.1]:{onward}
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
"""
_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@contextmanager
def postfix(onward: int, comes_back: int = 0, domain: str = "") -> Iterator[int]:
    """Hands what is for `domain`, as what comes back is, to LMTP at `comes_back`. Gives the port it listens on; skips, saying why, where there is none or we are not root."""
    if os.geteuid() != 0:
        pytest.skip("a Postfix of one's own can be started by root only")
    if shutil.which("postfix") is None:
        pytest.skip("needs Debian's postfix package")
    folder = Path(tempfile.mkdtemp(prefix="tidings-postfix-"))
    folder.chmod(0o755)
    port = _free_port()
    for name in ("etc", "queue", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    back = (
        f"transport_maps = inline:{{ {{ {domain} = lmtp:[127.0.0.1]:{comes_back} }} }}\n"
        if comes_back
        else ""
    )
    (folder / "etc" / "main.cf").write_text(_MAIN.format(folder=folder, onward=onward) + back)
    (folder / "etc" / "master.cf").write_text(_MASTER.format(port=port))
    command = ["postfix", "-c", str(folder / "etc")]
    try:
        started = subprocess.run([*command, "start"], capture_output=True, text=True, timeout=30)
        if started.returncode:
            pytest.skip(f"this machine's postfix does not start: {started.stderr[-200:]}")
        _wait_for(port)
        yield port
    finally:
        subprocess.run([*command, "stop"], capture_output=True, timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as opened:
                opened.recv(1)
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
