"""Bytes with holes: what is filled once for all who share it, and what is filled for each person.

A content is put together from parts. Each part that stays is looked at once, when it is made: whether every line in it ends in
CR LF and none begins with a dot. So the last look at a whole mail is a look at what is this person's own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

Encoder = Callable[[str], bytes]
Hole = tuple[Encoder, str]
OWN = frozenset({"name", "code", "link", "waybill", "your_shipments", "shipment_short", "more", "choice"})
"""Slots that hold what hardly two readers share. All others are filled once for everybody who has the same in them."""


class Parts(tuple[bytes, ...]):
    """What stands between holes. `plain`: every line in every part ends in CR LF, and no part or line begins with a dot."""

    plain: bool

    @classmethod
    def of(cls, parts: Iterable[bytes]) -> "Parts":
        made = cls(parts)
        made.plain = is_plain(made)
        return made


def is_plain(parts: Iterable[bytes]) -> bool:
    """Whether these may stand beside each other in any order as they are: no bare CR or LF, and no dot to be doubled."""
    joined = b"|".join((b"", *parts))
    if b"|." not in joined and b"\n" not in joined and b"\r" not in joined:
        return True
    breaks = joined.count(b"\r\n")
    ends = breaks == joined.count(b"\n") == joined.count(b"\r")
    return ends and b"|." not in joined and b"\r\n." not in joined


@dataclass(frozen=True, slots=True)
class Filled:
    """Bytes with holes: one more part than holes, each an (encoder, slot) that stands between two of them."""

    parts: tuple[bytes, ...]
    holes: tuple[Hole, ...] = ()

    def then(self, other: "Filled") -> "Filled":
        joint = self.parts[-1] + other.parts[0]
        return Filled((*self.parts[:-1], joint, *other.parts[1:]), self.holes + other.holes)

    def after(self, head: bytes) -> "Filled":
        return Filled((head,)).then(self)

    def before(self, tail: bytes) -> "Filled":
        return self.then(Filled((tail,)))

    def shared(self) -> Iterator[str]:
        """The slots that readers share."""
        return (slot for _, slot in self.holes if slot not in OWN)

    def own(self) -> tuple[Hole, ...]:
        return tuple((encode, slot) for encode, slot in self.holes if slot in OWN)

    def filled(self, values: Mapping[str, str]) -> Parts:
        """The parts between the holes of one's own, the others filled."""
        parts = [self.parts[0]]
        for (encode, slot), after in zip(self.holes, self.parts[1:], strict=True):
            if slot in OWN:
                parts.append(after)
            else:
                parts[-1] += encode(values[slot]) + after
        return Parts.of(parts)


def closed(parts: Parts, said: Sequence[bytes]) -> bytes:
    """The whole, with what is said in its own holes, of which a row nearly always has one: the number."""
    if len(said) == 1:
        return parts[0] + said[0] + parts[1]
    whole = [b""] * (2 * len(parts) - 1)
    whole[::2] = parts
    whole[1::2] = said
    return b"".join(whole)


def getter(slots: Iterable[str]) -> Callable[[Mapping[str, str]], tuple[str, ...]]:
    """What gives these slots' values, in C for all at once."""
    names = tuple(dict.fromkeys(slots))
    if not names:
        return lambda _: ()
    if len(names) == 1:
        return lambda values: (values[names[0]],)
    return itemgetter(*names)
