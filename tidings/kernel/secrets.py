"""What must not be readable in the database or a backup. The master key lies in a file outside `TIDINGS_HOME`.

The file holds one key a line, newest last: `<key id> <64 hex digits>`. Every ciphertext names its key, so old ones stay
readable after a rotation until they are sealed again. One key per purpose is derived, so no purpose can read another's.
"""

import hashlib
import os
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION = b"\x01"
_ID_BYTES = 4
_NONCE_BYTES = 12
_FORMAT_BYTES = len(_VERSION) + _ID_BYTES


class KeyFileFailed(Exception):
    """The key file is missing, misplaced or unreadable; the message is one sentence for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Key:
    """One master key; its id is derived from it and tells nothing about it."""

    id: bytes
    secret: bytes


def default_key_file(home: Path) -> Path:
    """Where the key of the installation in `home` lies unless `TIDINGS_KEY_FILE` says otherwise."""
    mark = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:10]
    if os.geteuid() == 0:
        return Path("/etc/tidings") / f"{mark}.key"
    config = os.environ.get("XDG_CONFIG_HOME")
    return (Path(config) if config else Path.home() / ".config") / "tidings" / f"{mark}.key"


def key_path(home: Path, chosen: Path | None) -> Path:
    """The path of an installation's key file; nothing is read or made. Raises KeyFileFailed when it lies inside `home`."""
    path = (chosen or default_key_file(home)).absolute()
    if path.resolve().is_relative_to(home.resolve()):
        raise KeyFileFailed(
            f"The key file {path} lies inside {home}, and so in every backup of it; set TIDINGS_KEY_FILE to a place outside."
        )
    return path


def ensure_key_file(home: Path, path: Path) -> None:
    """Makes the key file where there is none yet, and checks that it belongs to `home`. Raises KeyFileFailed.

    `home/key-id` remembers which key belongs to the data: a lost key file is never silently replaced by a new one.
    """
    known = _known_key(home)  # before looking for the file: who wrote this had made that
    if not path.exists():
        if known is not None:
            raise KeyFileFailed(
                f"The key file {path} of this installation is missing; put it back from where you keep its copy."
            )
        _make(path)
    keys = read_keys(path)
    if known is None:
        home.mkdir(parents=True, exist_ok=True)
        _remember_key(home, keys[0])
    elif known not in {key.id.hex() for key in keys}:
        raise KeyFileFailed(f"The key file {path} belongs to another installation than {home}.")


def read_keys(path: Path) -> list[Key]:
    """The keys of a file, oldest first. Raises KeyFileFailed."""
    try:
        lines = path.read_text().split("\n")
    except OSError as wrong:
        raise KeyFileFailed(f"The key file {path} cannot be read: {wrong.strerror}.") from None
    keys = []
    for line in filter(None, (line.strip() for line in lines)):
        mark, _, digits = line.partition(" ")
        try:
            key = _key(bytes.fromhex(digits))
        except ValueError:
            raise KeyFileFailed(f"The key file {path} holds a line that is no key.") from None
        if len(key.secret) != 32 or key.id.hex() != mark:
            raise KeyFileFailed(f"The key {mark} in {path} is damaged.")
        keys.append(key)
    if not keys:
        raise KeyFileFailed(f"The key file {path} is empty.")
    return keys


def add_key(path: Path) -> Key:
    """Puts a new key behind the old ones; from now on everything is sealed with it. The old ones stay readable."""
    keys = [*read_keys(path), _key(os.urandom(32))]
    _write(path, keys)
    return keys[-1]


def drop_keys(path: Path, home: Path) -> list[Key]:
    """Leaves only the newest key, and gives those dropped. What they still seal is lost: seal everything again before."""
    *old, newest = read_keys(path)
    _remember_key(home, newest)
    _write(path, [newest])
    return old


