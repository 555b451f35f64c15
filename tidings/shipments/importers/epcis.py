"""EPCIS 2.0 as JSON-LD (GS1 EPCIS 2.0, sections 7 and 12; CBV 2.0, sections 7.1, 7.2, 7.3; read 2026-11): documents, query
documents and bare events. One row per thing that an event names. A document with a fault is refused whole, with the JSON path to it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO

from tidings.kernel.errors import Refused
from tidings.shipments.importers.base import Declared, Dialect, Reader, Row, Table
from tidings.shipments.importers.epc import CONSIGNMENTS, Identifier, identifier, place_code
from tidings.shipments.importers.objects import Rows, csv_writer, read_json

COLUMNS = (
    "event", "eventID", "type", "action", "what", "bizStep", "disposition", "eventTime", "recordTime", "place", "readPoint",
    "bizLocation", "consignment", "number", "piece", "bol", "desadv", "po", "corrects_what", "corrects_at", "corrects_place",
)  # fmt: skip
"""`what` is the disposition where it tells of harm, else the step; `number` the thing's own, `consignment` that of the whole."""

ERROR = "error_declared"
_CONTEXT = "epcis-context.jsonld"
_CBV = re.compile(
    r"(https?://ref\.gs1\.org/cbv/(BizStep|Disp|BTT)-|urn:epcglobal:cbv:(bizstep|disp|btt):)", re.IGNORECASE
)
_PREFIXES = {"cbv": "https://ref.gs1.org/cbv/", "gs1": "https://ref.gs1.org/voc/"}
_HARM = frozenset({"damaged", "destroyed", "disposed", "recalled", "returned", "stolen"})
_THINGS = {
    "ObjectEvent": ("epcList",),
    "AggregationEvent": ("parentID", "childEPCs"),
    "AssociationEvent": ("parentID", "childEPCs"),
    "TransactionEvent": ("parentID", "epcList"),
    "TransformationEvent": ("inputEPCList", "outputEPCList"),
}
_ACTIONS = ("ADD", "OBSERVE", "DELETE")
_OFFSET = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d")


class Epcis(Reader):
    """A document, a query's answer, one event, or a list of events."""

    code = "epcis"
    suffixes = (".json", ".jsonld")
    whole = True

    def open(self, stream: BinaryIO, declared: Declared) -> Table:  # noqa: ARG002 - JSON declares itself
        read = read_json(stream)
        rows: list[Row] = []
        for path, event, prefixes in _events(read):
            for cells in _Event(path, event, prefixes).rows():
                rows.append(Row(len(rows) + 1, cells))
        return Rows(list(COLUMNS), rows, stream.tell())

    def writer(self, dialect: Dialect, out: BinaryIO) -> Callable[[Sequence[str]], None]:
        return csv_writer(dialect, out)


def _events(read: Any) -> Iterator[tuple[str, Any, Mapping[str, str]]]:
    """Each event with its path and the prefixes that hold for it."""
    if isinstance(read, list):
        for at, one in enumerate(read):
            yield f"$[{at}]", one, _prefixes(one, f"$[{at}]", {})
        return
    kind = _needed(read, "type", "$")
    prefixes = _prefixes(read, "$", {})
    if kind in _THINGS:
        yield "$", read, prefixes
        return
    if kind not in ("EPCISDocument", "EPCISQueryDocument"):
        raise _fault("$.type", "not_one_of")
    if not str(read.get("schemaVersion", "")).startswith("2"):
        raise _fault("$.schemaVersion", "not_version_two")
    body, path = _object(read.get("epcisBody"), "$.epcisBody"), "$.epcisBody"
    if kind == "EPCISQueryDocument":
        results = _object(body.get("queryResults"), f"{path}.queryResults")
        path = f"{path}.queryResults.resultsBody"
        body = _object(results.get("resultsBody"), path)
    for at, one in enumerate(_list(body.get("eventList"), f"{path}.eventList")):
        here = f"{path}.eventList[{at}]"
        yield here, one, {**prefixes, **_given_prefixes(one)}


