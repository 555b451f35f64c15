"""What WeChat's servers say to us: whether it is theirs, and what stands in it. Holds no channel.

developers.weixin.qq.com, 公众号: "接入指南" (signature of token, timestamp and nonce), "消息加解密说明" (AES-256-CBC, msg_signature);
read 2026-12. The plain form signs no content; with the key for encryption only what was encrypted under it is believed.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from xml.parsers import expat

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tidings.messaging.channels.base import Forged, Incoming
from tidings.messaging.channels.texting import check_same

_LARGEST = 256 * 1024


def signature(*parts: str) -> str:
    """SHA-1 of the parts in order, joined."""
    return hashlib.sha1("".join(sorted(parts)).encode("utf-8", "replace")).hexdigest()  # noqa: S324 - theirs


def fields_of(came: Incoming, token: str, aes_key: str) -> Mapping[str, str]:
    """The fields of what came in, empty for a handshake. Raises Forged."""
    if not token:
        raise Forged("messaging.forged")
    timestamp, nonce = came.query.get("timestamp", ""), came.query.get("nonce", "")
    if came.method == "GET":
        check_same(came.query.get("signature", ""), signature(token, timestamp, nonce))
        return {}
    if not aes_key:
        check_same(came.query.get("signature", ""), signature(token, timestamp, nonce))
        return fields_in(came.body)
    sealed = fields_in(came.body).get("Encrypt", "")
    check_same(came.query.get("msg_signature", ""), signature(token, timestamp, nonce, sealed))
    return fields_in(opened(sealed, aes_key))


def opened(sealed: str, aes_key: str) -> bytes:
    """What was encrypted: 16 random bytes, its length, and whose account it is go before and after it. Raises Forged."""
    try:
        key, content = base64.b64decode(f"{aes_key}="), base64.b64decode(sealed)
        cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        plain = cipher.update(content) + cipher.finalize()
    except (ValueError, binascii.Error):
        raise Forged("messaging.forged") from None
    length = int.from_bytes(plain[16:20], "big")
    if len(plain) < 20 + length:
        raise Forged("messaging.forged")
    return plain[20 : 20 + length]


def fields_in(body: bytes) -> Mapping[str, str]:
    """The text of each element that holds no other, the last of a name; empty for what is no such document.

    A document type, and with it every entity, is refused before it is read.
    """
    if len(body) > _LARGEST:
        return {}
    found: dict[str, str] = {}
    open_names: list[str] = []
    held: list[str] = []

    def begun(name: str, _: object) -> None:
        open_names.append(name)
        held.clear()

    def ended(name: str) -> None:
        open_names.pop()
        if held and open_names:
            found[name] = "".join(held).strip()
        held.clear()

    def refused(*_: object) -> None:
        raise ValueError

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begun, ended
    parser.CharacterDataHandler = held.append
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refused
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError):
        return {}
    return found
