"""Finds out in which encoding a text file is written. Pure: it only reads the stream it is given, and rewinds it."""

import codecs
import re
from typing import BinaryIO

from tidings.kernel.errors import Refused

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ")
_PICTURES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\xd0\xcf\x11\xe0", b"\x7fELF", b"MZ\x90")
_NAMES = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "utf-16": "utf-16-le",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-1": "cp1252",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
}
_PAIRS = re.compile(rb"(?:[\x81-\xfe][\xa1-\xfe])+")
_HIGH = re.compile(rb"[\x80-\xff]")
_PIECE = 1 << 20
_HEAD = 1 << 16


def find_encoding(stream: BinaryIO, declared: str = "") -> tuple[str, bool]:
    """The codec's name and whether a byte order mark stands in front; the stream is left behind the mark.

    A mark wins over what was declared. Without either the whole file must be UTF-8, else pairs of high bytes mean
    GB18030 and single ones a Western code page. Raises Refused for archives, pictures and unknown names.
    """
    stream.seek(0)
    head = stream.read(_HEAD)
    _must_be_text(head)
    for mark, name in _MARKS:
        if head.startswith(mark):
            stream.seek(len(mark))
            return name, True
    name = _declared(declared) if declared else _without_mark(head, stream)
    stream.seek(0)
    return name, False


def _must_be_text(head: bytes) -> None:
    if not head:
        raise Refused("shipments.file_empty")
    if head.startswith(_ARCHIVES):
        raise Refused("shipments.file_is_archive")
    if head.startswith(_PICTURES):
        raise Refused("shipments.file_is_binary")


def _declared(name: str) -> str:
    try:
        return _NAMES[name.strip().lower().replace("_", "-")]
    except KeyError:
        raise Refused("shipments.encoding_unknown", encoding=name) from None


def _without_mark(head: bytes, stream: BinaryIO) -> str:
    if head.count(0) > len(head) // 5:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if max(even, odd) < 4 * (min(even, odd) + 1):
            raise Refused("shipments.file_is_binary")
        return "utf-16-be" if even > odd else "utf-16-le"
    doubtful = _first_not_utf8(stream)
    return "utf-8" if doubtful is None else _chinese_or_western(doubtful)


def _first_not_utf8(stream: BinaryIO) -> bytes | None:
    """The first megabyte that is not UTF-8, from the whole file; None when all of it is."""
    stream.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    while True:
        piece = stream.read(_PIECE)
        try:
            decoder.decode(piece, final=not piece)
        except UnicodeDecodeError:
            return piece
        if not piece:
            return None


def _chinese_or_western(piece: bytes) -> str:
    """Chinese text has its high bytes in pairs; Western text has single ones between ASCII letters.

    One stray byte in a file that is UTF-8 otherwise keeps it UTF-8: that row alone is rejected.
    """
    text = piece.decode("utf-8", "surrogateescape")
    stray = sum(1 for c in text if "\udc80" <= c <= "\udcff")
    sound = sum(1 for c in text if c > "\x7f") - stray
    if sound > 4 * stray:
        return "utf-8"
    paired = sum(len(run) for run in _PAIRS.findall(piece))
    return "gb18030" if paired > 0.8 * len(_HIGH.findall(piece)) else "cp1252"
