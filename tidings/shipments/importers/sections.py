"""The parts of a profile at work: each turns columns of cells into columns of one staging table. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import compress
from typing import Any

from tidings.customers.rules import address_key, name_words
from tidings.shipments.importers.fields import BadField, Columns, Fields
from tidings.shipments.importers.profile import CHANNELS, LEG, PIECE, SHIPMENT, Field
from tidings.shipments.importers.profile import Section as Described
from tidings.shipments.rules import number_key, number_keys

Staged = tuple[str | None, ...]
Output = dict[str, list[list[Any]]]
"""By staging table: parts to be written one after the other, each the columns of some rows."""

CUSTOMER_COLUMNS = (
    "said", "number", "name", "words", "kind", "country", "told", "contact", "contact_name", "language", "time_zone",
    "how_much", "basis", "basis_source", "services",
)  # fmt: skip
ADDRESS_COLUMNS = ("said", "channel", "value", "key", "position", "ends_at")
LINE_COLUMNS = ("line", "role", "said")
HOME_COLUMNS = ("said", "postcode", "house_number")
_PLACES = frozenset({"place", "origin", "destination", "start", "end", "corrects_place"})
_UNNUMBERED = "~"
_FORGET_PARTIES = 250_000
_KEPT_WHOLE = 120
_BETWEEN = "\x1f"  # no readable row holds it


class Section:
    """One part. `values` reads a batch, `find_bad` names the rows that cannot be taken, `put` gives staging rows.

    `beside` are columns of the shipment's own staging row, where a line says a thing at most once.
    """

    def __init__(self, table: str, described: Described, known: Mapping[str, str], fields: Fields) -> None:
        self.table = table
        self.columns: tuple[str, ...] = ()
        self.beside: tuple[str, ...] = ()
        self._described = described
        self._names = list(described)
        self._getters = [fields.getter(one, known[name]) for name, one in described.items()]

    def values(self, columns: Columns, count: int) -> list[list[Any]]:
        return [getter.values(columns, count) for getter in self._getters]

    def find_bad(self, values: list[list[Any]], bad: dict[int, BadField]) -> None:
        for getter, found in zip(self._getters, values, strict=True):
            if getter.has_bad:
                for at, value in enumerate(found):
                    if type(value) is BadField:
                        bad.setdefault(at, value)

    def put(self, lines: list[str], values: list[list[Any]], output: Output, places: set[str]) -> None:
        """Adds to `output` what the rows on `lines` say, and to `places` the places they name."""
        raise NotImplementedError

    def _must_stand(self, name: str, values: list[list[Any]], bad: dict[int, BadField]) -> None:
        column = values[self._names.index(name)]
        if None in column:
            source = _source(self._described[name], name)
            for at, value in enumerate(column):
                if value is None:
                    bad.setdefault(at, BadField(source, "missing", ""))

    def _take(
        self, values: list[list[Any]], *names: str
    ) -> tuple[list[list[Any] | None], list[str], list[list[Any]]]:
        """The columns of `names` (None where the profile has none), then the names and columns of all others."""
        by_name = dict(zip(self._names, values, strict=True))
        taken = [by_name.pop(name, None) for name in names]
        return taken, list(by_name), list(by_name.values())

    def _note_places(self, values: list[list[Any]], places: set[str]) -> None:
        for name, column in zip(self._names, values, strict=True):
            if name in _PLACES:
                places.update(column)
        places.discard(None)


class ShipmentSection(Section):
    """The shipment itself."""

    def __init__(self, described: Described, fields: Fields, same_number: bool) -> None:
        super().__init__("shipment", described, SHIPMENT, fields)
        self._needs_start = not same_number
        others = [name for name in self._names if name not in ("waybill", "master", "carrier")]
        self.columns = ("line", "waybill", "waybill_key", "master_key", "carrier", *others)

    def number_of(self, cells: Sequence[str]) -> str:
        """What a row's number is looked up by; empty where it has none that can be read."""
        try:
            return number_key(self._getters[self._names.index("waybill")].of_row(cells) or "")
        except (BadField, IndexError):
            return ""

    def find_bad(self, values: list[list[Any]], bad: dict[int, BadField]) -> None:
        super().find_bad(values, bad)
        self._must_stand("waybill", values, bad)
        if self._needs_start:
            self._must_stand("started_on", values, bad)
        by_name = dict(zip(self._names, values, strict=True))
        for name in ("cod", "value"):
            if name in by_name and None in by_name[f"{name}_currency"]:
                for at, pair in enumerate(zip(by_name[name], by_name[f"{name}_currency"], strict=True)):
                    if pair[0] is not None and pair[1] is None:
                        bad.setdefault(
                            at, BadField(_source(self._described[name], name), "amount_without_currency", "")
                        )

    def put(self, lines: list[str], values: list[list[Any]], output: Output, places: set[str]) -> None:
        self._note_places(values, places)
        (waybill, master, carrier), _, others = self._take(values, "waybill", "master", "carrier")
        count = len(lines)
        columns = [
            lines,
            waybill or [],
            number_keys(waybill or []),
            [None] * count if master is None else [m and number_key(m) for m in master],
            ["own"] * count if carrier is None else [c or "own" for c in carrier],
            *others,
        ]
        output.setdefault(self.table, []).append(columns)  # the parts after this one add their columns to it