def seal(purpose: str, plain: bytes) -> bytes:
    """Encrypts for one purpose such as "channel.settings" (AES-256-GCM; the purpose is bound in)."""
    key, nonce = own_keys()[-1], os.urandom(_NONCE_BYTES)
    head = _VERSION + key.id
    return head + nonce + AESGCM(_derived(key.secret, purpose)).encrypt(nonce, plain, head + purpose.encode())


def unseal(purpose: str, sealed: bytes) -> bytes:
    """The plain bytes. Raises KeyFileFailed when its key is not in the key file, or it was changed or meant for another purpose."""
    head, nonce = sealed[:_FORMAT_BYTES], sealed[_FORMAT_BYTES : _FORMAT_BYTES + _NONCE_BYTES]
    key = {key.id: key for key in own_keys()}.get(key_of(sealed))
    if head[: len(_VERSION)] != _VERSION or key is None:
        raise KeyFileFailed(
            f"A secret was sealed with the key {head[1:].hex()}, which the key file does not hold."
        )
    try:
        return AESGCM(_derived(key.secret, purpose)).decrypt(
            nonce, sealed[_FORMAT_BYTES + _NONCE_BYTES :], head + purpose.encode()
        )
    except (InvalidTag, ValueError):
        raise KeyFileFailed(f"A secret for {purpose} was changed since it was sealed.") from None


def subkey(purpose: str) -> bytes:
    """32 bytes for signing within one purpose, from the newest key."""
    return subkeys(purpose)[0]


def subkeys(purpose: str) -> list[bytes]:
    """The same from every key, newest first: what was signed before a rotation is still recognised."""
    return [_derived(key.secret, f"subkey:{purpose}") for key in reversed(own_keys())]


def key_of(sealed: bytes) -> bytes:
    """The id of the key that a ciphertext was sealed with."""
    return sealed[len(_VERSION) : _FORMAT_BYTES]


def own_keys() -> list[Key]:
    """The keys of this installation, oldest first, as the file says now: another process may have rotated them."""
    from django.conf import settings  # here: the settings themselves are made with this module

    path: Path = settings.TIDINGS_KEY_FILE
    ensured = _ensured(settings.TIDINGS_HOME, path)
    try:
        return _keys(ensured, path.stat().st_mtime_ns)
    except OSError as wrong:
        raise KeyFileFailed(f"The key file {path} cannot be read: {wrong.strerror}.") from None


@cache
def _ensured(home: Path, path: Path) -> Path:
    ensure_key_file(home, path)
    return path


@lru_cache(maxsize=2)
def _keys(path: Path, changed_ns: int) -> list[Key]:  # noqa: ARG001 - part of what is remembered
    return read_keys(path)


def _known_key(home: Path) -> str | None:
    try:
        return (home / "key-id").read_text().strip()
    except FileNotFoundError:
        return None


def _remember_key(home: Path, key: Key) -> None:
    partial = home / f"key-id.{os.urandom(6).hex()}"
    partial.write_text(key.id.hex() + "\n")
    partial.replace(home / "key-id")


def _key(secret: bytes) -> Key:
    return Key(hashlib.sha256(b"tidings key id" + secret).digest()[:_ID_BYTES], secret)


@cache
def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"tidings:" + purpose.encode()).derive(secret)


def _make(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(path, [_key(os.urandom(32))], replace=False)
    except OSError as wrong:
        raise KeyFileFailed(
            f"The key file {path} cannot be made: {wrong.strerror}. Set TIDINGS_KEY_FILE to a place that can be written."
        ) from None


def _write(path: Path, keys: list[Key], replace: bool = True) -> None:
    partial = path.with_name(f"{path.name}.{os.urandom(6).hex()}")
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:  # noqa: PTH123 - a mode from the start
        out.writelines(f"{key.id.hex()} {key.secret.hex()}\n" for key in keys)
        out.flush()
        os.fsync(out.fileno())
    try:
        if replace:
            partial.replace(path)
        else:
            path.hardlink_to(partial)  # fails where another process was first, whose key then counts
    except FileExistsError:
        pass
    finally:
        partial.unlink(missing_ok=True)
