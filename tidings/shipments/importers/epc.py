"""Identifiers of GS1: an EPC as a URN (EPC Tag Data Standard 2.0, section 6, read 2026-11) or a Digital Link (GS1 Digital Link:
URI Syntax 1.3, section 4, read 2026-11) as the digits that stand in a barcode, so that one thing has one number. Pure.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

CONSIGNMENTS = frozenset({"ginc", "gsin"})
"""What names a consignment or shipment as a whole, like a waybill, instead of a thing that is moved."""

_KEYS = {
    "00": "sscc",
    "01": "sgtin",
    "8003": "grai",
    "8004": "giai",
    "401": "ginc",
    "402": "gsin",
    "414": "sgln",
}
_DIGITS = {"sgtin": 13, "sscc": 17, "grai": 12, "gsin": 16, "sgln": 12}
_URN = re.compile(r"urn:epc:id:([a-z]+):(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Identifier:
    """What is named (`sscc`, `sgtin`, `grai`, `giai`, `ginc`, `gsin`, `sgln`, `other`) and its number as a scanner reads it."""

    kind: str
    number: str


def identifier(uri: str) -> Identifier:
    """The number behind a URI; one of no scheme that we read stays as it is written. Raises ValueError for a broken one."""
    if urn := _URN.fullmatch(uri):
        return _of_urn(urn[1].lower(), unquote(urn[2]), uri)
    if uri.lower().startswith(("http://", "https://")) and (found := _of_link(uri)):
        return found
    return Identifier("other", uri)


def place_code(uri: str) -> str:
    """The code of a place: its GLN, with the extension where it is a part of one (`4012345000115.400`); of any other URI the
    last part, so that a firm may name its places by addresses of its own. Empty for bare coordinates. Raises ValueError."""
    if uri.lower().startswith("geo:"):
        return ""
    found = identifier(uri)
    if found.kind == "sgln":
        return found.number
    return unquote(re.split(r"[/:#]", uri.rstrip("/"))[-1])


def check_digit(digits: str) -> str:
    """The last digit of a GS1 key (GS1 General Specifications 24, section 7.9, read 2026-11)."""
    total = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _of_urn(scheme: str, rest: str, uri: str) -> Identifier:
    prefix, _, more = rest.partition(".")
    reference, _, serial = more.partition(".")
    if scheme not in _KEYS.values():
        return Identifier("other", uri)
    if scheme in ("giai", "ginc"):
        if not prefix.isdigit() or not more:
            raise ValueError(uri)
        return Identifier(scheme, ("8004" if scheme == "giai" else "") + prefix + more)
    digits = reference[:1] + prefix + reference[1:] if scheme in ("sgtin", "sscc") else prefix + reference
    if not digits.isascii() or not digits.isdigit() or len(digits) != _DIGITS[scheme]:
        raise ValueError(uri)
    return _numbered(scheme, digits + check_digit(digits), serial)


def _of_link(uri: str) -> Identifier | None:
    parts = [unquote(part) for part in urlsplit(uri).path.split("/") if part]
    for at, key in enumerate(parts[:-1]):
        scheme = _KEYS.get(key)
        if scheme is None:
            continue
        value = parts[at + 1]
        more = dict(zip(parts[at + 2 :: 2], parts[at + 3 :: 2], strict=False))
        if scheme in ("giai", "ginc"):
            return Identifier(scheme, ("8004" if scheme == "giai" else "") + value)
        if scheme == "grai":
            return _link_number(scheme, value[1:14] if len(value) >= 14 else "", value[14:], uri)
        whole = value.zfill(14) if scheme == "sgtin" and len(value) in (8, 12, 13, 14) else value
        return _link_number(scheme, whole, more.get("21" if scheme == "sgtin" else "254", ""), uri)
    return None


def _link_number(scheme: str, key: str, serial: str, uri: str) -> Identifier:
    """The check digit is taken as it stands: real documents hold wrong ones, and a barcode would hold the same."""
    if not key.isascii() or not key.isdigit() or len(key) != _DIGITS[scheme] + 1:
        raise ValueError(uri)
    return _numbered(scheme, key, serial)


def _numbered(scheme: str, key: str, serial: str) -> Identifier:
    """The key with its application identifier, as a GS1-128 barcode is read; a place and a shipment go by the key alone."""
    if scheme == "sgln":
        return Identifier(scheme, f"{key}.{serial}" if serial not in ("", "0") else key)
    if scheme == "gsin":
        return Identifier(scheme, key)
    before = {"sscc": "00", "sgtin": "01", "grai": "80030"}[scheme]
    return Identifier(scheme, before + key + ("21" + serial if scheme == "sgtin" and serial else serial))