class ReferenceSection(Section):
    """One kind of reference, the `position`-th of the profile."""

    def __init__(self, position: int, kind: str, one: Field, fields: Fields) -> None:
        super().__init__("shipment", {kind: one}, {kind: "number"}, fields)
        self.beside = (f"reference_{position}", f"reference_{position}_key")

    def put(self, lines: list[str], values: list[list[Any]], output: Output, places: set[str]) -> None:  # noqa: ARG002
        told = values[0]
        if None in told:
            keys = iter(number_keys([value for value in told if value is not None]))
            output[self.table][-1] += [told, [None if value is None else next(keys) for value in told]]
        else:
            output[self.table][-1] += [told, number_keys(told)]


class EventSection(Section):
    """An event that every row tells of, or (in a file of events) is."""

    def __init__(
        self, table: str, described: Described, known: Mapping[str, str], fields: Fields, latest: str
    ) -> None:
        super().__init__(table, described, known, fields)
        self._lone = table == "event"
        self._latest = latest
        taken = ("waybill", "carrier", "code", "kind", "happened_at")
        others = [name for name in self._names if name not in taken]
        self.columns = ("line", "waybill_key", "carrier", "code", "kind", "happened_at", *others)

    def find_bad(self, values: list[list[Any]], bad: dict[int, BadField]) -> None:
        super().find_bad(values, bad)
        if self._lone:
            self._must_stand("waybill", values, bad)
            self._must_stand("happened_at", values, bad)
        (code, kind, happened_at), _, _ = self._take(values, "code", "kind", "happened_at")
        for at, moment in enumerate(happened_at or []):
            if moment is None or type(moment) is BadField:
                continue
            if code is None or code[at] is None:
                bad.setdefault(at, BadField(_source(self._described["code"], "code"), "missing", ""))
            if moment > self._latest and (kind is None or kind[at] in (None, "actual")):
                bad.setdefault(
                    at,
                    BadField(_source(self._described["happened_at"], ""), "happened_in_the_future", moment),
                )

    def put(self, lines: list[str], values: list[list[Any]], output: Output, places: set[str]) -> None:
        self._note_places(values, places)
        taken, _, others = self._take(values, "waybill", "carrier", "code", "kind", "happened_at")
        waybill, carrier, code, kind, happened_at = taken
        count = len(lines)
        columns = [
            lines,
            [None] * count if waybill is None else number_keys(waybill),
            [None] * count if carrier is None else carrier,
            code or [],
            ["actual"] * count if kind is None else [k or "actual" for k in kind],
            happened_at or [],
            *others,
        ]
        output.setdefault(self.table, []).append(
            _where([moment is not None for moment in happened_at or []], columns)
        )