class _Event:
    """One event, checked as it is read."""

    def __init__(self, path: str, event: Any, prefixes: Mapping[str, str]) -> None:
        self._path, self._event, self._prefixes = path, _object(event, path), prefixes

    def rows(self) -> Iterator[list[str]]:
        event, path = self._event, self._path
        kind = _needed(event, "type", path)
        if kind not in _THINGS:
            raise _fault(f"{path}.type", "not_one_of")
        happened_at = _moment(_needed(event, "eventTime", path), f"{path}.eventTime")
        if not _OFFSET.fullmatch(_needed(event, "eventTimeZoneOffset", path)):
            raise _fault(f"{path}.eventTimeZoneOffset", "not_an_offset")
        if kind != "TransformationEvent" and _needed(event, "action", path) not in _ACTIONS:
            raise _fault(f"{path}.action", "not_one_of")
        fixed = {"event": path, "type": kind, **self._told(happened_at), **self._documents()}
        things = list(self._things(kind))
        whole = next((one.number for one in things if one.kind in CONSIGNMENTS), fixed["bol"])
        moved = [one for one in things if one.kind not in CONSIGNMENTS]
        for thing in moved or [Identifier("", "")]:
            cells = {**fixed, "consignment": whole, "number": thing.number, "piece": thing.number}
            yield [cells.get(name, "") for name in COLUMNS]

    def _told(self, happened_at: str) -> dict[str, str]:
        """What happened, when and where; of an event that is declared an error, that it is taken back."""
        step, disposition = self._word("bizStep"), self._word("disposition")
        what = disposition if disposition in _HARM or not step else step
        read_point, location = self._place("readPoint"), self._place("bizLocation")
        recorded = self._text("recordTime")
        told = {
            "eventID": self._text("eventID"),
            "action": self._text("action"),
            "what": what,
            "bizStep": step,
            "disposition": disposition,
            "eventTime": happened_at,
            "recordTime": _moment(recorded, f"{self._path}.recordTime") if recorded else "",
            "readPoint": read_point,
            "bizLocation": location,
            "place": location or read_point,
        }
        return told | self._correction(told) if "errorDeclaration" in self._event else told

    def _correction(self, told: Mapping[str, str]) -> dict[str, str]:
        path = f"{self._path}.errorDeclaration"
        declared = _object(self._event["errorDeclaration"], path)
        at = _moment(_needed(declared, "declarationTime", path), f"{path}.declarationTime")
        return {
            "what": ERROR,
            "recordTime": at,
            "corrects_what": told["what"],
            "corrects_at": told["eventTime"],
            "corrects_place": told["place"],
        }

    def _things(self, kind: str) -> Iterator[Identifier]:
        for name in _THINGS[kind]:
            found, path = self._event.get(name), f"{self._path}.{name}"
            if found is None:
                continue
            if name == "parentID":
                yield _identified(found, path)
                continue
            for at, one in enumerate(_list(found, path)):
                yield _identified(one, f"{path}[{at}]")

    def _documents(self) -> dict[str, str]:
        """The number of the bill of lading, despatch advice and order that the event names, the first of each."""
        found = dict.fromkeys(("bol", "desadv", "po"), "")
        path = f"{self._path}.bizTransactionList"
        for at, one in enumerate(_list(self._event.get("bizTransactionList", []), path)):
            here = f"{path}[{at}]"
            number = _needed(_object(one, here), "bizTransaction", here)
            kind = self._short(str(one.get("type", "")))
            if kind in found and not found[kind]:
                found[kind] = re.split(r"[/:]", number.rstrip("/"))[-1]
        return found

    def _place(self, name: str) -> str:
        if name not in self._event:
            return ""
        path = f"{self._path}.{name}"
        uri = _needed(_object(self._event[name], path), "id", path)
        try:
            return place_code(uri)
        except ValueError:
            raise _fault(f"{path}.id", "not_an_identifier") from None

    def _word(self, name: str) -> str:
        return self._short(self._text(name))

    def _text(self, name: str) -> str:
        found = self._event.get(name, "")
        if not isinstance(found, str):
            raise _fault(f"{self._path}.{name}", "not_text")
        return found

    def _short(self, word: str) -> str:
        """A word of the vocabulary by its own name, whether written bare, as CURIE, URI or URN; of others the whole URI."""
        prefix, colon, rest = word.partition(":")
        if colon and prefix in self._prefixes:
            word = self._prefixes[prefix] + rest
        return _CBV.sub("", word)


def _prefixes(read: Any, path: str, before: Mapping[str, str]) -> dict[str, str]:
    """The prefixes of a document or bare event. Raises Refused where it does not say that it is EPCIS."""
    context = _object(read, path).get("@context")
    named = context if isinstance(context, list) else [context]
    if not any(isinstance(one, str) and one.endswith(_CONTEXT) for one in named):
        raise _fault(f"{path}.@context", "no_context")
    return {**_PREFIXES, **before, **_given_prefixes(read)}


def _given_prefixes(read: Any) -> dict[str, str]:
    context = read.get("@context") if isinstance(read, dict) else None
    named = context if isinstance(context, list) else [context]
    return {
        str(prefix): uri
        for one in named
        if isinstance(one, dict)
        for prefix, uri in one.items()
        if isinstance(uri, str)
    }


def _identified(uri: Any, path: str) -> Identifier:
    if not isinstance(uri, str) or ":" not in uri:
        raise _fault(path, "not_an_identifier")
    try:
        return identifier(uri)
    except ValueError:
        raise _fault(path, "not_an_identifier") from None


def _moment(text: str, path: str) -> str:
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError(text)
        return at.astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        raise _fault(path, "not_a_moment") from None


def _needed(read: Any, name: str, path: str) -> str:
    found = _object(read, path).get(name)
    if found is None or found == "":
        raise _fault(f"{path}.{name}", "required")
    if not isinstance(found, str):
        raise _fault(f"{path}.{name}", "not_text")
    return found


def _object(read: Any, path: str) -> dict[str, Any]:
    if read is None:
        raise _fault(path, "required")
    if not isinstance(read, dict):
        raise _fault(path, "not_an_object")
    return read


def _list(read: Any, path: str) -> list[Any]:
    if read is None:
        raise _fault(path, "required")
    if not isinstance(read, list):
        raise _fault(path, "not_a_list")
    return read


def _fault(path: str, why: str) -> Refused:
    return Refused("shipments.epcis_wrong", at=path, why=f"epcis.{why}")