class LegSection(Section):
    """One leg that every row describes, by its place in the journey."""

    def __init__(self, position: int, described: Described, fields: Fields) -> None:
        super().__init__(f"leg:{position}", described, LEG, fields)
        self._position = position
        self.columns = ("line", "position", *self._names)

    def put(self, lines: list[str], values: list[list[Any]], output: Output, places: set[str]) -> None:
        self._note_places(values, places)
        told = [any(value is not None for value in row) for row in zip(*values, strict=True)]
        columns = [lines, [str(self._position)] * len(lines), *values]
        output.setdefault(self.table, []).append(_where(told, columns))


class PieceSection(Section):
    """A piece with a barcode of its own."""

    def __init__(self, table: str, described: Described, fields: Fields) -> None:
        super().__init__(table, described, PIECE, fields)
        self.columns = ("line", "barcode", "key", *[name for name in self._names if name != "barcode"])

    def put(self, lines: list[str], values: list[list[Any]], output: Output, places: set[str]) -> None:  # noqa: ARG002
        (barcode,), _, others = self._take(values, "barcode")
        if barcode is None:
            return
        lines, barcode, *others = _where([code is not None for code in barcode], [lines, barcode, *others])
        output.setdefault(self.table, []).append([lines, barcode, number_keys(barcode), *others])


class Count:
    """Numbers what a file says of its customers, over all roles."""

    def __init__(self) -> None:
        self.last = 0

    def next(self) -> str:
        self.last += 1
        return str(self.last)


@dataclass(frozen=True, slots=True)
class _Party:
    """What one combination of cells says of a party, until it is staged under its number."""

    customer: Staged
    home: Staged | None
    addresses: list[Staged]


class PartySection(Section):
    """One role's customer, with a contact and a ladder. Rows that say the same of it are worked out once.

    What is known is the number of what was said, kept under the cells, or a digest of long ones: a file may name hundreds
    of thousands of consignees.
    """

    def __init__(
        self, role: str, described: Described, known: Mapping[str, str], fields: Fields, profile_name: str,
        count: Count, *, position: int = 0, lines: bool = True,
    ) -> None:  # fmt: skip
        super().__init__("shipment" if position else "party", described, known, fields)
        if position:
            self.beside = (f"party_{position}",)
        self._role = role
        self._lines = lines
        self._source = f"import: {profile_name}"
        self._channels = [name for name in self._names if name in CHANNELS]
        self._at = fields.columns_of(described)
        self._width = 1 + max(self._at, default=0)
        self._count = count
        self._known: dict[str | bytes, str | BadField | None] = {}
        self._waiting: dict[str, tuple[str | bytes, _Party]] = {}

    def values(self, columns: Columns, count: int) -> list[list[Any]]:
        known, at = self._known, self._at
        if len(known) > _FORGET_PARTIES:
            known.clear()
        rows: list[tuple[str, ...]] = (
            list(zip(*[columns[i] for i in at], strict=True)) if at else [()] * count
        )
        keys: Sequence[str | bytes] = list(map(_BETWEEN.join, rows))
        if max(map(len, keys), default=0) > _KEPT_WHOLE:
            keys = [
                _digest(row) if len(key) > _KEPT_WHOLE else key for key, row in zip(keys, rows, strict=True)
            ]
        if not known.keys() >= set(keys):
            for key, row in zip(keys, rows, strict=True):
                if key not in known:
                    known[key] = self._read(key, row)
        return [list(map(known.__getitem__, keys))]

    def find_bad(self, values: list[list[Any]], bad: dict[int, BadField]) -> None:
        for at, value in enumerate(values[0]):
            if type(value) is BadField:
                bad.setdefault(at, value)

    def put(self, lines: list[str], values: list[list[Any]], output: Output, places: set[str]) -> None:  # noqa: ARG002
        said = values[0]
        if self._waiting:
            new = [(one, self._waiting.pop(one)[1]) for one in dict.fromkeys(said) if one in self._waiting]
            for table, rows in (
                ("customer", [(one, *party.customer) for one, party in new]),
                ("address", [(one, *address) for one, party in new for address in party.addresses]),
                ("home", [(one, *party.home) for one, party in new if party.home is not None]),
            ):
                if rows:
                    output.setdefault(table, []).append(list(zip(*rows, strict=True)))
            for (
                key,
                _,
            ) in self._waiting.values():  # only rejected rows said it: whoever says it again is the first
                self._known.pop(key, None)
            self._waiting.clear()
        if self.beside:
            output[self.table][-1].append(said)
        elif self._lines:
            output.setdefault(self.table, []).append([lines, [self._role] * len(lines), said])

    def _read(self, key: str | bytes, row: tuple[str, ...]) -> str | BadField | None:
        cells = [""] * self._width
        for at, cell in zip(self._at, row, strict=True):
            cells[at] = cell
        try:
            party = self._party(
                {name: get.of_row(cells) for name, get in zip(self._names, self._getters, strict=True)}
            )
        except BadField as bad:
            return bad
        if party is None:
            return None
        said = self._count.next()
        self._waiting[said] = key, party
        return said

    def _party(self, said: Mapping[str, str | None]) -> _Party | None:
        number, name = said.get("number"), said.get("name")
        addresses = [(c, value) for c in self._channels if (value := said[c]) is not None]
        if number is None:
            number = _made_number(said, addresses)
        if number is None:
            if not self._role:
                raise BadField(_source(self._described["number"], "number"), "missing", "")
            return None
        contact = said.get("contact") or "main"
        lives = (_tight(said.get("postcode")), _tight(said.get("house_number")))
        customer = self._customer(said, number, name or _name_of(number, addresses), contact)
        ladder: list[Staged] = [
            (channel, value, address_key(channel, value), str(rung), said.get("ends_at"))
            for rung, (channel, value) in enumerate(addresses)
        ]
        return _Party(customer, lives if any(lives) else None, ladder)

    def _customer(self, said: Mapping[str, str | None], number: str, name: str, contact: str) -> Staged:
        kind = said.get("kind") or ("consumer" if number.startswith(_UNNUMBERED) else None)
        receives = self._role == "consignee" or kind == "consumer"
        return (
            number, name, " ".join(name_words(name)), kind, said.get("country"), said.get("told"), contact,
            said.get("contact_name") or name, said.get("language"), said.get("time_zone"),
            said.get("how_much") or ("changes" if receives else None),
            said.get("basis") or ("legitimate_interest" if receives else "contract"),
            said.get("basis_source") or self._source, said.get("services"),
        )  # fmt: skip


def _name_of(number: str, addresses: Sequence[tuple[str, str]]) -> str:
    """Something to call a party that has no name."""
    return addresses[0][1] if number.startswith(_UNNUMBERED) and addresses else number


def _made_number(said: Mapping[str, str | None], addresses: Sequence[tuple[str, str]]) -> str | None:
    """A number for a party that has none: from its first address, else from its name and where it lives."""
    if addresses:
        channel, value = addresses[0]
        text = f"{channel}:{address_key(channel, value)}"
    elif said.get("name"):
        text = "|".join(said.get(part) or "" for part in ("name", "postcode", "house_number", "country"))
    else:
        return None
    return _UNNUMBERED + blake2b(text.encode(), digest_size=9).hexdigest()


def _where(told: Sequence[bool], columns: Sequence[list[Any]]) -> list[list[Any]]:
    """The rows of these columns of which something was told."""
    return list(columns) if all(told) else [list(compress(column, told)) for column in columns]


def _digest(cells: Sequence[str]) -> bytes:
    return blake2b(_BETWEEN.join(cells).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _tight(text: str | None) -> str:
    return "" if text is None else "".join(text.upper().split())


def _source(one: Field, otherwise: str) -> str:
    return one.columns[0] if one.columns else otherwise
